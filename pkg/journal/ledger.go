package journal

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/push"
)

// ledger has the sums over all runs of one org. It is updated line by line, so that it does not grow with the number of
// runs.
type ledger struct {
	Unsettled map[string]unsettled      `json:"unsettled"` // by group id
	Streaks   map[string]map[string]int `json:"streaks"`   // by group, account: additions in a row; <0: removals
	Known     map[string]bool           `json:"known"`     // ids of groups that a run wrote or found in step
	Taken     map[string]time.Time      `json:"taken"`     // by group id: when its last memberships were read
	Statuses  []int                     `json:"statuses"`  // of the latest runs that ended, the oldest first
	Runs      int                       `json:"runs"`      // number of runs that began
	Digest    string                    `json:"digest"`    // of the mappings of the last run
}

// mostStatuses is how many statuses are kept. Callers need only a few.
const mostStatuses = 100

type unsettled struct {
	Key  string `json:"key"`
	Runs int    `json:"runs"`
}

func (h *History) ledger(host, clientID string) *ledger {
	key := org(host, clientID)
	if h.orgs[key] == nil {
		h.orgs[key] = &ledger{
			Unsettled: map[string]unsettled{}, Streaks: map[string]map[string]int{},
			Known: map[string]bool{}, Taken: map[string]time.Time{},
		}
	}
	return h.orgs[key]
}

// look returns the ledger of an org for reading. It is empty if the org has no runs.
func (h *History) look(host, clientID string) *ledger {
	if b := h.orgs[org(host, clientID)]; b != nil {
		return b
	}
	return &ledger{}
}

// ended adds the status of a run.
func (b *ledger) ended(status int) {
	b.Statuses = append(b.Statuses, status)
	if n := len(b.Statuses); n > 2*mostStatuses {
		b.Statuses = slices.Clone(b.Statuses[n-mostStatuses:])
	}
}

// settle adds the outcome of a group in a run. at is the time of its line.
func (b *ledger) settle(run *RunRecord, g GroupRecord, at time.Time) {
	if g.ID == "" {
		return
	}
	if g.Outcome == push.Done {
		b.changed(g)
	}
	switch g.Outcome {
	case push.Done, push.InStep, push.Already:
		b.made(run, g.ID, at)
	}
	switch {
	case g.Outcome == push.NotApplied && b.Unsettled[g.ID].Key == g.Key:
		b.Unsettled[g.ID] = unsettled{g.Key, b.Unsettled[g.ID].Runs + 1}
	case g.Outcome == push.NotApplied:
		b.Unsettled[g.ID] = unsettled{g.Key, 1}
	case g.Written || g.Outcome == push.InStep || g.Outcome == push.Already:
		delete(b.Unsettled, g.ID)
	}
}

// settleResult is settle for a group that was not written.
func (b *ledger) settleResult(run *RunRecord, r result, at time.Time) {
	b.settle(run, GroupRecord{ID: r.Group, Name: r.Name, Outcome: r.Outcome, Key: r.Key}, at)
}

// made notes that a run has set a group to its members, and when the memberships were read. at is the time of the line. A
// later time counts as at: otherwise a clock that was once ahead would make all memberships of the following time older
// than the last ones.
func (b *ledger) made(run *RunRecord, groupID string, at time.Time) {
	b.Known[groupID] = true
	taken := run.Info.Taken
	if run.Info.Live {
		taken = run.Began.Truncate(time.Second) // as in files
	}
	if taken.After(at) {
		taken = at
	}
	if !taken.IsZero() {
		b.Taken[groupID] = taken
	}
}

// changed counts how often the same change was made for an account without the reverse change in between.
func (b *ledger) changed(g GroupRecord) {
	streak := b.Streaks[g.ID]
	if streak == nil {
		streak = map[string]int{}
		b.Streaks[g.ID] = streak
	}
	for _, e := range g.applied().Add {
		streak[e.ID] = max(streak[e.ID], 0) + 1
	}
	for _, e := range g.applied().Remove {
		streak[e.ID] = min(streak[e.ID], 0) - 1
	}
}

// memory says which problems of one configuration a person was told of, and which ones the latest run had.
type memory struct {
	Told []toldCause `json:"told,omitempty"`
	Seen []seenCause `json:"seen,omitempty"` // in the latest run
}

type toldCause struct {
	Cause
	At time.Time `json:"at"` // when a person was last told of it
}

type seenCause struct {
	Cause
	Runs int `json:"runs"` // number of runs in a row up to the latest one
}

func (h *History) memory(scope string) *memory {
	if h.told[scope] == nil {
		h.told[scope] = &memory{}
	}
	return h.told[scope]
}

// tell adds what a person was told.
func (m *memory) tell(l line) {
	named := list.Set(slices.Concat(l.Over, l.Causes)) // a map, because there may be thousands
	m.Told = slices.DeleteFunc(m.Told, func(t toldCause) bool { return named[t.Cause] })
	for _, c := range l.Causes {
		m.Told = append(m.Told, toldCause{c, l.Time})
	}
}

// ran adds the problems of a number of runs in a row that had the same ones.
func (m *memory) ran(causes []Cause, runs int) {
	before := map[Cause]int{}
	for _, s := range m.Seen {
		before[s.Cause] = s.Runs
	}
	m.Seen = nil
	for _, c := range causes {
		m.Seen = append(m.Seen, seenCause{c, before[c] + runs})
	}
}

// clamp sets times after at to at.
func (h *History) clamp(at time.Time) {
	for _, b := range h.orgs {
		for id, taken := range b.Taken {
			if taken.After(at) {
				b.Taken[id] = at
			}
		}
	}
	for _, m := range h.told {
		for i := range m.Told {
			if m.Told[i].At.After(at) {
				m.Told[i].At = at
			}
		}
	}
}
