package genesys

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/scim"
)

// userAttributes are what is asked of a user. The employee number and the externalId are asked for where people are matched by them
// alone: the vendor may answer 429 to a large page with externalId.
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

// AccountsOptions say which accounts are wanted.
type AccountsOptions struct {
	Keys  []membership.Key // by which people are matched
	Hint  int              // how many accounts matter at least, as far as that is known beforehand
	Exact func() (membership.Lookup, error)
}

// Accounts are users of an org, active or not, sorted by id.
type Accounts struct {
	List  []membership.Account
	Whole bool // they are all that can be seen
}

// Accounts returns the accounts that matter, and more than these where that is cheaper.
//
// A page of the list of users costs a request, and so does the look-up of one value. The first page says how many are left. If
// fewer values are wanted than that, each is looked up; the list is walked to its end otherwise. Exact, which says what is
// wanted, may have to wait for the other service; Hint saves the wait where it is high enough.
//
// A list without a filter has active users only. The inactive ones, a list of their own, are read as well, but for look-ups
// that have found everybody. Every value is looked up, the second address of a person too whose first has an account, because
// two accounts are none.
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
		// The first page is as old as the wait was long, and whoever has gone since would shift the others.
		active = r.userList("Genesys users", "", o.Keys).walk(r.conn.api)
	}
	users, err := active.finish(ctx)
	if err != nil {
		return Accounts{}, err
	}
	inactive, err := r.inactive(ctx, o.Keys)
	if err != nil {
		return Accounts{}, err
	}
	return Accounts{List: merge(users, inactive), Whole: true}, nil
}

func (r *Reader) inactive(ctx context.Context, keys []membership.Key) ([]scim.User, error) {
	return r.userList("inactive Genesys users", "active eq false", keys).whole(ctx, r.conn.api)
}

func (r *Reader) userList(name, filter string, keys []membership.Key) list[scim.User] {
	return list[scim.User]{
		name: name, path: userListPath, filter: filter, size: r.conn.userPages, atOnce: r.conn.atOnce,
		only: url.Values{"attributes": userAttributes(keys)},
		id:   func(u scim.User) string { return u.Account.ID },
		read: scim.ReadUser,
	}
}

// lookUp finds accounts by the values that are wanted. It is not ok, without an error, if it turns out that listing is cheaper
// or that filters are not honoured.
func (r *Reader) lookUp(ctx context.Context, wanted membership.Lookup, keys []membership.Key, most int) ([]membership.Account, bool, error) {
	l := userLookup{reader: r, keys: keys, found: map[string]scim.User{}, inactive: map[string]scim.User{}}
	values := l.all(ctx, "userName", wanted.UserNames) && l.all(ctx, "employeeNumber", wanted.EmployeeNumbers) && l.all(ctx, "externalId", wanted.ExternalIDs)
	if !values || len(l.found) == 0 {
		return nil, false, nil
	}
	// An inactive account may have the same number as an active one.
	if l.missed || len(wanted.EmployeeNumbers)+len(wanted.ExternalIDs) > 0 {
		if err := l.askInactive(ctx); err != nil {
			return nil, false, err
		}
	}
	members := slices.DeleteFunc(slices.Clone(wanted.IDs), l.knows)
	if len(members) > most || !l.all(ctx, "id", members) {
		return nil, false, nil
	}
	if l.missed {
		if err := l.askInactive(ctx); err != nil {
			return nil, false, err
		}
	}
	return merge(byID(l.found), byID(l.inactive)), true, nil
}

// userLookup collects the accounts that look-ups find, by their ids.
type userLookup struct {
	reader   *Reader
	keys     []membership.Key
	found    map[string]scim.User
	inactive map[string]scim.User
	listed   bool // the list of inactive users was read
	missed   bool // something was not found, so that it may be inactive
}

func (l *userLookup) knows(id string) bool {
	_, found := l.found[id]
	_, inactive := l.inactive[id]
	return found || inactive
}

func (l *userLookup) all(ctx context.Context, attribute string, values []string) bool {
	for _, value := range values {
		if !l.one(ctx, attribute, value) {
			return false
		}
	}
	return true
}

// one looks for the users with one value. What goes wrong, and what comes that was not asked for, is left to the list to
// explain: then it returns false.
func (l *userLookup) one(ctx context.Context, attribute, value string) bool {
	users := l.reader.userList("Genesys users by "+attribute, attribute+" eq "+quote(value), l.keys)
	users.size = newPageSize(smallest)
	w := users.walk(l.reader.conn.api)
	if w.next(ctx); !w.done {
		return false
	}
	for _, one := range w.all {
		a := one.item.Account
		have := map[string]string{"userName": a.UserName, "employeeNumber": a.EmployeeNumber, "externalId": a.ExternalID, "id": a.ID}[attribute]
		if one.broken != nil || !strings.EqualFold(have, value) {
			return false
		}
		l.found[a.ID] = one.item
	}
	l.missed = l.missed || len(w.all) == 0
	return true
}

// askInactive reads the list of inactive users, once.
func (l *userLookup) askInactive(ctx context.Context) error {
	if l.missed = false; l.listed {
		return nil
	}
	users, err := l.reader.inactive(ctx, l.keys)
	if err != nil {
		return err
	}
	l.listed = true
	for _, u := range users {
		l.inactive[u.Account.ID] = u
	}
	return nil
}

// byID returns users sorted by id.
func byID(users map[string]scim.User) []scim.User {
	sorted := make([]scim.User, 0, len(users))
	for _, id := range slices.Sorted(maps.Keys(users)) {
		sorted = append(sorted, users[id])
	}
	return sorted
}

// merge joins the two lists, each sorted by id. What a user says of himself decides, because a service may ignore the filter;
// only where he says nothing does the list that he came in.
func merge(active, inactive []scim.User) []membership.Account {
	accounts := make([]membership.Account, 0, len(active)+len(inactive))
	for _, u := range active {
		u.Account.Active = u.Account.Active || !u.ActiveGiven
		accounts = append(accounts, u.Account)
	}
	for _, u := range inactive {
		at, both := slices.BinarySearchFunc(accounts[:len(active)], u.Account.ID, func(a membership.Account, id string) int { return cmp.Compare(a.ID, id) })
		switch {
		case !both:
			accounts = append(accounts, u.Account)
		case u.ActiveGiven:
			accounts[at] = u.Account
		}
	}
	slices.SortFunc(accounts, func(a, b membership.Account) int { return cmp.Compare(a.ID, b.ID) })
	return accounts
}

// quote writes the value of a filter, which is a JSON string (RFC 7644 §3.4.2.2).
func quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}
