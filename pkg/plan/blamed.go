package plan

import "cmp"

// RefuseMembers refuses a group, in place, because Genesys rejected some of its members. missing are members that Genesys
// does not know and that no listing of users has. inactive are members whose accounts are inactive. If the
// mode allows removals, the refusal offers to release the missing members, which removes them in one run. It does not if one
// of them is kept for another reason than [KeptUnseen].
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
