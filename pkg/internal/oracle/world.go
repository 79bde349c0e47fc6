// Package oracle says which accounts may be added to a group and which members may be removed, by the rules of the manual
// and the complete state of both services at one moment. The simulation compares callroll with it. The package therefore
// shares no code with callroll, and a test checks that it imports nothing of it.
//
// Start with [See] for the rules about one mapping, and with [Foresee] for the changes that a run must make.
package oracle

import (
	"slices"
	"time"
)

// A Person is a user of Entra.
type Person struct {
	ID, Name, Mail, Employee string
	Aliases                  []string // addresses without the prefix smtp:
	Enabled                  bool
}

// A Team is a group of Entra. Its members are ids of people and of teams.
type Team struct {
	ID      string
	Hidden  bool // the members are visible only with the permission to read hidden members
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
	Listed                       bool // visible in lists to the client
	Found                        bool // found by its id
}

// A Member of a group is an account, or something else.
type Member struct {
	ID    string
	Other bool // not a user, for example a group
}

// A Group is a group of Genesys, with all its members.
type Group struct {
	ID, Name string
	Version  int
	Members  []Member // sorted by id, including those that a rule adds
	Ruled    []string // members that a rule adds
	Hidden   bool     // SCIM does not show the members
}

// An Org is the Genesys side at one moment.
type Org struct {
	Accounts []Account
	Groups   []Group
}

// A Moment is the state of both services at one time.
type Moment struct {
	At     time.Time
	Tenant *Tenant
	Org    *Org
}

// Account returns the account with an id.
func (o *Org) Account(id string) (Account, bool) {
	i := slices.IndexFunc(o.Accounts, func(a Account) bool { return a.ID == id })
	if i < 0 {
		return Account{}, false
	}
	return o.Accounts[i], true
}

// Group returns the group with an id.
func (o *Org) Group(id string) (Group, bool) {
	i := slices.IndexFunc(o.Groups, func(g Group) bool { return g.ID == id })
	if i < 0 {
		return Group{}, false
	}
	return o.Groups[i], true
}

// IDs returns the ids of all members, sorted.
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

// Without returns the ids in a that are not in b.
func Without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(id string) bool { return slices.Contains(b, id) })
}
