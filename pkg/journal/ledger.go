package journal

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/push"
)

// ledger is what the runs of one org add up to. It is kept line by line, so that a year of runs takes the place of one.
type ledger struct {
	Unsettled map[string]unsettled      `json:"unsettled,omitempty"` // by group id
	Streaks   map[string]map[string]int `json:"streaks,omitempty"`   // group id → account id → how often added in a row; below zero: removed
	Known     map[string]bool           `json:"known,omitempty"`     // group ids that a run wrote, or found as they should be
	Taken     map[string]time.Time      `json:"taken,omitempty"`     // by group id: when the memberships were read that it was last made to have
	Statuses  []int                     `json:"statuses,omitempty"`  // of the latest runs that ended, oldest first
	Runs      int                       `json:"runs"`                // that began
	Digest    string                    `json:"digest"`              // of the last one
}

// mostStatuses is how many statuses are kept. Nobody asks for more than a few.
const mostStatuses = 100

type unsettled struct {
	Key  string `json:"key"`
	Runs int    `json:"runs"`
}

func (h *History) ledger(host, clientID string) *ledger {
	key := org(host, clientID)
	if h.orgs[key] == nil {
		h.orgs[key] = &ledger{}
		h.orgs[key].ready()
	}
	return h.orgs[key]
}

// ready makes the maps that are not there.
func (b *ledger) ready() {
	if b.Unsettled == nil {
		b.Unsettled = map[string]unsettled{}
	}
	if b.Streaks == nil {
		b.Streaks = map[string]map[string]int{}
	}
	if b.Known == nil {
		b.Known = map[string]bool{}
	}
	if b.Taken == nil {
		b.Taken = map[string]time.Time{}
	}
}

// look is ledger for who asks: of an org without runs it is empty.
func (h *History) look(host, clientID string) *ledger {
	if b := h.orgs[org(host, clientID)]; b != nil {
		return b
	}
	return &ledger{}
}

// ended takes the status of a run in.
func (b *ledger) ended(status int) {
	b.Statuses = append(b.Statuses, status)
	if n := len(b.Statuses); n > 2*mostStatuses {
		b.Statuses = slices.Clone(b.Statuses[n-mostStatuses:])
	}
}

// settle takes an outcome in.
func (b *ledger) settle(l line, g GroupRecord, info RunInfo, began time.Time) {
	if g.ID == "" {
		return
	}
	if l.Outcome == push.Done {
		b.changed(g)
	}
	switch l.Outcome {
	case push.Done, push.InStep, push.Already:
		b.Known[g.ID] = true
		b.made(g.ID, info, began, l.Time)
	}
	switch {
	case l.Outcome == push.NotApplied && b.Unsettled[g.ID].Key == g.Key:
		b.Unsettled[g.ID] = unsettled{g.Key, b.Unsettled[g.ID].Runs + 1}
	case l.Outcome == push.NotApplied:
		b.Unsettled[g.ID] = unsettled{g.Key, 1}
	case g.Written || l.Outcome == push.InStep || l.Outcome == push.Already:
		delete(b.Unsettled, g.ID)
	}
}

// settleResult is settle for a group that was not written.
func (b *ledger) settleResult(r result, info RunInfo, began, at time.Time) {
	l := r.line()
	l.Time = at
	b.settle(l, GroupRecord{ID: r.Group, Name: r.Name, Outcome: r.Outcome, Key: r.Key}, info, began)
}

// made notes when the memberships were read that a group was made to have by a run. A time after that of the line counts as that:
// a clock that ran ahead must not shut out what is read later.
func (b *ledger) made(groupID string, info RunInfo, began, at time.Time) {
	taken := info.Taken
	if info.Live {
		taken = began.Truncate(time.Second) // as files have it
	}
	if taken.After(at) {
		taken = at
	}
	if !taken.IsZero() {
		b.Taken[groupID] = taken
	}
}

// changed counts how often the same was done to somebody without the contrary in between.
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

// memory is what a person was told of the runs of one configuration, and what was the matter in them.
type memory struct {
	Told []toldCause `json:"told,omitempty"`
	Seen []seenCause `json:"seen,omitempty"` // in the latest run
}

type toldCause struct {
	Cause
	At time.Time `json:"at"` // when a person was last told
}

type seenCause struct {
	Cause
	Runs int `json:"runs"` // in a row, up to the latest one
}

func (h *History) memory(scope string) *memory {
	if h.told[scope] == nil {
		h.told[scope] = &memory{}
	}
	return h.told[scope]
}

// tell takes in what a person was told.
func (m *memory) tell(l line) {
	named := map[Cause]bool{} // there may be thousands
	for _, c := range slices.Concat(l.Over, l.Causes) {
		named[c] = true
	}
	m.Told = slices.DeleteFunc(m.Told, func(t toldCause) bool { return named[t.Cause] })
	for _, c := range l.Causes {
		m.Told = append(m.Told, toldCause{c, l.Time})
	}
}

// ran takes in what was the matter in so many runs in a row.
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

// clamp makes of what happened after a time what happened at it.
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
