package genesys

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/scim"
)

// The vendor's twin trees: a list of groups needs no filter on the first, and one group is read and written on the
// second. Segments are lower case, as in all of the vendor's SDKs.
const (
	groupListPath = "/api/v2/scim/groups"
	groupPath     = "/api/v2/scim/v2/groups/"
	userListPath  = "/api/v2/scim/v2/users"
)

// Reader reads from an org and cannot write to it. It is safe for concurrent use.
type Reader struct {
	conn *Conn
	ids  *sharedIDs

	mu     sync.Mutex
	groups int // how many there are; 0 until a list has said so
}

// NewReader returns a reader. What it learns about the number of groups holds for as long as it lives, and what it learns about the
// sizes of pages for as long as the connection does.
func NewReader(conn *Conn) *Reader {
	return &Reader{conn: conn, ids: &sharedIDs{known: map[string]string{}}}
}

// Host names the org's API host.
func (r *Reader) Host() string { return r.conn.Host() }

// SignIn signs in, unless a token is at hand, before many requests want to.
func (r *Reader) SignIn(ctx context.Context) error {
	_, err := r.conn.tokens.Get(ctx)
	return err
}

// Group reads one group, with its members and the version that a write needs.
func (r *Reader) Group(ctx context.Context, id string) (membership.Group, error) {
	what := fmt.Sprintf("Genesys group %s: reading it", id)
	var g membership.Group
	answer, err := r.conn.api.Do(ctx, rest.Request{Method: http.MethodGet, Path: groupPath + url.PathEscape(id), Header: accept()}, func(dec *jsontext.Decoder) (err error) {
		g, err = scim.ReadGroup(dec)
		return err
	})
	if err == nil && g.ID != id {
		err = fmt.Errorf("group %s came instead", g.ID)
	}
	if err != nil {
		return membership.Group{}, readFailure(what, ownIDs(err, answer))
	}
	g.Version = cmp.Or(scim.EntityTag(answer.Header.Get("ETag")), g.Version)
	if len(g.Members) > 0 {
		return g, nil
	}
	if err := r.provenEmpty(ctx, id); err != nil {
		shows := "the answer has no members attribute"
		if !g.MembersAbsent {
			shows = "the answer shows no members"
		}
		err = fmt.Errorf("%s: %s: %w", what, shows, withIDs(err, answer.RequestIDs))
		return membership.Group{}, &membership.Error{Cause: membership.CauseOf(err), Err: err, Hint: membership.HintOf(err)}
	}
	g.MembersAbsent, g.Members = false, []string{}
	return g, nil
}

// User reads one account, active or not. One that is not there is Missing.
func (r *Reader) User(ctx context.Context, id string) (membership.Account, error) {
	what := fmt.Sprintf("Genesys user %s: reading it", id)
	var u scim.User
	answer, err := r.conn.api.Do(ctx, rest.Request{Method: http.MethodGet, Path: userListPath + "/" + url.PathEscape(id), Header: accept()}, func(dec *jsontext.Decoder) (err error) {
		u, err = scim.ReadUser(dec)
		return err
	})
	if err == nil && u.Account.ID != id {
		err = fmt.Errorf("user %s came instead", u.Account.ID)
	}
	if err != nil {
		return membership.Account{}, readFailure(what, ownIDs(err, answer))
	}
	u.Account.Active = u.Account.Active || !u.ActiveGiven
	return u.Account, nil
}
