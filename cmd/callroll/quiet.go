package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
)

// With --quiet a run reports each problem when it begins and when it is over, and once a day while it lasts. Problems that the
// next run may resolve by itself (unavailable, locked, conflict) are reported after three runs in a row. Problems are
// remembered in the journal for each configuration, by [journal.Cause]: what the problem is and where. Without a journal each
// run reports all its problems. For problems with people see quietpeople.go.

const (
	reminder = 24 * time.Hour
	patience = 3 // runs in a row
)

// Values of Cause.What, apart from the names of statuses.
const (
	ofRun    = "run "  // prefix of a status that concerns the whole run; Where is a host or the place of a setting
	badClock = "clock" // Where is the host whose clock differs
	note     = "note"  // Where is the text of the note

	// Somebody else undoes the changes in a group again and again: see quietundone.go.
	undone = "keeps being undone"
)

type problem struct {
	journal.Cause
	passes bool // the next run may resolve it
	person bool // it is about a person, see quietpeople.go
}

// problems returns the problems of a run, without duplicates.
func (m *mail) problems(e ending) []problem {
	var out []problem
	add := func(what, where string, passes bool) {
		p := problem{Cause: journal.Cause{What: what, Where: where}, passes: passes}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	if e.err != nil && (needsPerson(e.status) || passes(e.status)) {
		for _, where := range whereFailed(e.err) {
			add(ofRun+report.Name(e.status), where, passes(e.status))
		}
	}
	for _, o := range e.outcomes {
		group := o
		group.Group.Keep = nil // each held person is a problem of their own
		if status := report.OfOutcomes([]push.Outcome{group}); needsPerson(status) || passes(status) {
			add(what(group, status), o.Group.Name, passes(status))
		}
		if unasked(o) { // Entra did not answer: a problem in addition to the result of the group
			o.Status = push.InStep
			status := report.OfOutcomes([]push.Outcome{o})
			add(report.Name(status), o.Group.Name, passes(status))
		}
		if m.undoneAgain(o) {
			add(undone, o.Group.Name, false)
		}
	}
	for _, text := range e.notes {
		add(note, noteCause(text), false)
	}
	_, wrong := m.app.clock.hosts()
	for _, host := range wrong {
		add(badClock, host, false)
	}
	return append(out, peopleOf(e.outcomes)...)
}

// noteCause returns the part of a note by which it is remembered. It cuts off an error or a list of names after a sentence of
// at least 60 bytes, because these differ from run to run. The report has the whole note.
func noteCause(text string) string {
	const sentence = 60
	if i := strings.Index(text, ": "); i >= sentence {
		return text[:i]
	}
	return text
}

// what names the problem of a group: its status, with the rule that refused it if there is one.
func what(o push.Outcome, status int) string {
	if o.Status == push.Refused && len(o.Group.Refusals) > 0 {
		return report.Name(status) + " (" + string(o.Group.Refusals[0].Rule) + ")"
	}
	return report.Name(status)
}

// whereFailed returns where a whole run failed: one place, or several places of a configuration.
func whereFailed(err error) []string {
	var many config.Errors
	if !errors.As(err, &many) {
		return []string{oneFailed(err)}
	}
	var where []string
	for _, one := range many {
		where = append(where, oneFailed(one))
	}
	return where
}

func oneFailed(err error) string {
	var (
		setting *config.Error
		request *rest.Error
		proxy   *rest.ProxyError
	)
	switch {
	case errors.As(err, new(*journal.LockedError)):
		return "the lock"
	case errors.As(err, &setting):
		return cmp.Or(setting.Place, "the configuration")
	case errors.As(err, &proxy):
		return proxy.Proxy
	case errors.As(err, &request):
		return request.Host
	}
	return "the run"
}

// over returns the reported problems that no longer exist. Problems that this run could not check are left out.
func (m *mail) over(problems []problem, e ending) []journal.Cause {
	var out []journal.Cause
	present := map[journal.Cause]bool{}
	for _, p := range problems {
		present[p.Cause] = true
	}
	people := m.knowsPeople(e)
	for cause := range m.memory.Told {
		if present[cause] {
			continue
		}
		if isAbout(cause) && people || !isAbout(cause) && m.knows(cause, e) {
			out = append(out, cause)
		}
	}
	slices.SortFunc(out, compareCauses)
	return out
}

func compareCauses(a, b journal.Cause) int {
	return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.What, b.What))
}

