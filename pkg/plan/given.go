package plan

import (
	"slices"

	"github.com/callroll/callroll/pkg/membership"
)

// Given plans changes that were decided elsewhere, as far as they are still to be made: whoever is a member already is
// not added, and whoever is none is not removed. Whom the rule protects stays, and everybody in a run that removes nobody.
func Given(rule Rule, policy Policy, current membership.Group, add, remove []Entry) Group {
	g := blank(rule)
	g.ID, g.DisplayName, g.Version = current.ID, current.DisplayName, current.Version
	members := current.MemberIDs()
	for _, e := range add {
		if !slices.Contains(members, e.ID) {
			g.Add = append(g.Add, e)
		}
	}
	for _, e := range remove {
		switch {
		case !slices.Contains(members, e.ID):
		case rule.protects(e.ID, e.UserName):
			g.Keep = append(g.Keep, Kept{Entry: e, Reason: KeptProtected})
		case policy.NoRemovals:
			g.Keep = append(g.Keep, Kept{Entry: e, Reason: KeptNoRemovals})
		default:
			g.Remove = append(g.Remove, e)
		}
	}
	ids := slices.DeleteFunc(members, func(id string) bool {
		return slices.ContainsFunc(g.Remove, func(e Entry) bool { return e.ID == id })
	})
	for _, e := range g.Add {
		ids = append(ids, e.ID)
	}
	slices.SortFunc(g.Add, compareEntries)
	slices.SortFunc(g.Remove, compareEntries)
	g.Members = membership.Distinct(ids)
	g.Key = IdempotencyKey(g.ID, g.Members)
	if len(g.Add)+len(g.Remove) > 0 {
		g.State = Changes
	}
	return g
}
