package pipeline

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/plan"
)

// hopeless is how many runs in a row a write may come to nothing before the next one is not made.
const hopeless = 2

// warn says what earlier runs have met with the changes that are planned: a write that never settles is not made a third
// time, unless a person allows exactly these changes, and a change that somebody undoes again and again is named.
func (p *Past) warn(g *plan.Group, policy plan.Policy) {
	if p == nil {
		return
	}
	g.New = g.ID != "" && !p.History.Knows(p.Host, p.ClientID, g.ID)
	if g.State != plan.Changes {
		return
	}
	_, removals := policy.AllowRemovals[g.Name]
	_, additions := policy.AllowAdditions[g.Name]
	if n := p.History.Unsettled(p.Host, p.ClientID, g.ID, g.Members); n >= hopeless && !removals && !additions {
		g.Refuse(plan.Refusal{Rule: plan.Unsettled, Count: n, Allow: plan.AllowChanges(*g)})
	}
	tugged := p.History.TugOfWar(p.Host, p.ClientID, g.ID)
	var names []string
	for _, e := range append(slices.Clone(g.Add), g.Remove...) {
		if slices.Contains(tugged, e.ID) {
			names = append(names, e.UserName)
		}
	}
	if len(names) > 0 {
		g.Notes = append(g.Notes, plan.UndoneNote(names))
	}
}

// refuseOlder refuses changes by memberships that were read before those that the group was last made to have: they would bring
// back who has left since, and take out who has come. taken is zero for memberships that are read in this run.
func (p *Past) refuseOlder(g *plan.Group, taken time.Time) {
	if p.isOlder(*g, taken) {
		last := p.History.Taken(p.Host, p.ClientID, g.ID)
		g.Refuse(plan.Refusal{Rule: plan.OlderFile, Read: taken.UTC(), LastRead: last.UTC(), Allow: &plan.Allowance{Older: true}})
	}
}

func (p *Past) isOlder(g plan.Group, taken time.Time) bool {
	return p != nil && g.State == plan.Changes && !taken.IsZero() && taken.Before(p.History.Taken(p.Host, p.ClientID, g.ID))
}

// sayNew says of a group that a limit refuses if its mapping is new, or any mapping has changed since the last run: then what is
// refused may be a mistake in the configuration.
func (p *Past) sayNew(g *plan.Group) {
	if p == nil || g.State != plan.Refused || g.ID == "" {
		return
	}
	if !p.History.Knows(p.Host, p.ClientID, g.ID) {
		g.Notes = append(g.Notes, "the mapping is new: no run in the journal has kept this group")
		g.HintRefusals("check entra and genesys of the entry; with mode: add-only a run removes nobody")
		return
	}
	if digest, ok := p.History.LastDigest(p.Host, p.ClientID); ok && digest != p.Digest {
		g.Notes = append(g.Notes, "the mappings of the configuration have changed since the last run")
		g.HintRefusals("check what has changed under groups in the configuration")
	}
}
