package oracle

import (
	"fmt"
	"maps"
	"slices"
)

// A View applies the rules to one mapping at one moment of Entra and one of Genesys. Create one with [See].
type View struct {
	mapping  Mapping
	config   Config
	tenant   *Tenant
	org      *Org
	source   source
	matching matching
}

// See returns the view of a mapping.
func See(m Mapping, c Config, t *Tenant, o *Org) *View {
	v := &View{mapping: m, config: c, tenant: t, org: o, source: t.readSource(m, c)}
	v.matching = o.match(v.source.people, c.Keys)
	return v
}

// With returns the view for a group with these members. A person whose account may belong to somebody else is ambiguous,
// unless the account is a member already.
func (v *View) With(members []Member, f Flags) *View {
	if f.ReviewedNothing {
		return v
	}
	in := idSet{}
	for _, m := range members {
		in[m.ID] = true
	}
	var ambiguous []string
	for id, person := range v.matching.owner {
		a, _ := v.org.Account(id)
		if v.matching.byOtherKey[id] && a.Active && !in[id] && v.tenant.ownedByAnother(person, a.Name) {
			ambiguous = append(ambiguous, id)
		}
	}
	if len(ambiguous) == 0 {
		return v
	}
	w := *v
	w.matching.unresolved, w.matching.contested = maps.Clone(v.matching.unresolved), maps.Clone(v.matching.contested)
	for _, id := range ambiguous {
		w.matching.unresolved[v.matching.owner[id].ID], w.matching.contested[id] = true, true
	}
	return &w
}

// Target returns the group of a mapping, by its id or by its exact and unique name. A reference in the form of an id is
// never a name.
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

// Wanted says whether an account belongs to a person who should be a member.
func (v *View) Wanted(id string) bool {
	_, ok := v.matching.owner[id]
	return ok
}

// Matched returns how many of the people who should be members have an account, and how many there are. A person whose
// account has the userPrincipalName of somebody else as its userName has none.
func (v *View) Matched() (n, all int) {
	for id, person := range v.matching.owner {
		a, _ := v.org.Account(id)
		if !v.matching.byOtherKey[id] || !v.tenant.ownedByAnother(person, a.Name) {
			n++
		}
	}
	return n, len(v.source.people)
}

// Unmatched says whether none of the people has an account, not even by a former name, and the mapping does not accept
// this.
func (v *View) Unmatched() bool {
	if v.mapping.Unmatched || len(v.source.people) == 0 || v.matching.matchedPeople > 0 {
		return false
	}
	return !slices.ContainsFunc(v.org.Accounts, func(a Account) bool {
		return slices.ContainsFunc(v.tenant.peopleNamed(a.Name), func(id string) bool { return v.matching.unresolved[id] })
	})
}

// Problem says why the source cannot be read. It is empty if it can be read.
func (v *View) Problem() string { return v.source.problem }

// ForbidsAdding says why an account must not be added to the group. It is empty if it may be added.
func (v *View) ForbidsAdding(id string, f Flags) string {
	a, known := v.org.Account(id)
	person, wanted := v.matching.owner[id]
	switch {
	case v.source.problem != "":
		return v.source.problem
	case v.mapping.Mode == Paused:
		return "the mapping is paused"
	case !known || !a.Listed:
		return "no list shows the account"
	case v.matching.contested[id]:
		return "several people point at the account"
	case !wanted:
		return "nobody who belongs has the account"
	case !a.Active:
		return "the account is inactive"
	case v.matching.byOtherKey[id] && !f.ReviewedNothing && v.tenant.ownedByAnother(person, a.Name):
		return fmt.Sprintf("%s was found by another key, and %s is the userPrincipalName of somebody else", person.Name, a.Name)
	}
	return ""
}

// BorrowedIn says whether an account was matched by another key than userPrincipalName, and its userName is the
// userPrincipalName of somebody else in the tenant.
func (v *View) BorrowedIn(t *Tenant, id string) bool {
	a, _ := v.org.Account(id)
	return v.matching.byOtherKey[id] && t.ownedByAnother(v.matching.owner[id], a.Name)
}

// ownedByAnother says whether a userName is the userPrincipalName of another person.
func (t *Tenant) ownedByAnother(person Person, name string) bool {
	return slices.ContainsFunc(t.People, func(p Person) bool { return p.ID != person.ID && fold(p.Name) == fold(name) })
}

// ForbidsRemoving says why a member must not be removed from the group. It is empty if they may be removed.
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
	case v.matching.contested[m.ID]:
		return "somebody who belongs points at the account"
	// Only the look-up tells the name of such an account, and then the group is incomplete.
	case released && known && !a.Listed && a.Found && !m.Other && !v.mapping.protects(m.ID, ""):
		return Disputed
	case v.Protects(m.ID):
		return "protect names them"
	case m.Other:
		return "it is no user"
	case (!known || !a.Listed) && !released:
		return "no list shows them, and nobody has released them"
	case len(v.matching.unresolved) == 0 || released:
		return ""
	}
	return v.doubt(a, f)
}

// Disputed is the reason why a group with a released member is incomplete.
const Disputed = "no list shows them, and a look-up does"

// released says whether a member of this group was released, by id or by the userName that a list shows.
func (v *View) released(id string, f Flags) bool {
	a, known := v.org.Account(id)
	return slices.ContainsFunc(f.Release[v.mapping.Name], func(who string) bool {
		return fold(who) == fold(id) || known && a.Listed && fold(who) == fold(a.Name)
	})
}

// doubt says why a member may not have left: there are people without an account.
func (v *View) doubt(a Account, f Flags) string {
	if f.ReviewedNothing {
		return "people have no account, and Entra was not asked"
	}
	known := v.tenant.peopleNamed(a.Name)
	switch {
	case len(known) == 0:
		return "people have no account, and Entra knows nobody by the name " + a.Name
	case slices.ContainsFunc(known, func(id string) bool { return v.matching.unresolved[id] }):
		return "they were renamed"
	}
	return ""
}

// Excludes says whether exclude means the present person of an account. The account must not be found for anybody else by
// the same key or an earlier one.
func (v *View) Excludes(id string) bool {
	out, others := len(v.config.Keys), len(v.config.Keys)
	for _, p := range v.tenant.People {
		c := v.org.claim(p, v.config.Keys, idSet{})
		switch {
		case !slices.Contains(c.accounts, id):
		case v.source.excluded[p.ID]:
			out = min(out, c.rank)
		default:
			others = min(others, c.rank)
		}
	}
	return out < others
}

// Protects says whether protect has an account. An account that Genesys neither lists nor finds has no known name.
func (v *View) Protects(id string) bool {
	a, _ := v.org.Account(id)
	if !a.Listed && !a.Found {
		a.Name = ""
	}
	return v.mapping.protects(id, a.Name)
}

// Broken says whether so many members have no person, and so many people no account, that a matching attribute must have
// changed. No allowance lifts this.
func (v *View) Broken(g Group, f Flags) bool {
	if v.mapping.Mode != Mirror || f.NoRemovals {
		return false // nobody would be removed, so no names are looked up
	}
	lost := 0
	for _, m := range g.Members {
		a, known := v.org.Account(m.ID)
		if m.Other || !known || !a.Listed || v.Wanted(m.ID) || v.matching.contested[m.ID] || v.mapping.protects(m.ID, a.Name) {
			continue
		}
		if len(v.matching.unresolved) > 0 && !v.released(m.ID, f) && v.doubt(a, f) != "" {
			lost++
		}
	}
	return lost >= 5 && 4*lost >= len(g.Members) && len(v.matching.unresolved) >= lost
}
