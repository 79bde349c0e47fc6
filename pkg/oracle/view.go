package oracle

import (
	"fmt"
	"maps"
	"slices"
)

// A View is what the rules say of one mapping at one moment of Entra and one of Genesys.
type View struct {
	mapping Mapping
	config  Config
	tenant  *Tenant
	org     *Org
	source  source
	match   match
}

// See makes the view of a mapping.
func See(m Mapping, c Config, t *Tenant, o *Org) *View {
	v := &View{mapping: m, config: c, tenant: t, org: o, source: t.read(m, c)}
	v.match = o.pair(v.source.people, c.Keys)
	return v
}

// With is the view of a group that has these members. Whoever would have to be added, and may be somebody else than the
// account says, is ambiguous; of a member nobody asks.
func (v *View) With(members []Member, f Flags) *View {
	if f.ReviewedNothing {
		return v
	}
	in := crowd{}
	for _, m := range members {
		in[m.ID] = true
	}
	var ambiguous []string
	for id, person := range v.match.owner {
		a, _ := v.org.Account(id)
		if v.match.second[id] && a.Active && !in[id] && v.tenant.another(person, a.Name) {
			ambiguous = append(ambiguous, id)
		}
	}
	if len(ambiguous) == 0 {
		return v
	}
	w := *v
	w.match.unresolved, w.match.contested = maps.Clone(v.match.unresolved), maps.Clone(v.match.contested)
	for _, id := range ambiguous {
		w.match.unresolved[v.match.owner[id].ID], w.match.contested[id] = true, true
	}
	return &w
}

// Target is the one group that a mapping leads to, by its id or by its exact and unique name. What has the form of an id is
// no name.
func (o *Org) Target(m Mapping) (Group, bool) {
	if isID(m.Ref) {
		return o.Group(m.Ref)
	}
	var named []Group
	for _, g := range o.Groups {
		if g.Name == m.Ref {
			named = append(named, g)
		}
	}
	if len(named) != 1 {
		return Group{}, false
	}
	return named[0], true
}

// Wanted says whether a person who belongs has the account.
func (v *View) Wanted(id string) bool {
	_, ok := v.match.owner[id]
	return ok
}

// Matched is how many people who belong have an account of their own, and how many there are.
//
// Whoever has found an account that is another person's by its name has none.
func (v *View) Matched() (n, all int) {
	for id, person := range v.match.owner {
		a, _ := v.org.Account(id)
		if !v.match.second[id] || !v.tenant.another(person, a.Name) {
			n++
		}
	}
	return n, len(v.source.people)
}

// Unmatched says that people belong of whom nobody finds an account, not even by a name that they had, and that nobody has
// accepted that.
func (v *View) Unmatched() bool {
	if v.mapping.Unmatched || len(v.source.people) == 0 || v.match.finding > 0 {
		return false
	}
	return !slices.ContainsFunc(v.org.Accounts, func(a Account) bool {
		return slices.ContainsFunc(v.tenant.named(a.Name), func(id string) bool { return v.match.unresolved[id] })
	})
}

// Problem says why the source cannot be read; empty if it can.
func (v *View) Problem() string { return v.source.problem }

// ForbidsAdding says why an account must not be put into the group; empty if it may.
func (v *View) ForbidsAdding(id string, f Flags) string {
	a, known := v.org.Account(id)
	person, wanted := v.match.owner[id]
	switch {
	case v.source.problem != "":
		return v.source.problem
	case v.mapping.Mode == Paused:
		return "the mapping is paused"
	case !known || !a.Listed:
		return "no list shows the account"
	case v.match.contested[id]:
		return "several people point at the account"
	case !wanted:
		return "nobody who belongs has the account"
	case !a.Active:
		return "the account is inactive"
	case v.match.second[id] && !f.ReviewedNothing && v.tenant.another(person, a.Name):
		return fmt.Sprintf("%s was found by another key, and %s is the userPrincipalName of somebody else", person.Name, a.Name)
	}
	return ""
}

