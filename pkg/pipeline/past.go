package pipeline

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/plan"
)

// NewPast returns what a journal knows about earlier runs with a connection. [Begin] does this for a run that writes; a run
// that only plans can set it in its Settings.
func NewPast(history *journal.History, conn *genesys.Conn, s Settings) *Past {
	return &Past{History: history, Host: conn.Host(), ClientID: conn.ClientID(), Digest: digest(s.Mappings)}
}

// hopeless is the number of runs in a row whose write had no effect after which the same write is refused.
const hopeless = 2

// warn checks the planned changes against earlier runs. It refuses a write that had no effect in the last two runs,
// unless Policy.AllowRemovals or Policy.AllowAdditions names the group. It adds a note about changes that somebody
// undoes again and again.
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
	repeated := p.History.Repeated(p.Host, p.ClientID, g.ID)
	var names []string
	for _, e := range append(slices.Clone(g.Add), g.Remove...) {
		if slices.Contains(repeated, e.ID) {
			names = append(names, e.UserName)
		}
	}
	if len(names) > 0 {
		g.Notes = append(g.Notes, plan.UndoneNote(names))
	}
}

// refuseOlder refuses changes from memberships that are older than those that the group was last set to. Such changes
// would add people who have left since then, and remove people who have joined since then. taken is zero for memberships
// that are read in this run; those are never refused.
func (p *Past) refuseOlder(g *plan.Group, taken time.Time) {
	if p.isOlder(*g, taken) {
		last := p.History.Taken(p.Host, p.ClientID, g.ID)
		g.Refuse(plan.Refusal{Rule: plan.OlderFile, Read: taken.UTC(), LastRead: last.UTC(), Allow: &plan.Allowance{Older: true}})
	}
}

func (p *Past) isOlder(g plan.Group, taken time.Time) bool {
	return p != nil && g.State == plan.Changes && !taken.IsZero() && taken.Before(p.History.Taken(p.Host, p.ClientID, g.ID))
}

// sayNew adds a note and a hint to a refused group if its mapping is new, or if any mapping has changed since the last
// run. In that case the cause of the refusal may be a mistake in the configuration.
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
