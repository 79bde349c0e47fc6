package main

import (
	"slices"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Somebody else, often another program, may undo what callroll does in a group after each run. That is one problem for each
// group. It is over after three runs in a row in which nothing was undone in the group. One such run is not enough: the other
// program may run less often than callroll, and then each of its runs would be reported as a new problem and as its end.

// leftInPlace is the cause that a run records for a group in which nothing was undone, while the problem is reported and not
// over.
const leftInPlace = "not undone"

// undoneAgain reports whether this run has to repeat a change that earlier runs have made again and again.
func (m *mail) undoneAgain(o push.Outcome) bool {
	if m.history == nil || o.Status == push.NotApplied { // Genesys has not shown the change, so nobody can have undone it
		return false
	}
	repeated := m.history.Repeated(m.run.Info.Host, m.run.Info.ClientID, o.Group.ID)
	in := func(e plan.Entry) bool { return slices.Contains(repeated, e.ID) }
	return slices.ContainsFunc(o.Group.Add, in) || slices.ContainsFunc(o.Group.Remove, in)
}

// notUndone returns, of the groups with this problem, those in which nothing was undone in this run.
func (m *mail) notUndone(problems []problem, e ending) []journal.Cause {
	var out []journal.Cause
	for cause := range m.memory.Told {
		again := slices.ContainsFunc(problems, func(p problem) bool { return p.Cause == cause })
		if cause.What == undone && !again && settled(cause.Where, e) {
			out = append(out, journal.Cause{What: leftInPlace, Where: cause.Where})
		}
	}
	slices.SortFunc(out, compareCauses)
	return out
}

// undoneIsOver reports whether nothing was undone in a group for three runs in a row, or the group is no longer configured.
func (m *mail) undoneIsOver(group string, e ending) bool {
	if settled(group, e) {
		return m.memory.Seen[journal.Cause{What: leftInPlace, Where: group}] >= patience-1
	}
	return m.isGone(group, e)
}

// settled reports whether a run has left a group as it should be, or has left it alone because it is paused.
func settled(group string, e ending) bool {
	return slices.ContainsFunc(e.outcomes, func(o push.Outcome) bool {
		return o.Group.Name == group && slices.Contains([]push.Status{push.Done, push.Already, push.InStep, push.Paused}, o.Status)
	})
}
