package simulation

import (
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
)

// reader is a person who gets the mails that the scheduler of one machine sends, and sees nothing else.
type reader struct {
	open   map[string]*heard // the problems that they know of, as the mails call them
	folded bool              // a mail had so many lines that it did not name everybody
}

// heard is what a reader has heard of a problem.
type heard struct {
	at    time.Time // last
	by    *run      // that said so
	since time.Time // when the first run after that came through whose clock was right; zero: none has
	lost  bool      // the run died before it had written down that it said so
}

// readerOf is who gets the mails of a machine.
func (s *sim) readerOf(machine string) *reader {
	if s.readers[machine] == nil {
		s.readers[machine] = &reader{open: map[string]*heard{}}
	}
	return s.readers[machine]
}

// problem splits WHAT: WHERE. What is the matter has no colon in it.
func problem(text string) (what, where string) {
	what, where, _ = strings.Cut(text, ": ")
	return what, where
}

// passes says whether the next run may mend what is the matter.
func passes(what string) bool {
	return slices.Contains([]string{"unavailable", "locked", "conflict"}, strings.TrimPrefix(what, "run "))
}

// needing says whether what is the matter with a group needs a person. What else a mail may tell is not judged but for its
// beginning and its end.
func needing(what string) bool {
	return what == "denied" || what == "error" || what == "refused" || strings.HasPrefix(what, "refused (")
}

// readMail lets the reader read what a run says. Each problem has one beginning and one end, and is repeated once a day at most.
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
		case folds(text):
			p.folded = true
			continue
		case kind == "new" && (last == nil || last.lost):
			p.open[text] = &heard{at: run.endedAt, by: run, lost: run.dead}
			s.judgePatience(run, text)
		case kind == "still" && last != nil:
			s.judgeReminder(run, text, *last)
			*last = heard{at: run.endedAt, by: run, lost: last.lost || run.dead}
		case kind == "over" && (last != nil || s.forgotten[run.machine+text] || p.folded):
			delete(p.open, text)
			s.forgotten[run.machine+text] = run.dead
		case kind == "new" || kind == "still" || kind == "over":
			s.fail("a mail says %q, and the reader knew of it: %v", line, last != nil)
		default:
			continue
		}
		told[text] = true
		s.met["a mail that says "+kind]++
	}
	if run.dead || !run.writes() {
		return
	}
	if run.quiet && !run.stopped && run.status != 70 {
		s.judgeBelief(run, p, told)
	}
	for _, h := range p.open {
		comes := run.report.Kind == "result" // else the journal may not have been read
		if h.by != run && h.since.IsZero() && comes && run.skew.ahead == 0 && !run.endedAt.Before(h.at) {
			h.since = run.endedAt
		}
	}
}

// judgePatience wants trouble that may pass to have been there in three runs in a row.
func (s *sim) judgePatience(run *run, text string) {
	what, where := problem(text)
	if !passes(what) {
		return
	}
	s.met["trouble that has lasted for three runs"]++
	bad := 0
	for _, earlier := range slices.Backward(s.runs) {
		if earlier.machine != run.machine || !earlier.writes() || earlier.dead || earlier.number > run.number || earlier == run.host {
			continue
		}
		at := slices.IndexFunc(earlier.report.Groups, func(g reported) bool { return plain(g.Name) == plain(where) })
		g, ok := reported{}, at >= 0
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
		case earlier.report.Kind == "result" && len(earlier.flags.Only) > 0 && !ok: // it was about other groups
		default:
			s.fail("%q is new after %d runs in a row, and may pass", text, bad)
			return
		}
	}
	if bad < 3 {
		s.fail("%q is new after %d runs, and may pass", text, bad)
	}
}

// judgeReminder wants the reader to be reminded once a day at most, by the clock of the machine, unless that was set meanwhile.
func (s *sim) judgeReminder(now *run, text string, last heard) {
	skewed := slices.ContainsFunc(s.runs, func(r *run) bool {
		return r.machine == now.machine && r.number >= last.by.number && r.number <= now.number && r.skew.ahead != 0
	})
	if !skewed && now.endedAt.Sub(last.at) < day {
		s.fail("a mail reminds of %q after %s", text, now.endedAt.Sub(last.at))
	}
}

// forget takes from a reader what callroll may have forgotten with a part of its journal: it knows neither of a beginning nor of
// an end that it has told of until then.
func (s *sim) forget(machine string, until time.Time) {
	p := s.readerOf(machine)
	for _, text := range keysOf(p.open) {
		if !p.open[text].at.After(until) {
			delete(p.open, text)
			s.forgotten[machine+text] = true
		}
	}
}
