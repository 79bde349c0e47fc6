package pipeline

import (
	"context"
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
)

// Alternatives says which other keys would find people who have no account by the keys of the configuration.
type Alternatives struct {
	Tried int                              // people without an account who were looked up
	Found map[membership.Key][]Alternative // by a key that the configuration does not use
	Err   error                            // why it could not be found out
}

// Alternative is an account that another key finds.
type Alternative struct{ UserPrincipalName, UserName string }

// enoughTried is how many people are looked up by other keys. If a key finds some of them, it is worth a try for the others.
const enoughTried = 20

// alternatives looks up people who have no account by the keys that the configuration does not use. It reads each of them once
// more, because a run does not read attributes that it does not use.
func (w *work) alternatives(ctx context.Context) Alternatives {
	out := Alternatives{Found: map[membership.Key][]Alternative{}}
	keys := slices.DeleteFunc(membership.Keys(), func(key membership.Key) bool { return slices.Contains(w.settings.Match, key) })
	ids := w.withoutAccount()
	if len(keys) == 0 || len(ids) == 0 {
		return out
	}
	people, accounts, err := w.lookUp(ctx, ids, keys)
	if err != nil {
		out.Err = fmt.Errorf("whether other keys find people without an account could not be found out: %w", err)
		return out
	}
	out.Tried = len(people)
	for _, key := range keys {
		for _, m := range membership.NewDirectory(accounts, []membership.Key{key}).Match(people) {
			if m.Reason == "" && m.Account.Active {
				out.Found[key] = append(out.Found[key], Alternative{m.Person.UserPrincipalName, m.Account.UserName})
			}
		}
	}
	return out
}

// lookUp reads some people, and the accounts that keys find for them.
func (w *work) lookUp(
	ctx context.Context, ids []string, keys []membership.Key,
) (people []*membership.Person, accounts []membership.Account, err error) {
	sel := graph.Selection{EmployeeID: slices.Contains(keys, membership.EmployeeID)}
	for _, id := range ids {
		p, err := w.present.entra.Person(ctx, id, sel)
		if err != nil {
			return nil, nil, err
		}
		people = append(people, p)
	}
	found, err := w.present.org.Accounts(ctx, genesys.AccountsOptions{
		Keys: keys, Hint: len(people),
		Exact: func() (membership.Lookup, error) { return membership.LookupOf(people, keys, nil), nil },
	})
	return people, found.List, err
}

// withoutAccount returns the object ids of the first people for whom the keys find no account.
func (w *work) withoutAccount() []string {
	var ids []string
	for _, g := range w.plan.Groups {
		for _, u := range g.Unresolved {
			if u.Reason == string(membership.NoAccount) {
				ids = append(ids, u.ID)
			}
		}
	}
	ids = membership.Distinct(ids)
	return ids[:min(len(ids), enoughTried)]
}

// Keys returns the keys that find somebody, in the order of the manual.
func (a Alternatives) Keys() []membership.Key {
	return slices.DeleteFunc(membership.Keys(), func(key membership.Key) bool { return len(a.Found[key]) == 0 })
}
