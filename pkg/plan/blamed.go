package plan

import (
	"cmp"
	"fmt"
	"strings"
)

// RefuseMembers refuses a group, in place, because Genesys refused its members: missing are those in no listing of users whom
// Genesys does not know, inactive those whose accounts are inactive. Releasing the missing ones lets exactly them go, once, as
// removals, where nothing but that they are unseen keeps them.
func RefuseMembers(g *Group, missing, inactive []Kept, said string) {
	var parts, bound []string
	for _, k := range missing {
		if k.Reason != KeptUnseen {
			bound = append(bound, fmt.Sprintf("%s stays (%s)", k.ID, k.Reason))
		}
	}
	if len(missing) > 0 && (g.Mode == AddOnly || g.NoRemovals) {
		bound = append(bound, "this run removes nobody from the group")
	}
	var allow *Allowance
	if len(missing) > 0 {
		parts = append(parts, "Genesys does not know these members: "+names(missing))
		if len(bound) == 0 {
			allow = &Allowance{}
			for _, k := range missing {
				allow.Release = append(allow.Release, k.ID)
			}
		}
	}
	if len(inactive) > 0 {
		parts = append(parts, "these members are inactive: "+names(inactive)+"; make them active, or take them out of the group in Genesys")
	}
	g.Refuse("members", fmt.Sprintf("Genesys refuses the members: %s; it says: %s", strings.Join(append(parts, bound...), "; "), said), allow)
}

// mostNamed bounds how many people one sentence names.
const mostNamed = 20

func names(entries []Kept) string {
	var out []string
	for _, e := range entries {
		if out = append(out, cmp.Or(e.UserName, e.ID)); len(out) == mostNamed && len(entries) > mostNamed {
			return fmt.Sprintf("%s and %d more", strings.Join(out, ", "), len(entries)-mostNamed)
		}
	}
	return strings.Join(out, ", ")
}
