package main

import (
	"slices"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Somebody else, often another program, may take back what callroll does in a group whenever it has done it. That is one problem for
// each group. It is over after three runs in a row in which the group was as it should be, or changed in other ways only: the other
// program may be slower than callroll, and each of its turns would be an end and a beginning.

// stillness is what a run remembers of a group in which nothing was undone, while a person believes that something is.
const stillness = "not undone"

// atWar says whether a run found undone what earlier runs have done again and again.
func (m *mail) atWar(o push.Outcome) bool {
	if m.history == nil || o.Status == push.NotApplied { // Genesys has not shown the change, so that nobody can have undone it
		return false
	}
	tugged := m.history.TugOfWar(m.run.Info().Host, m.run.Info().ClientID, o.Group.ID)
	in := func(e plan.Entry) bool { return slices.Contains(tugged, e.ID) }
	return slices.ContainsFunc(o.Group.Add, in) || slices.ContainsFunc(o.Group.Remove, in)
}

// quietWars lists the groups in which nothing was undone in this run, of those of which a person believes so.
func (m *mail) quietWars(problems []problem, e ending) []journal.Cause {
	var out []journal.Cause
	for cause := range m.memory.Told {
		again := slices.ContainsFunc(problems, func(p problem) bool { return p.Cause == cause })
		if cause.What == undone && !again && settled(cause.Where, e) {
			out = append(out, journal.Cause{What: stillness, Where: cause.Where})
		}
	}
	slices.SortFunc(out, compareCauses)
	return out
}

// warIsOver says whether nothing was undone in a group for long enough.
func (m *mail) warIsOver(group string, e ending) bool {
	if settled(group, e) {
		return m.memory.Seen[journal.Cause{What: stillness, Where: group}] >= patience-1
	}
	configured := slices.ContainsFunc(e.outcomes, func(o push.Outcome) bool { return o.Group.Name == group })
	return !configured && e.err == nil && m.all
}

// settled says whether a run has left a group as it should be, or alone as it is configured.
func settled(group string, e ending) bool {
	return slices.ContainsFunc(e.outcomes, func(o push.Outcome) bool {
		return o.Group.Name == group && slices.Contains([]push.Status{push.Done, push.Already, push.InStep, push.Paused}, o.Status)
	})
}
