// Package oracle says who may be put into a group and who may be taken out of it, from the rules of the manual and from the
// whole truth of one moment. It is the judge of the simulation: it shares no code with what it judges, and a test keeps it
// from importing anything of callroll.
package oracle

import (
	"slices"
	"time"
)

// A Person is a user of Entra.
type Person struct {
	ID, Name, Mail, Employee string
	Aliases                  []string // addresses without their kind
	Enabled                  bool
}

// A Team is a group of Entra. Its members are ids of people and of teams.
type Team struct {
	ID      string
	Hidden  bool // whoever may not read hidden members does not see them
	Members []string
}

// A Tenant is the Entra side at one moment.
type Tenant struct {
	People, Deleted []Person
	Teams           []Team
}

// An Account is a user of Genesys.
type Account struct {
	ID, Name, Employee, External string
	Active                       bool
	Listed                       bool // in the lists that the client can have
	Found                        bool // shown when it is asked for by its id
}

// A Member of a group is an account, or something else.
type Member struct {
	ID    string
	Other bool // a group, for instance
}

// A Group is a group of Genesys, with everybody who is in it.
type Group struct {
	ID, Name string
	Version  int
	Members  []Member // sorted by id; those whom a rule brings are among them
	Ruled    []string // whom a rule brings
	Hidden   bool     // SCIM does not show the members
}

// An Org is the Genesys side at one moment.
type Org struct {
	Accounts []Account
	Groups   []Group
}

// A Moment is the world at one time.
type Moment struct {
	At     time.Time
	Tenant *Tenant
	Org    *Org
}

// Account returns the account of an id.
func (o *Org) Account(id string) (Account, bool) {
	i := slices.IndexFunc(o.Accounts, func(a Account) bool { return a.ID == id })
	if i < 0 {
		return Account{}, false
	}
	return o.Accounts[i], true
}

// Group returns the group of an id.
func (o *Org) Group(id string) (Group, bool) {
	i := slices.IndexFunc(o.Groups, func(g Group) bool { return g.ID == id })
	if i < 0 {
		return Group{}, false
	}
	return o.Groups[i], true
}

// IDs are those of all members, sorted.
func (g Group) IDs() []string {
	ids := make([]string, 0, len(g.Members))
	for _, m := range g.Members {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return ids
}

func (t *Tenant) team(id string) (Team, bool) {
	i := slices.IndexFunc(t.Teams, func(g Team) bool { return g.ID == id })
	if i < 0 {
		return Team{}, false
	}
	return t.Teams[i], true
}

// Without are the ids of a that are not in b.
func Without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(id string) bool { return slices.Contains(b, id) })
}
