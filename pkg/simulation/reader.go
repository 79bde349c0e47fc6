package simulation

import (
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// mailReader is a person who gets only the mails that the scheduler of one machine sends.
type mailReader struct {
	open   map[string]*knownProblem // the known problems, by their text in the mails
	folded bool                     // a mail was too long to name everybody
}

// knownProblem is what a reader knows about a problem.
type knownProblem struct {
	at    time.Time // of the last mail about it
	by    *run      // that sent this mail
	since time.Time // when the first run after it with a correct clock ended; zero if there was none
	lost  bool      // the run was killed before it recorded the mail
}

// readerOf returns the reader of a machine's mails.
func (s *sim) readerOf(machine string) *mailReader {
	if s.readers[machine] == nil {
		s.readers[machine] = &mailReader{open: map[string]*knownProblem{}}
	}
	return s.readers[machine]
}

// problem splits WHAT: WHERE. WHAT has no colon.
func problem(text string) (what, where string) {
	what, where, _ = strings.Cut(text, ": ")
	return what, where
}

// isTransient says whether the next run may solve a problem by itself.
func isTransient(what string) bool {
	return slices.Contains([]string{"unavailable", "locked", "conflict"}, strings.TrimPrefix(what, "run "))
}

// needsPersonFor says whether a problem with a group needs a person. Other problems are checked only for their beginning
// and end.
func needsPersonFor(what string) bool {
	return what == "denied" || what == "error" || what == "refused" || strings.HasPrefix(what, "refused (")
}

// readMail lets the reader read the output of a run. Each problem has one beginning and one end, and is repeated at most
// once a day.
func (s *sim) readMail(run *run) {
	p := s.readerOf(run.machine)
	told := map[string]bool{}
	for line := range strings.Lines(run.err.String()) {
		kind, text, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "callroll: ")), ": ")
		if !ok || !run.quiet {
			continue
		}
		last := p.open[text]
		switch {
		case isSummaryLine(text):
			p.folded = true
			continue
		case kind == "new" && (last == nil || last.lost):
			p.open[text] = &knownProblem{at: run.endedAt, by: run, lost: run.killed}
			s.judgeDelay(run, text)
		case kind == "still" && last != nil:
			s.judgeReminder(run, text, *last)
			*last = knownProblem{at: run.endedAt, by: run, lost: last.lost || run.killed}
		case kind == "over" && (last != nil || s.forgotten[run.machine+text] || p.folded):
			delete(p.open, text)
			s.forgotten[run.machine+text] = run.killed
		case kind == "new" || kind == "still" || kind == "over":
			s.errorf("a mail says %q, and the reader knew of it: %v", line, last != nil)
		default:
			continue
		}
		told[text] = true
		s.met["a mail that says "+kind]++
	}
	if run.killed || !run.writes() {
		return
	}
	if run.quiet && !run.interrupted && run.status != 70 {
		s.judgeKnownProblems(run, p, told)
	}
	for _, h := range p.open {
		comes := run.report.Kind == "result" // otherwise the journal may not have been read
		if h.by != run && h.since.IsZero() && comes && run.skew.ahead == 0 && !run.endedAt.Before(h.at) {
			h.since = run.endedAt
		}
	}
}

// judgeDelay checks that a problem which may pass is reported only after three runs in a row.
func (s *sim) judgeDelay(run *run, text string) {
	what, where := problem(text)
	if !isTransient(what) {
		return
	}
	s.met["trouble that has lasted for three runs"]++
	bad := 0
	for _, earlier := range slices.Backward(s.runs) {
		if earlier.machine != run.machine || !earlier.writes() || earlier.killed || earlier.number > run.number || earlier == run.host {
			continue
		}
		at := slices.IndexFunc(earlier.report.Groups, func(g groupReport) bool { return plainName(g.Name) == plainName(where) })
		g, ok := groupReport{}, at >= 0
		if ok {
			g = earlier.report.Groups[at]
		}
		switch {
		case bad == 3:
			return
		case strings.HasPrefix(what, "run ") && slices.Contains([]int{5, 7, 8}, earlier.status):
			bad++
		case earlier.report.Kind != "result" && earlier.status != 0, ok && oracle.Exit([]oracle.Outcome{g.outcome()}) != 0:
			bad++
		case earlier.report.Kind == "result" && len(earlier.flags.Only) > 0 && !ok: // it handled other groups
		default:
			s.errorf("%q is new after %d runs in a row, and may pass", text, bad)
			return
		}
	}
	if bad < 3 {
		s.errorf("%q is new after %d runs, and may pass", text, bad)
	}
}

// judgeReminder checks that a reminder comes at most once a day, by the clock of the machine, unless the clock was
// changed.
func (s *sim) judgeReminder(now *run, text string, last knownProblem) {
	skewed := slices.ContainsFunc(s.runs, func(r *run) bool {
		return r.machine == now.machine && r.number >= last.by.number && r.number <= now.number && r.skew.ahead != 0
	})
	if !skewed && now.endedAt.Sub(last.at) < day {
		s.errorf("a mail reminds of %q after %s", text, now.endedAt.Sub(last.at))
	}
}

// forget removes what callroll may have forgotten with a part of its journal: problems that it reported before that time.
func (s *sim) forget(machine string, until time.Time) {
	p := s.readerOf(machine)
	for _, text := range keysOf(p.open) {
		if !p.open[text].at.After(until) {
			delete(p.open, text)
			s.forgotten[machine+text] = true
		}
	}
}
