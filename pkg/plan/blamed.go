package plan

import "cmp"

// RefuseMembers refuses a group, in place, because Genesys refused its members: missing are those in no listing of users whom
// Genesys does not know, inactive those whose accounts are inactive. Releasing the missing ones lets exactly them go, once, as
// removals, where nothing but that they are unseen keeps them.
func RefuseMembers(g *Group, missing, inactive []Kept, said string) {
	refusal := Refusal{Rule: BadMembers, Who: names(missing), Inactive: names(inactive), Said: said}
	var ids []string
	for _, k := range missing {
		if ids = append(ids, k.ID); k.Reason != KeptUnseen {
			refusal.Stays = append(refusal.Stays, k)
		}
	}
	mayRemove := g.Mode != AddOnly && !g.NoRemovals
	if len(missing) > 0 && mayRemove && len(refusal.Stays) == 0 {
		refusal.Allow = &Allowance{Release: ids}
	}
	g.Refuse(refusal)
}

func names(entries []Kept) []string {
	var out []string
	for _, e := range entries {
		out = append(out, cmp.Or(e.UserName, e.ID))
	}
	return out
}
