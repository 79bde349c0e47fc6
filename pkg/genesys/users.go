package genesys

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
)

// userAttributes returns the attributes to request of a user. The employee number and externalId are requested only if
// people are matched by them, because the vendor may answer 429 to a large page with externalId.
func userAttributes(keys []membership.Key) []string {
	attributes := []string{"userName", "displayName", "active"}
	if slices.Contains(keys, membership.EmployeeID) {
		attributes = append(attributes, scim.EnterpriseSchema+":employeeNumber")
	}
	if slices.Contains(keys, membership.ObjectID) {
		attributes = append(attributes, "externalId")
	}
	return attributes
}

// AccountsOptions say which accounts [Reader.Accounts] must return.
type AccountsOptions struct {
	Keys  []membership.Key // the keys that people are matched by
	Hint  int              // a lower bound of the number of accounts to look up; 0 if it is not known
	Exact func() (membership.Lookup, error)
}

// Accounts are users of an org, active or not, sorted by id.
type Accounts struct {
	List  []membership.Account
	Whole bool // List has all visible users
}

// Accounts returns all accounts that Exact asks for, and all visible users if that needs fewer requests.
//
// A page of the list of users needs one request, and so does the look-up of one value. After the first page it is known
// how many pages are left. If Exact asks for fewer values than that, each value is looked up; otherwise the list is read
// to its end. Exact may have to wait for Entra. It is not called if Hint is already large enough for the list.
//
// A list without a filter has active users only. Inactive users are another list, which is read too, unless look-ups found
// everybody. All values of a person are looked up, even if the first one finds an account, because a person who matches
// two accounts is ambiguous.
func (r *Reader) Accounts(ctx context.Context, o AccountsOptions) (Accounts, error) {
	active := r.userList("Genesys users", "", o.Keys).walk(r.conn.api)
	if active.next(ctx); active.err == nil && !active.done && o.Hint < active.pagesLeft() {
		wanted, err := o.Exact()
		if err != nil {
			return Accounts{}, err
		}
		if wanted.Values() < active.pagesLeft() {
			accounts, ok, err := r.lookUp(ctx, wanted, o.Keys, active.pagesLeft())
			if ok || err != nil {
				return Accounts{List: accounts}, err
			}
		}
		// The first page is outdated after the wait: removed users would have shifted the other pages.
		active = r.userList("Genesys users", "", o.Keys).walk(r.conn.api)
	}
	users, inactive, err := r.allUsers(ctx, active, o.Keys)
	if err != nil {
		return Accounts{}, err
	}
	return Accounts{List: merge(users, inactive), Whole: true}, nil
}

// allUsers reads the lists of active and of inactive users. It reads the inactive users after the first page of the active
// ones. A user who is activated or deactivated in the meantime may be in neither list, but changes the number of active
// users on a later page; then both lists are read once more. One page of active users cannot show that.
func (r *Reader) allUsers(
	ctx context.Context, active *walker[scim.User], keys []membership.Key,
) (users, inactive []scim.User, err error) {
	for attempt := 1; ; attempt++ {
		if active.start == 1 && !active.done && active.err == nil {
			active.next(ctx)
		}
		if active.err == nil {
			if inactive, err = r.inactive(ctx, keys); err != nil {
				return nil, nil, err
			}
		}
		if err = active.readToEnd(ctx); attempt == 2 || !errors.Is(err, errIncomplete) {
			users, err = active.result(err)
			return users, inactive, err
		}
		active = r.userList("Genesys users", "", keys).walk(r.conn.api)
	}
}

func (r *Reader) inactive(ctx context.Context, keys []membership.Key) ([]scim.User, error) {
	return r.userList("inactive Genesys users", "active eq false", keys).walk(r.conn.api).finish(ctx)
}

func (r *Reader) userList(name, filter string, keys []membership.Key) list[scim.User] {
	return list[scim.User]{
		name: name, path: userListPath, filter: filter, size: r.conn.userPages, atOnce: r.conn.atOnce,
		params: url.Values{"attributes": userAttributes(keys)},
		id:     func(u scim.User) string { return u.Account.ID },
		read:   scim.ReadUser,
	}
}

