package pipeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/plan"
)

// hopeless is how many runs in a row a write may come to nothing before the next one is not made.
const hopeless = 2

// warn says what earlier runs have met with the changes that are planned: a write that never settles is not made a third
// time, unless a person allows exactly these changes, and a change that somebody undoes again and again is named.
func (p *Past) warn(g *plan.Group, policy plan.Policy) {
	if p == nil || g.State != plan.Changes {
		return
	}
	_, removals := policy.AllowRemovals[g.Name]
	_, additions := policy.AllowAdditions[g.Name]
	if n := p.History.Unsettled(p.Host, p.ClientID, g.ID, g.Members); n >= hopeless && !removals && !additions {
		g.Refuse("unsettled", fmt.Sprintf("the last %d runs have written just these members, and Genesys did not show them: look whether the group "+
			"includes its owners, has membership rules, or is kept by another tool", n), plan.AllowFlag(*g))
	}
	tugged := p.History.TugOfWar(p.Host, p.ClientID, g.ID)
	var names []string
	for _, e := range append(slices.Clone(g.Add), g.Remove...) {
		if slices.Contains(tugged, e.ID) {
			names = append(names, e.UserName)
		}
	}
	if len(names) > 0 {
		g.Notes = append(g.Notes, "a tug of war: somebody undoes again and again what callroll does with "+strings.Join(names, ", "))
	}
}
