package plan

import "slices"

// RefuseTwins refuses all groups that are the same Genesys group, because two mappings of one group would undo each other.
func RefuseTwins(groups []Group) {
	names := map[string][]string{}
	for _, g := range groups {
		if g.ID != "" {
			names[g.ID] = append(names[g.ID], g.Name)
		}
	}
	for i := range groups {
		if twins := names[groups[i].ID]; len(twins) > 1 {
			slices.Sort(twins)
			groups[i].Refuse(Refusal{Rule: Twins, Count: len(twins), Who: twins})
		}
	}
}
