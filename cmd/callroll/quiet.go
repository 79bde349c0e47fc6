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

// With --quiet a run speaks of each problem when it begins and when it is over, and once a day while it lasts. What the next
// run may mend by itself (7, 5, 8) is a problem after three runs in a row. The memory is kept by cause, which is what is the
// matter and where, and for one configuration. It is in the journal: without one, each run speaks. See quietpeople.go for people.

const (
	reminder = 24 * time.Hour
	patience = 3 // runs in a row
)

// What is the matter, where it is not the name of a status.
const (
	ofRun    = "run "  // before a status: it concerns the whole run, and where is a host, or the place of a setting
	badClock = "clock" // where is the host that says so
	note     = "note"  // where is its text

	// Somebody else takes changes back in a group, run after run: see quietwar.go.
	undone = "keeps being undone"
)

// problem is a cause in one run.
type problem struct {
	journal.Cause
	passes bool // the next run may mend it
	person bool // it is about somebody in groups, see quietpeople.go
}

// problems lists what is the matter after a run, each once.
func (m *mail) problems(e ending) []problem {
	var out []problem
	met := map[problem]bool{}
	add := func(p problem) {
		if !met[p] {
			met[p] = true
			out = append(out, p)
		}
	}
	if e.err != nil && (needsPerson(e.status) || passes(e.status)) {
		for _, where := range whereFailed(e.err) {
			add(problem{Cause: journal.Cause{What: ofRun + report.Name(e.status), Where: where}, passes: passes(e.status)})
		}
	}
	for _, o := range e.outcomes {
		group := o
		group.Group.Keep = nil // those who are held have a cause of their own
		if status := report.OfOutcomes([]push.Outcome{group}); needsPerson(status) || passes(status) {
			add(problem{Cause: journal.Cause{What: what(group, status), Where: o.Group.Name}, passes: passes(status)})
		}
		if unasked(o) { // that Entra did not answer is a problem beside what became of the group
			o.Status = push.InStep
			status := report.OfOutcomes([]push.Outcome{o})
			add(problem{Cause: journal.Cause{What: report.Name(status), Where: o.Group.Name}, passes: passes(status)})
		}
		if m.atWar(o) {
			add(problem{Cause: journal.Cause{What: undone, Where: o.Group.Name}})
		}
	}
	for _, text := range e.notes {
		add(problem{Cause: journal.Cause{What: note, Where: noteCause(text)}})
	}
	_, wrong := m.app.clock.hosts()
	for _, host := range wrong {
		add(problem{Cause: journal.Cause{What: badClock, Where: host}})
	}
	return append(out, peopleOf(e.outcomes)...)
}

// noteCause is what a note is remembered by. An error, or a list of names, that follows a whole sentence differs from run
// to run; the note itself is in the report.
func noteCause(text string) string {
	const sentence = 60
	if i := strings.Index(text, ": "); i >= sentence {
		return text[:i]
	}
	return text
}

// what names the trouble of a group: the rule that refuses it, or else its status.
func what(o push.Outcome, status int) string {
	if o.Status == push.Refused && len(o.Group.Refusals) > 0 {
		return report.Name(status) + " (" + string(o.Group.Refusals[0].Rule) + ")"
	}
	return report.Name(status)
}

// whereFailed says where a whole run failed: in one place, or in several of a configuration.
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
		locked  *journal.LockedError
	)
	switch {
	case errors.As(err, &locked):
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

// over lists what a person was told of and what is not the matter any more. A run that did not come far enough to know
// says nothing.
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

// knows says whether a run would have met a problem if it was still there.
func (m *mail) knows(cause journal.Cause, e ending) bool {
	switch cause.What {
	case ofRun + report.Name(report.Config), ofRun + report.Name(report.Usage):
		return e.err == nil || m.locked // both are found before
	case ofRun + report.Name(report.Locked):
		return m.locked
	case badClock: // a run that was locked out would tell of the end a second time, as the other run does
		// It is one clock: a host that is not asked any more holds nothing back where others agree and none contradicts.
		right, wrong := m.app.clock.hosts()
		return m.locked && (slices.Contains(right, cause.Where) || len(right) > 0 && len(wrong) == 0)
	case note: // a run of some groups does not know what there is to note of the others
		return e.err == nil && m.all
	case undone:
		return m.warIsOver(cause.Where, e)
	}
	if concernsRun(cause) { // a run that works on a file need not ask Entra
		return e.err == nil && (!slices.Contains(m.entra, cause.Where) || m.app.clock.heard(cause.Where))
	}
	found := false
	for _, o := range e.outcomes {
		if o.Group.Name == cause.Where {
			found = true
			if conclusive(o.Status) {
				return true
			}
		}
	}
	return !found && e.err == nil && m.all // it is not configured any more
}

// concernsRun says whether a cause is about the whole run.
func concernsRun(cause journal.Cause) bool { return strings.HasPrefix(cause.What, ofRun) }

// conclusive says whether a group was looked at whole.
func conclusive(status push.Status) bool {
	return slices.Contains([]push.Status{
		push.Done, push.Already, push.InStep, push.Paused, push.Refused, push.Missing, push.NotApplied, push.Conflict, push.Rejected,
	}, status)
}

// speak says what is new, what lasts and what is over, and writes down that it was said. It is false if there is nothing
// to say.
func (m *mail) speak(problems []problem, over []journal.Cause) bool {
	now := time.Now()
	var told []journal.Cause
	var lines news
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
	if err := m.run.Record().Told(told, over); err != nil {
		m.say("the journal: %v", err)
	}
	return true
}

// lasts says whether trouble that may pass has been there for three runs in a row, or if no run has come through for as
// long.
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
