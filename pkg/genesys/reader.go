package genesys

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"

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

	mu     sync.Mutex
	groups []membership.Group // as listed; nil until they were
}

// NewReader returns a reader.
func NewReader(conn *Conn) *Reader { return &Reader{conn: conn} }

// Host names the org's API host.
func (r *Reader) Host() string { return r.conn.Host() }

// Users returns every user, active or not, sorted by id. A list without a filter has active users only, so that there
// are two to read.
func (r *Reader) Users(ctx context.Context) ([]membership.Account, error) {
	users := list[scim.User]{name: "Genesys users", path: userListPath, decode: scim.DecodeUser, id: func(u scim.User) string { return u.Account.ID }}
	active, err := users.read(ctx, r.conn.api)
	if err != nil {
		return nil, err
	}
	users.name, users.filter = "inactive Genesys users", "active eq false"
	inactive, err := users.read(ctx, r.conn.api)
	if err != nil {
		return nil, err
	}
	return merge(active, inactive), nil
}

// merge joins the two lists. What a user says of himself decides, because a service may ignore the filter; only where
// he says nothing does the list that he came in.
func merge(active, inactive []scim.User) []membership.Account {
	byID := map[string]membership.Account{}
	for _, u := range active {
		u.Account.Active = u.Account.Active || !u.ActiveGiven
		byID[u.Account.ID] = u.Account
	}
	for _, u := range inactive {
		if _, known := byID[u.Account.ID]; known && !u.ActiveGiven {
			continue
		}
		byID[u.Account.ID] = u.Account
	}
	accounts := make([]membership.Account, 0, len(byID))
	for _, a := range byID {
		accounts = append(accounts, a)
	}
	slices.SortFunc(accounts, func(a, b membership.Account) int { return cmp.Compare(a.ID, b.ID) })
	return accounts
}

// Groups returns every group that can be seen, sorted by id. It is read once in the life of the reader: it serves to
// find groups and to compare, never to write from. A group whose members the list leaves out has MembersAbsent.
func (r *Reader) Groups(ctx context.Context) ([]membership.Group, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.groups == nil {
		groups := list[membership.Group]{name: "Genesys groups", path: groupListPath, decode: scim.DecodeGroup, id: func(g membership.Group) string { return g.ID }}
		listed, err := groups.read(ctx, r.conn.api)
		if err != nil {
			return nil, err
		}
		r.groups = listed
	}
	return slices.Clone(r.groups), nil
}

// Group reads one group, with its members and the version that a write needs.
func (r *Reader) Group(ctx context.Context, id string) (membership.Group, error) {
	what := fmt.Sprintf("Genesys group %s: reading it", id)
	var body json.RawMessage
	answer, err := r.conn.api.Do(ctx, rest.Request{Method: http.MethodGet, Path: groupPath + url.PathEscape(id), Header: accept()}, &body)
	if err != nil {
		return membership.Group{}, readFailure(what, err)
	}
	g, err := scim.DecodeGroup(body)
	if err == nil && g.ID != id {
		err = fmt.Errorf("group %s came instead", g.ID)
	}
	if err != nil {
		return membership.Group{}, readFailure(what, withIDs(err, answer.RequestIDs))
	}
	g.Version = cmp.Or(scim.EntityTag(answer.Header.Get("ETag")), g.Version)
	if !g.MembersAbsent {
		return g, nil
	}
	if err := r.provenEmpty(ctx, id); err != nil {
		return membership.Group{}, membership.Fail(membership.CauseOf(err), fmt.Errorf("%s: the answer has no members attribute: %w", what, withIDs(err, answer.RequestIDs)))
	}
	g.MembersAbsent, g.Members = false, []membership.Member{}
	return g, nil
}

// User reads one account, active or not. One that is not there is Missing.
func (r *Reader) User(ctx context.Context, id string) (membership.Account, error) {
	what := fmt.Sprintf("Genesys user %s: reading it", id)
	var body json.RawMessage
	answer, err := r.conn.api.Do(ctx, rest.Request{Method: http.MethodGet, Path: userListPath + "/" + url.PathEscape(id), Header: accept()}, &body)
	if err != nil {
		return membership.Account{}, readFailure(what, err)
	}
	u, err := scim.DecodeUser(body)
	if err == nil && u.Account.ID != id {
		err = fmt.Errorf("user %s came instead", u.Account.ID)
	}
	if err != nil {
		return membership.Account{}, readFailure(what, withIDs(err, answer.RequestIDs))
	}
	u.Account.Active = u.Account.Active || !u.ActiveGiven
	return u.Account, nil
}

// provenEmpty says why a group without a members attribute cannot be taken for an empty one. It can where the list
// leaves the attribute out for this group too, and writes it for another one.
func (r *Reader) provenEmpty(ctx context.Context, id string) error {
	listed, err := r.Groups(ctx)
	if err != nil {
		return err
	}
	incomplete := func(text string) error {
		return membership.Fail(membership.Incomplete, fmt.Errorf("%s, so that it cannot be told from a group whose members are not shown", text))
	}
	i := slices.IndexFunc(listed, func(g membership.Group) bool { return g.ID == id })
	shown := slices.ContainsFunc(listed, func(g membership.Group) bool { return len(g.Members) > 0 })
	switch {
	case i < 0:
		return incomplete("the list has not the group")
	case !listed[i].MembersAbsent:
		return incomplete("the list has that attribute")
	case !shown:
		return incomplete("the list shows members of no group")
	}
	return nil
}
