package pipeline

import (
	"context"
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// present reads what the services say now about accounts that a plan file or the journal names.
type present struct {
	settings Settings
	org      *genesys.Reader
	entra    *graph.Client // nil if there are no credentials
	tenant   string        // id of the Entra tenant of the changes
	accounts *membership.Directory
	excluded map[string][]*membership.Person // the people that an entry of exclude names
	failed   map[string]error                // the error of an entry of exclude
	notes    []string                        // for the plan: what could not be found out
}

// readAccounts looks up the accounts of entries by id and by userName, and the accounts of ids by id.
func (p *present) readAccounts(ctx context.Context, entries []plan.Entry, ids []string) (err error) {
	lookup := membership.Lookup{IDs: membership.Distinct(append(plan.IDs(entries), ids...))}
	names := list.Map(entries, func(e plan.Entry) string { return membership.Fold(e.UserName) })
	lookup.UserNames = membership.Distinct(slices.DeleteFunc(names, func(name string) bool { return name == "" }))
	var accounts genesys.Accounts
	if len(lookup.IDs) > 0 {
		accounts, err = p.org.Accounts(ctx, genesys.AccountsOptions{
			Keys: p.settings.Match, Hint: len(lookup.IDs), Exact: func() (membership.Lookup, error) { return lookup, nil },
		})
	}
	p.accounts = membership.NewDirectory(accounts.List, p.settings.Match)
	return err
}

// readExcluded reads the people whom some mappings exclude. It returns a MismatchError if the credentials are for
// another tenant than the changes, because that tenant knows nothing about these people.
func (p *present) readExcluded(ctx context.Context, mappings []Mapping) error {
	p.excluded, p.failed = map[string][]*membership.Person{}, map[string]error{}
	if p.entra == nil || !slices.ContainsFunc(mappings, func(m Mapping) bool { return len(m.Exclude) > 0 }) {
		return nil
	}
	who, err := p.entra.SignIn(ctx)
	if err != nil {
		return err
	}
	if who.TenantID != "" && p.tenant != "" && who.TenantID != p.tenant {
		return mismatch("the changes come from Entra tenant %s, and the credentials lead to %s", p.tenant, who.TenantID)
	}
	r := readings{
		entra: p.entra, settings: p.settings, seesHidden: who.SeesHidden(), bySource: map[source]*reading{},
		excluded: graph.Selection{EmployeeID: slices.Contains(p.settings.Match, membership.EmployeeID)},
	}
	for _, m := range mappings {
		for _, ref := range m.Exclude {
			r.add(source{ref, asExclude})
		}
	}
	r.counter = r.settings.Progress.Begin(ReadingEntra, len(r.all))
	defer r.counter.End()
	r.readAll(ctx, func(*reading) bool { return true })
	r.lookForHidden(ctx)
	for _, one := range r.all {
		p.excluded[one.source.ref], p.failed[one.source.ref] = one.out, one.err
	}
	return nil
}

// checkGone asks Genesys for each account that would be removed and that is in no list of users. It returns an error if
// such an account exists: then the list and the look-up disagree, and it is not known whether protect means this
// account.
func (p *present) checkGone(ctx context.Context, g plan.Group) error {
	for _, e := range g.Remove {
		if _, seen := p.accounts.Account(e.ID); seen {
			continue
		}
		account, err := p.org.User(ctx, e.ID)
		switch {
		case err == nil:
			return membership.Fail(membership.Incomplete,
				fmt.Errorf("no list of users has account %s, and its look-up shows %s, so that it cannot be released",
					e.ID, account.UserName))
		case membership.CauseOf(err) != membership.Missing:
			return err
		}
	}
	return nil
}

// without returns people without those whom a mapping excludes now, and without disabled people if DropDisabled is set.
// People whom exclude names by id or userPrincipalName are left out even if Entra is not asked.
func (p *present) without(m Mapping, people []*membership.Person) ([]*membership.Person, error) {
	if len(m.Exclude) == 0 && !p.settings.DropDisabled {
		return people, nil
	}
	out := map[string]bool{}
	for i, ref := range m.Exclude {
		if err := p.failed[ref]; err != nil {
			return nil, fmt.Errorf("%s: %w", m.exclusion(i), err)
		}
		for _, person := range p.excluded[ref] {
			out[person.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(people), func(person *membership.Person) bool {
		named := func(ref string) bool {
			return membership.SameName(ref, person.ID) || membership.SameName(ref, person.UserPrincipalName)
		}
		disabled := p.settings.DropDisabled && person.Enabled != nil && !*person.Enabled
		return disabled || out[person.ID] || slices.ContainsFunc(m.Exclude, named)
	}), nil
}

// of returns what is known now about the group of a mapping and about the accounts that are to be added to it. It fails
// if an entry of exclude could not be read.
func (p *present) of(m Mapping, group membership.Group, add []plan.Entry) (plan.Present, error) {
	now := plan.Present{Group: group, Accounts: p.accounts, Excluded: map[string]bool{}}
	if len(add) == 0 {
		return now, nil
	}
	var candidates []membership.Account
	for _, e := range add {
		if account, seen := p.accounts.Account(e.ID); seen {
			candidates = append(candidates, account)
		}
	}
	dir := membership.NewDirectory(candidates, p.settings.Match)
	for i, ref := range m.Exclude {
		if err := p.failed[ref]; err != nil {
			return now, fmt.Errorf("%s: %w", m.exclusion(i), err)
		}
		for _, match := range dir.Match(p.excluded[ref]) {
			now.Excluded[match.Account.ID] = true
			for _, id := range match.PointsAt {
				now.Excluded[id] = true
			}
		}
	}
	return now, nil
}
