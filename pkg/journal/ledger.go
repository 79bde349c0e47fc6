package journal

import (
	"time"

	"github.com/callroll/callroll/pkg/push"
)

// ledger is what the runs of one org add up to. It is kept line by line, so that a year of runs takes the place of one.
type ledger struct {
	groups    map[string]GroupState     // by name
	unsettled map[string]unsettled      // by group id
	streaks   map[string]map[string]int // group id → account id → how often added in a row; below zero: removed
	told      map[string]time.Time
	known     map[string]bool      // group ids that a run wrote, or found as they should be
	taken     map[string]time.Time // by group id: when the memberships were read that it was last made to have
	statuses  []int                // of runs that ended, oldest first
}

type unsettled struct {
	key  string
	runs int
}

// GroupState is how a group ended most lately. Runs that did not get to know anything of the group do not count.
type GroupState struct {
	ID, Name string
	Outcome  push.Status
	Detail   string    // of the last run
	Since    time.Time // first run of those in a row with this outcome
	Last     time.Time // last run with it
	Told     time.Time // when a person was last told, by a key that is the name; zero if never
}

func (h *History) ledger(host, clientID string) *ledger {
	key := org(host, clientID)
	if h.orgs[key] == nil {
		h.orgs[key] = &ledger{
			groups: map[string]GroupState{}, unsettled: map[string]unsettled{},
			streaks: map[string]map[string]int{}, told: map[string]time.Time{}, known: map[string]bool{}, taken: map[string]time.Time{},
		}
	}
	return h.orgs[key]
}

// look is ledger for who asks: of an org without runs it is empty.
func (h *History) look(host, clientID string) *ledger {
	if b := h.orgs[org(host, clientID)]; b != nil {
		return b
	}
	return &ledger{}
}

// settle takes an outcome in.
func (b *ledger) settle(l line, g GroupRecord, info RunInfo, began time.Time) {
	b.state(l)
	if g.ID == "" {
		return
	}
	if l.Outcome == push.Done {
		b.changed(g)
	}
	switch l.Outcome {
	case push.Done, push.InStep, push.Already:
		b.known[g.ID] = true
		b.made(g.ID, info, began, l.Time)
	}
	switch {
	case l.Outcome == push.NotApplied && b.unsettled[g.ID].key == g.Key:
		b.unsettled[g.ID] = unsettled{g.Key, b.unsettled[g.ID].runs + 1}
	case l.Outcome == push.NotApplied:
		b.unsettled[g.ID] = unsettled{g.Key, 1}
	case g.Written || l.Outcome == push.InStep || l.Outcome == push.Already:
		delete(b.unsettled, g.ID)
	}
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
		b.taken[groupID] = taken
	}
}

func (b *ledger) state(l line) {
	switch l.Outcome {
	case push.NotStarted, push.Unavailable, push.ToDo:
		return
	}
	s := b.groups[l.Name]
	if s.Outcome != l.Outcome {
		s = GroupState{Name: l.Name, Outcome: l.Outcome, Since: l.Time}
	}
	s.ID, s.Detail, s.Last = l.Group, l.Detail, l.Time
	b.groups[l.Name] = s
}

// changed counts how often the same was done to somebody without the contrary in between.
func (b *ledger) changed(g GroupRecord) {
	streak := b.streaks[g.ID]
	if streak == nil {
		streak = map[string]int{}
		b.streaks[g.ID] = streak
	}
	for _, e := range g.applied().add {
		streak[e.ID] = max(streak[e.ID], 0) + 1
	}
	for _, e := range g.applied().remove {
		streak[e.ID] = min(streak[e.ID], 0) - 1
	}
}
