package genesys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

// A member that no look-up finds may be inactive, because filters find active users only. The list of inactive users shows them.
func TestAnInactiveMemberIsFound(t *testing.T) {
	f := newFake(t, func(req *http.Request) *http.Response {
		q := req.URL.Query()
		switch filter := q.Get("filter"); {
		case filter == "":
			return listing(10_000, 500, users(1, 500, true))(q)
		case filter == "active eq false":
			return listing(1, 25, users(9001, 9001, false))(q)
		case strings.HasPrefix(filter, "userName eq"):
			return listing(1, 25, users(7, 7, true))(q)
		}
		return listing(0, 25, nil)(q)
	})
	accounts, err := genesys.NewReader(f.conn()).Accounts(t.Context(), genesys.AccountsOptions{
		Keys: membership.DefaultKeys(),
		Exact: func() (membership.Lookup, error) {
			return membership.Lookup{UserNames: []string{"p7@contoso.example"}, IDs: []string{"u9001"}}, nil
		},
	})
	if err != nil || accounts.Whole || len(accounts.List) != 2 || accounts.List[1].ID != "u9001" || accounts.List[1].Active {
		t.Errorf("%+v, %v; want the active u0007 and the inactive u9001", accounts, err)
	}
}
