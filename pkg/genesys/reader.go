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

// The vendor has two trees of paths. A list of groups needs no filter on the first one. A single group is read and written
// on the second one. Segments are in lower case, as in all SDKs of the vendor.
const (
	groupListPath = "/api/v2/scim/groups"
	groupPath     = "/api/v2/scim/v2/groups/"
	userListPath  = "/api/v2/scim/v2/users"
)

// Reader reads from an org and cannot write to it. Create one with [NewReader]. It is safe for concurrent use.
type Reader struct {
	conn *Conn
	ids  *idInterner

	mu     sync.Mutex
	groups int // how many groups the org has; 0 if this is not known yet
}

// NewReader returns a reader. The reader remembers the number of groups, and the connection remembers the page sizes.
func NewReader(conn *Conn) *Reader {
	return &Reader{conn: conn, ids: &idInterner{known: map[string]string{}}}
}

// Host returns the name of the org's API host.
func (r *Reader) Host() string { return r.conn.Host() }

// SignIn signs in, unless there is a valid token. Call it before concurrent requests.
func (r *Reader) SignIn(ctx context.Context) error {
	_, err := r.conn.tokens.Get(ctx)
	return err
}

// Group reads one group, with its members and the version that a write needs. If the answer shows no members, a second
// request must confirm that there are none; otherwise the error is [membership.Incomplete].
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
		return membership.Group{}, readFailure(what, withAnswerIDs(err, answer))
	}
	g.Version = cmp.Or(scim.EntityTag(answer.Header.Get("ETag")), g.Version)
	if len(g.Members) > 0 {
		return g, nil
	}
	if err := r.checkEmpty(ctx, id); err != nil {
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

// User reads one account, active or not. The error for an account that does not exist is [membership.Missing].
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
		return membership.Account{}, readFailure(what, withAnswerIDs(err, answer))
	}
	u.Account.Active = u.Account.Active || !u.ActiveGiven
	return u.Account, nil
}
