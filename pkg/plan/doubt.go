package plan

import (
	"slices"

	"github.com/callroll/callroll/pkg/membership"
)

// In doubt is who would be removed while people of the same group find no account: he may be one of them, under a new
// name. What Entra says about his name decides:
//
//	known as one of this group's unresolved people    renamed: keep
//	known as somebody else, or deleted lately         a leaver: remove
//	known to nobody                                   held: keep, until a person decides
//
// A person decides by releasing him, for one run, or by protecting him.

// InDoubt returns the accounts about whose names Entra has to be asked; without unresolved people there are none.
func InDoubt(g Group, policy Policy) []Entry {
	if g.missing() == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(g.Remove), func(e Entry) bool { return policy.released(g.Name, e) })
}

// Ask settles the doubts about a group, in place. known has the ids of the people who go or went by a userName, folded.
// failure is why Entra could or would not say; then everybody in doubt is held.
func Ask(g *Group, policy Policy, known map[string][]string, failure *membership.Reason) {
	doubts := InDoubt(*g, policy)
	if len(doubts) == 0 {
		return
	}
	g.Asked = true
	g.Doubt = failure
	unresolved := map[string]Unresolved{}
	for _, u := range g.Unresolved {
		if u.Reason != Inactive {
			unresolved[u.ID] = u
		}
	}
	for _, e := range doubts {
		people := known[membership.Fold(e.UserName)]
		i := slices.IndexFunc(people, func(id string) bool { _, ok := unresolved[id]; return ok })
		switch {
		case i >= 0:
			e.Person = unresolved[people[i]].UserPrincipalName
			g.keep(e, KeptRenamed)
		case len(people) == 0 || failure != nil:
			g.keep(e, KeptHeld)
		}
	}
}

// keep takes a removal back.
func (g *Group) keep(e Entry, reason KeepReason) {
	g.Remove = slices.DeleteFunc(g.Remove, func(r Entry) bool { return r.ID == e.ID })
	active := !e.Inactive
	e.Inactive = false // Active says it of a member who is kept
	g.Keep = append(g.Keep, Kept{Entry: e, Reason: reason, Active: active})
	slices.SortFunc(g.Keep, func(a, b Kept) int { return compareEntries(a.Entry, b.Entry) })
	g.setMembers(append(g.Members, e.ID))
}

// Held counts the members who stay only because nobody knows whether they have left. A person has to decide about them.
func (g Group) Held() int { return g.kept(KeptHeld) }

// HeldIDs returns the ids of the members who are held.
func (g Group) HeldIDs() []string {
	var ids []string
	for _, k := range g.Keep {
		if k.Reason == KeptHeld {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

func (g Group) kept(reason KeepReason) int {
	n := 0
	for _, k := range g.Keep {
		if k.Reason == reason {
			n++
		}
	}
	return n
}

// released says whether a person has declared a member of a group a leaver, for this run.
func (p Policy) released(group string, e Entry) bool {
	return slices.ContainsFunc(p.Release[group], func(who Pattern) bool { return who.Matches(e.UserName) || who.Matches(e.ID) })
}
