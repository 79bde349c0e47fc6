package journal

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/plan"
)

// repetitions is how often callroll must have made the same change for a person until Repeated returns them.
const repetitions = 3

// Runs returns the runs of all orgs, the latest first. After [Journal.Read] with a checkpoint these are the runs since
// the checkpoint; after [ReadDir] they are all runs.
func (h *History) Runs() []RunRecord {
	out := make([]RunRecord, 0, len(h.runs))
	for _, r := range slices.Backward(h.runs) {
		out = append(out, *r)
	}
	return out
}

// Run finds a run by its ID; the second result is false if there is no such run.
func (h *History) Run(id string) (RunRecord, bool) {
	if r := h.byID[id]; r != nil {
		return *r, true
	}
	return RunRecord{}, false
}

// Intent is a PUT whose result is not known.
type Intent struct {
	Run string // ID of the run that was about to send it
	GroupRecord
}

// OpenIntents returns the PUTs that earlier runs left open, the oldest first: the run died before the outcome, or the
// outcome was that the result is not known. The run that holds the lock reads each group and calls [Run.Close] or
// [Run.CloseGone].
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

// Unsettled returns how many runs in a row, up to the latest one, ended as push.NotApplied for a group with the same
// members. Runs that did not write the group and did not find it with these members are not counted and do not end the
// row.
func (h *History) Unsettled(host, clientID, groupID string, members []string) int {
	u := h.look(host, clientID).Unsettled[groupID]
	if u.Key != plan.IdempotencyKey(groupID, members) {
		return 0
	}
	return u.Runs
}

// Knows reports whether an earlier run has set a group to its members, or has found it with them. If it is false, the
// mapping of the group is new to this journal, or no run has ever succeeded for it.
func (h *History) Knows(host, clientID, groupID string) bool {
	return h.look(host, clientID).Known[groupID]
}

// Written reports whether a run has written a group, and the latest write of the group showed in Genesys.
func (h *History) Written(host, clientID, groupID string) bool {
	b := h.look(host, clientID)
	return b.Streaks[groupID] != nil && b.Unsettled[groupID].Runs == 0 // a streak begins with the first write
}

// Taken returns the time when the memberships were read that a group was last set to; zero if no such run is known.
func (h *History) Taken(host, clientID, groupID string) time.Time {
	return h.look(host, clientID).Taken[groupID]
}

// Repeated returns the sorted ids of the accounts for which callroll has made the same change at least three times in
// one group, without the reverse change by callroll in between, so that somebody else must have undone it. The changes
// may be long ago: the result is meant for people whom the present run is to change again.
func (h *History) Repeated(host, clientID, groupID string) []string {
	ids := []string{}
	for id, n := range h.look(host, clientID).Streaks[groupID] {
		if n >= repetitions || n <= -repetitions {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// LastStates are the exit statuses of the latest runs of an org that ended, the newest first.
type LastStates []int

// LastStates returns the exit statuses of at least the latest hundred runs of an org.
func (h *History) LastStates(host, clientID string) LastStates {
	out := slices.Clone(h.look(host, clientID).Statuses)
	slices.Reverse(out)
	return out
}

// InARow returns how many of the latest runs, up to the newest and without a gap, ended with one of these statuses.
func (s LastStates) InARow(statuses ...int) int {
	for n, status := range s {
		if !slices.Contains(statuses, status) {
			return n
		}
	}
	return len(s)
}

// Memory says which problems a person was told of, and which problems the latest run had, for one configuration.
type Memory struct {
	Told map[Cause]time.Time // problems that are not over, and when a person was last told of them
	Seen map[Cause]int       // problems of the latest run, and the number of runs in a row that had them
}

// Memory returns the Memory of the configuration of info: that of RunInfo.Config, or that of the org if Config is empty.
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

// LastDigest returns the digest of the mappings of the last run of an org; ok is false if there was no run.
func (h *History) LastDigest(host, clientID string) (digest string, ok bool) {
	b := h.look(host, clientID)
	return b.Digest, b.Runs > 0
}

// slack is the largest difference between the clocks of two machines with a shared folder that is not reported.
const slack = 5 * time.Minute

// Ahead returns the latest time in the journal that is in the future, if no person was told of it yet; zero if there is
// none.
func (h *History) Ahead() time.Time {
	if h.ahead.After(h.now.Add(slack)) && h.ahead.After(h.noted) {
		return h.ahead
	}
	return time.Time{}
}

// Undo is the reverse of the changes of a run in one group.
type Undo struct {
	GroupID     string // of the Genesys group
	Name        string // of the group in reports
	Add, Remove []plan.Entry
}

// Inverse returns the changes that take back those of the run, one Undo for each group. It has only changes that the run
// is known to have made. It does not restore the members from before the run, because later changes by others are to
// stay.
func (r RunRecord) Inverse() []Undo {
	undos := []Undo{}
	for _, g := range r.Groups {
		if c := g.applied(); len(c.Add)+len(c.Remove) > 0 {
			undos = append(undos, Undo{GroupID: g.ID, Name: g.Name, Add: c.Remove, Remove: c.Add})
		}
	}
	return undos
}
