package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// Recheck holds a plan that was made earlier against the rules and the policy of now. Its old refusals are information
// and are taken off; a breach of a present rule is a refusal; the limits are Judge's, as in a new plan. The changes
// themselves stay as they were planned. A group has the name that its rule has now.
func Recheck(groups []Group, rules []Rule, policy Policy) []Group {
	out := make([]Group, 0, len(groups))
	for _, g := range groups {
		g.Refusals = []Refusal{}
		if g.State == Refused || g.State == Changes {
			g.State = InStep
			if len(g.Add)+len(g.Remove) > 0 {
				g.State = Changes
			}
		}
		switch leading := rulesFor(g, rules); len(leading) {
		case 0:
			g.Refuse("mapping", "no entry of the present configuration leads to this group", "")
		case 1:
			g.Name = leading[0].Name
			g.recheck(leading[0], policy)
		default:
			g.Name = leading[0].Name
			g.Refuse("twins", fmt.Sprintf("%d entries of the configuration are this one Genesys group", len(leading)), "")
		}
		out = append(out, g)
	}
	return out
}

// rulesFor finds the rules that lead to a group, by its id or by the name that it had.
func rulesFor(g Group, rules []Rule) []Rule {
	var leading []Rule
	for _, r := range rules {
		if r.Genesys == g.ID || r.Genesys == g.Genesys || r.Genesys == g.DisplayName {
			leading = append(leading, r)
		}
	}
	return leading
}

func (g *Group) recheck(rule Rule, policy Policy) {
	if !slices.Equal(membership.Distinct(rule.Entra), g.Entra) {
		g.Refuse("mapping", "the present configuration feeds it from other Entra groups than the plan", "")
	} else if rule.Source != g.Source {
		g.Refuse("mapping", fmt.Sprintf("the present configuration takes people in another way (%s) than the plan (%s)", rule.Source, g.Source), "")
	}
	if g.State != Changes {
		return
	}
	switch {
	case rule.Mode == Paused:
		g.Refuse("mode", "the present configuration has it paused", "")
	case len(g.Remove) == 0:
	case rule.Mode == AddOnly:
		g.Refuse("mode", fmt.Sprintf("the plan removes %d members, and the present mode is add-only", len(g.Remove)), "")
	case policy.NoRemovals:
		g.Refuse("mode", fmt.Sprintf("the plan removes %d members, and this run removes nobody", len(g.Remove)), "")
	}
	var named []string
	for _, e := range g.Remove {
		if rule.protects(e.ID, e.UserName) {
			named = append(named, e.UserName)
		}
	}
	if len(named) > 0 {
		g.Refuse("protect", "the plan removes "+strings.Join(named, ", ")+", whom protect names now", "")
	}
}

// RefuseTwins refuses all groups that turn out to be one and the same Genesys group: two mappings would undo each other.
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
			groups[i].Refuse("twins", fmt.Sprintf("%d entries of the configuration are this one Genesys group: %s",
				len(twins), strings.Join(twins, ", ")), "")
		}
	}
}
