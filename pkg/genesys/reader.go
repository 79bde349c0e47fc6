package genesys

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
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
	conn   *Conn
	ids    *idInterner
	groups atomic.Int64 // how many groups the org has; 0 if this is not known yet
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
	req := rest.Request{Method: http.MethodGet, Path: groupPath + url.PathEscape(id), Header: accept()}
	answer, err := r.conn.api.Do(ctx, req, func(dec *jsontext.Decoder) (err error) {
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
	req := rest.Request{Method: http.MethodGet, Path: userListPath + "/" + url.PathEscape(id), Header: accept()}
	answer, err := r.conn.api.Do(ctx, req, func(dec *jsontext.Decoder) (err error) {
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

// individuals is the answer about the individual members of a group. The operation has no paging parameters, so only the
// total shows whether the page is complete.
type individuals struct {
	Entities *[]struct {
		ID string `json:"id"`
	} `json:"entities"`
	Total     *int   `json:"total"`
	PageCount int    `json:"pageCount"`
	NextURI   string `json:"nextUri"`
}

// Individuals returns the ids of the individual members of a group: those who are members neither by a rule nor as owners. The
// operation needs no permission. If the answer does not have all of them, the error is [membership.Incomplete].
func (r *Reader) Individuals(ctx context.Context, id string) ([]string, error) {
	page, answer, err := r.individuals(ctx, id)
	if err == nil && len(*page.Entities) != *page.Total {
		err = withIDs(fmt.Errorf("%d of %d individual members came", len(*page.Entities), *page.Total), answer.RequestIDs)
	}
	if err != nil {
		return nil, outsideSCIM(fmt.Sprintf("Genesys group %s: reading its individual members", id), err)
	}
	ids := make([]string, 0, *page.Total)
	for _, one := range *page.Entities {
		ids = append(ids, one.ID)
	}
	return ids, nil
}

// individuals sends GET /api/v2/groups/{id}/individuals. The result has Entities and Total.
func (r *Reader) individuals(ctx context.Context, id string) (individuals, rest.Response, error) {
	var page individuals
	answer, err := r.conn.api.Do(ctx, rest.Request{
		Method: http.MethodGet, Path: "/api/v2/groups/" + url.PathEscape(id) + "/individuals",
		Header: http.Header{"Accept": {"application/json"}},
	}, &page)
	switch {
	case err != nil:
	case answer.Status != http.StatusOK || !strings.Contains(answer.Header.Get("Content-Type"), "json"),
		page.Entities == nil || page.Total == nil || page.NextURI != "" || page.PageCount > 1:
		err = errors.New("the answer about its individual members says neither who they are nor that there are none")
		err = withIDs(err, answer.RequestIDs)
	}
	return page, answer, err
}

// checkEmpty returns an error unless the individual members of a group show that there are none. A SCIM answer with absent or
// empty members, which mean the same (RFC 7643 §2.5), does not show this: members may be hidden or omitted. If the answer about
// the individual members is unclear, the group is incomplete.
func (r *Reader) checkEmpty(ctx context.Context, id string) error {
	page, answer, err := r.individuals(ctx, id)
	switch {
	case err != nil && ctx.Err() != nil:
		return readFailure("reading its individual members", err)
	case err != nil:
		err = fmt.Errorf("its individual members, which would show whether it is empty, cannot be read: %w", err)
		return membership.FailFor(membership.Incomplete, err,
			"if the group really is empty, put one member into it by hand in Genesys")
	case len(*page.Entities) > 0 || *page.Total != 0:
		return membership.Fail(membership.Incomplete, withIDs(fmt.Errorf("it has %d individual members, and SCIM does not show them",
			max(len(*page.Entities), *page.Total)), answer.RequestIDs))
	}
	return nil
}