// knows reports whether this run would have found a problem if it still existed.
func (m *mail) knows(cause journal.Cause, e ending) bool {
	switch cause.What {
	case ofRun + report.Name(report.Config), ofRun + report.Name(report.Usage):
		return e.err == nil || m.locked // both are found before the lock is taken
	case ofRun + report.Name(report.Locked):
		return m.locked
	case badClock: // only a run with the lock reports the end, so that it is reported once
		// All hosts are compared with one clock. So the problem is over even if the host of the cause is not asked any more,
		// if other hosts agree and none disagrees.
		right, wrong := m.app.clock.hosts()
		return m.locked && (slices.Contains(right, cause.Where) || len(right) > 0 && len(wrong) == 0)
	case note: // a run of some groups does not know the notes about the others
		return e.err == nil && m.all
	case undone:
		return m.undoneIsOver(cause.Where, e)
	}
	if concernsRun(cause) { // a run that works on a file may not ask Entra
		return e.err == nil && (!slices.Contains(m.entra, cause.Where) || m.app.tally.hasAnswered(cause.Where))
	}
	read := func(o push.Outcome) bool { return o.Group.Name == cause.Where && conclusive(o.Status) }
	return slices.ContainsFunc(e.outcomes, read) || m.isGone(cause.Where, e)
}

// isGone reports whether a group is no longer configured.
func (m *mail) isGone(group string, e ending) bool {
	configured := slices.ContainsFunc(e.outcomes, func(o push.Outcome) bool { return o.Group.Name == group })
	return !configured && e.err == nil && m.all
}

// concernsRun reports whether a cause is about the whole run.
func concernsRun(cause journal.Cause) bool { return strings.HasPrefix(cause.What, ofRun) }

// conclusive reports whether a group with this status was read completely.
func conclusive(status push.Status) bool {
	return slices.Contains([]push.Status{
		push.Done, push.Already, push.InStep, push.Paused, push.Refused, push.Missing, push.NotApplied, push.Conflict, push.Rejected,
	}, status)
}

// speak prints what is new, what lasts and what is over, and records in the journal that it was reported. It returns false if
// it prints nothing.
func (m *mail) speak(problems []problem, over []journal.Cause) bool {
	now := time.Now()
	var told []journal.Cause
	lines := news{causes: map[string][]journal.Cause{}}
	for _, p := range problems {
		at, known := m.memory.Told[p.Cause]
		switch {
		case known && now.Sub(at) >= reminder && !p.toldOnce():
			lines.add("still", p.Cause)
		case !known && (!p.passes || m.lasts(p.Cause)):
			lines.add("new", p.Cause)
		default:
			continue
		}
		told = append(told, p.Cause)
	}
	for _, cause := range over {
		lines.add("over", cause)
	}
	if len(told)+len(over) == 0 {
		return false
	}
	m.head()
	m.app.sayLines(lines.bounded()...)
	if err := m.run.Record.Told(told, over); err != nil {
		m.say("the journal: %v", err)
	}
	return true
}

// lasts reports whether a problem that may pass has existed for three runs in a row. A problem of the whole run also lasts if
// the last three runs, with this one, all failed for a reason that may pass.
func (m *mail) lasts(cause journal.Cause) bool {
	return m.memory.Seen[cause] >= patience-1 ||
		concernsRun(cause) && m.past.InARow(report.Unavailable, report.Locked, report.Conflict) >= patience-1
}

func needsPerson(status int) bool {
	return slices.Contains([]int{report.Failed, report.Refused, report.Denied, report.Internal, report.Usage, report.Config}, status)
}

func passes(status int) bool {
	return slices.Contains([]int{report.Unavailable, report.Locked, report.Conflict}, status)
}
