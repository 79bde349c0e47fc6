package journal

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/plan"
)

// tugs is how often callroll must have made one change of one person for it to be a tug of war.
const tugs = 3

// Runs returns the runs of all orgs, the last one that began first: those since the checkpoint where Read has used one, and
// all where ReadDir has read them.
func (h *History) Runs() []RunRecord {
	out := make([]RunRecord, 0, len(h.runs))
	for _, r := range slices.Backward(h.runs) {
		out = append(out, *r)
	}
	return out
}

// Run finds a run by its ID.
func (h *History) Run(id string) (RunRecord, bool) {
	if r := h.byID[id]; r != nil {
		return *r, true
	}
	return RunRecord{}, false
}

// Intent is a PUT of which nobody knows what became.
type Intent struct {
	Run string // that was about to send it
	GroupRecord
}

// OpenIntents returns what earlier runs left open, oldest first: those that died before an outcome, and those whose
// outcome was that nobody knows. Who holds the lock reads each group and closes them.
func (h *History) OpenIntents(host, clientID string) []Intent {
	var open []Intent
	for _, r := range h.runs {
		if org(r.Info.Host, r.Info.ClientID) != org(host, clientID) {
			continue
		}
		for _, g := range r.Groups {
			if g.open() {
				open = append(open, Intent{Run: r.Info.ID, GroupRecord: g})
			}
		}
	}
	return open
}

// Unsettled says how many runs in a row, up to now, ended "not applied" for a group with the same members to be. Runs
// that did not write the group and did not see it as wanted are passed over.
func (h *History) Unsettled(host, clientID, groupID string, members []string) int {
	u := h.look(host, clientID).Unsettled[groupID]
	if u.Key != plan.IdempotencyKey(groupID, members) {
		return 0
	}
	return u.Runs
}

// Knows says whether an earlier run is known to have made a group as it was to be, or to have found it so. Of a group that
// it does not know the mapping is new to this journal, or nothing has ever come of it.
func (h *History) Knows(host, clientID, groupID string) bool {
	return h.look(host, clientID).Known[groupID]
}

// Taken returns when the memberships were read that a group was last made to have; zero if no run is known.
func (h *History) Taken(host, clientID, groupID string) time.Time {
	return h.look(host, clientID).Taken[groupID]
}

// TugOfWar returns the ids of the accounts of whom callroll has made the same change three times or more with nothing
// but somebody else to undo it in between, sorted. It may be long ago: whoever stands here and is to be changed again
// is the one to name.
func (h *History) TugOfWar(host, clientID, groupID string) []string {
	ids := []string{}
	for id, n := range h.look(host, clientID).Streaks[groupID] {
		if n >= tugs || n <= -tugs {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// LastStates is how the latest runs of an org ended.
type LastStates struct {
	Statuses []int // exit statuses of the runs that ended, newest first; a hundred at least, if there are so many
}

// LastStates returns how the latest runs of an org ended.
func (h *History) LastStates(host, clientID string) LastStates {
	out := LastStates{Statuses: slices.Clone(h.look(host, clientID).Statuses)}
	slices.Reverse(out.Statuses)
	return out
}

// InARow says how many of the latest runs, without a gap, ended in one of these statuses.
func (s LastStates) InARow(statuses ...int) int {
	for n, status := range s.Statuses {
		if !slices.Contains(statuses, status) {
			return n
		}
	}
	return len(s.Statuses)
}

// Memory is what a person was told of the runs of one configuration.
type Memory struct {
	Told map[Cause]time.Time // what is not over, and when they were last told
	Seen map[Cause]int       // what was the matter in the latest run, and in how many in a row
}

// Memory returns what a person was told of the runs of a configuration. It goes by RunInfo.Config, and by the org where
// that is empty.
func (h *History) Memory(info RunInfo) Memory {
	out := Memory{Told: map[Cause]time.Time{}, Seen: map[Cause]int{}}
	m := h.told[info.scope()]
	if m == nil {
		return out
	}
	for _, t := range m.Told {
		out.Told[t.Cause] = t.At
	}
	for _, s := range m.Seen {
		out.Seen[s.Cause] = s.Runs
	}
	return out
}

// LastDigest returns the digest of the mappings of the last run of an org; ok is false if there was none.
func (h *History) LastDigest(host, clientID string) (digest string, ok bool) {
	b := h.look(host, clientID)
	return b.Digest, b.Runs > 0
}

// slack is how far the clocks of two machines that share a folder may be apart without a word.
const slack = 5 * time.Minute

// Ahead returns the latest time in the journal that is in the future, if nobody was told of it yet; zero if there is none.
func (h *History) Ahead() time.Time {
	if h.ahead.After(h.now.Add(slack)) && h.ahead.After(h.noted) {
		return h.ahead
	}
	return time.Time{}
}

// Undo is the contrary of what a run changed in one group.
type Undo struct {
	GroupID     string
	Name        string
	Add, Remove []plan.Entry
}

// Inverse returns what would take back the changes of the run, group by group: those that are known to have been made,
// and no others. Who was in the group before is not restored, because later changes by others are to stay.
func (r RunRecord) Inverse() []Undo {
	undos := []Undo{}
	for _, g := range r.Groups {
		if c := g.applied(); len(c.Add)+len(c.Remove) > 0 {
			undos = append(undos, Undo{GroupID: g.ID, Name: g.Name, Add: c.Remove, Remove: c.Add})
		}
	}
	return undos
}