// lookUp finds accounts by the values of wanted. It returns false without an error if the list needs fewer requests, or if
// the service ignores filters.
func (r *Reader) lookUp(
	ctx context.Context, wanted membership.Lookup, keys []membership.Key, most int,
) ([]membership.Account, bool, error) {
	l := userLookup{reader: r, keys: keys, found: map[string]scim.User{}}
	values := l.findAll(ctx, "userName", wanted.UserNames) &&
		l.findAll(ctx, "employeeNumber", wanted.EmployeeNumbers) && l.findAll(ctx, "externalId", wanted.ExternalIDs)
	if !values || len(l.found) == 0 {
		return nil, false, nil
	}
	// An inactive account may have the same number as an active one.
	if l.missed || len(wanted.EmployeeNumbers)+len(wanted.ExternalIDs) > 0 {
		if err := l.readInactive(ctx); err != nil {
			return nil, false, err
		}
	}
	members := slices.DeleteFunc(slices.Clone(wanted.IDs), l.has)
	if len(members) > most || !l.findAll(ctx, "id", members) {
		return nil, false, nil
	}
	if l.missed {
		if err := l.readInactive(ctx); err != nil {
			return nil, false, err
		}
	}
	return merge(slices.Collect(maps.Values(l.found)), slices.Collect(maps.Values(l.inactive))), true, nil
}

// userLookup collects the accounts that look-ups find, by their ids.
type userLookup struct {
	reader   *Reader
	keys     []membership.Key
	found    map[string]scim.User
	inactive map[string]scim.User // nil until the list of inactive users is read
	missed   bool                 // a value was not found, so the account may be inactive
}

func (l *userLookup) has(id string) bool {
	_, found := l.found[id]
	_, inactive := l.inactive[id]
	return found || inactive
}

func (l *userLookup) findAll(ctx context.Context, attribute string, values []string) bool {
	for _, value := range values {
		if !l.find(ctx, attribute, value) {
			return false
		}
	}
	return true
}

// find looks up the users with one value. It returns false after an error, or if the answer has other users; then the list
// is read instead and reports what is wrong.
func (l *userLookup) find(ctx context.Context, attribute, value string) bool {
	users := l.reader.userList("Genesys users by "+attribute, attribute+" eq "+quote(value), l.keys)
	users.size = newPageSize(minPageSize)
	w := users.walk(l.reader.conn.api)
	if w.next(ctx); !w.done {
		return false
	}
	for _, one := range w.all {
		a := one.item.Account
		have := map[string]string{
			"userName": a.UserName, "employeeNumber": a.EmployeeNumber, "externalId": a.ExternalID, "id": a.ID,
		}[attribute]
		if one.broken != nil || !strings.EqualFold(have, value) {
			return false
		}
		l.found[a.ID] = one.item
	}
	l.missed = l.missed || len(w.all) == 0
	return true
}

// readInactive reads the list of inactive users, once.
func (l *userLookup) readInactive(ctx context.Context) error {
	if l.missed = false; l.inactive != nil {
		return nil
	}
	users, err := l.reader.inactive(ctx, l.keys)
	if err != nil {
		return err
	}
	l.inactive = map[string]scim.User{}
	for _, u := range users {
		l.inactive[u.Account.ID] = u
	}
	return nil
}

// merge joins the lists of active and inactive users, and sorts them by id. The attribute active decides, because a service
// may ignore the filter. A user without it is active or inactive by the list.
func merge(active, inactive []scim.User) []membership.Account {
	rest := make(map[string]scim.User, len(inactive)) // of the inactive users, those that the other list does not have
	for _, u := range inactive {
		rest[u.Account.ID] = u
	}
	accounts := make([]membership.Account, 0, len(active)+len(inactive))
	for _, u := range active {
		if other, both := rest[u.Account.ID]; both && other.ActiveGiven {
			u = other
		}
		u.Account.Active = u.Account.Active || !u.ActiveGiven
		delete(rest, u.Account.ID)
		accounts = append(accounts, u.Account)
	}
	for _, u := range rest {
		accounts = append(accounts, u.Account)
	}
	slices.SortFunc(accounts, func(a, b membership.Account) int { return cmp.Compare(a.ID, b.ID) })
	return accounts
}

// quote writes the value of a filter, which is a JSON string (RFC 7644 §3.4.2.2).
func quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}