// BorrowedIn says whether an account that is matched here by another key than userPrincipalName has the userPrincipalName of somebody
// else of a tenant as its userName.
func (v *View) BorrowedIn(t *Tenant, id string) bool {
	a, _ := v.org.Account(id)
	return v.match.second[id] && t.another(v.match.owner[id], a.Name)
}

// another says whether a userName is the userPrincipalName of somebody else than a person.
func (t *Tenant) another(person Person, name string) bool {
	return slices.ContainsFunc(t.People, func(p Person) bool { return p.ID != person.ID && fold(p.Name) == fold(name) })
}

// ForbidsRemoving says why a member must not be taken out of the group; empty if they may.
func (v *View) ForbidsRemoving(m Member, f Flags) string {
	released := v.released(m.ID, f)
	a, known := v.org.Account(m.ID)
	switch {
	case v.source.problem != "":
		return v.source.problem
	case v.mapping.Mode != Mirror:
		return "the mode is " + string(v.mapping.Mode)
	case f.NoRemovals:
		return "this run removes nobody"
	case v.Wanted(m.ID):
		return "they belong"
	case v.match.contested[m.ID]:
		return "somebody who belongs points at the account"
	case v.Protects(m.ID):
		return "protect names them"
	case m.Other:
		return "it is no user"
	case (!known || !a.Listed) && !released:
		return "no list shows them, and nobody has released them"
	case known && !a.Listed && a.Found:
		return Disputed
	case len(v.match.unresolved) == 0 || released:
		return ""
	}
	return v.doubt(a, f)
}

// Disputed is why a group with a member who has been released is incomplete.
const Disputed = "no list shows them, and a look-up does"

// released says whether somebody has let a member of this group go, by id, or by the userName that a list shows.
func (v *View) released(id string, f Flags) bool {
	a, known := v.org.Account(id)
	return slices.ContainsFunc(f.Release[v.mapping.Name], func(who string) bool {
		return fold(who) == fold(id) || known && a.Listed && fold(who) == fold(a.Name)
	})
}

// doubt says why somebody may not have left: people are looked for whose account nobody finds.
func (v *View) doubt(a Account, f Flags) string {
	if f.ReviewedNothing {
		return "people have no account, and Entra was not asked"
	}
	known := v.tenant.named(a.Name)
	switch {
	case len(known) == 0:
		return "people have no account, and Entra knows nobody by the name " + a.Name
	case slices.ContainsFunc(known, func(id string) bool { return v.match.unresolved[id] }):
		return "they were renamed"
	}
	return ""
}

// Excludes says whether exclude names the person who has an account now: nobody else finds it by as early a key.
func (v *View) Excludes(id string) bool {
	out, others := len(v.config.Keys), len(v.config.Keys)
	for _, p := range v.tenant.People {
		c := v.org.claim(p, v.config.Keys, crowd{})
		switch {
		case !slices.Contains(c.accounts, id):
		case v.source.out[p.ID]:
			out = min(out, c.rank)
		default:
			others = min(others, c.rank)
		}
	}
	return out < others
}

// Protects says whether protect names an account. One that Genesys neither lists nor finds has no name that anybody can know.
func (v *View) Protects(id string) bool {
	a, _ := v.org.Account(id)
	if !a.Listed && !a.Found {
		a.Name = ""
	}
	return v.mapping.protects(id, a.Name)
}

// Broken says whether members and people miss each other in such numbers that a key must have changed. No allowance lifts
// that.
func (v *View) Broken(g Group, f Flags) bool {
	if v.mapping.Mode != Mirror || f.NoRemovals {
		return false // nobody would leave, so that nobody is asked about
	}
	lost := 0
	for _, m := range g.Members {
		a, known := v.org.Account(m.ID)
		if m.Other || !known || !a.Listed || v.Wanted(m.ID) || v.match.contested[m.ID] || v.mapping.protects(m.ID, a.Name) {
			continue
		}
		if len(v.match.unresolved) > 0 && !v.released(m.ID, f) && v.doubt(a, f) != "" {
			lost++
		}
	}
	return lost >= 5 && 4*lost >= len(g.Members) && len(v.match.unresolved) >= lost
}
