package simulation

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// judgeKnownProblems compares the problems that the reader knows after a completed run with what the run found.
func (s *sim) judgeKnownProblems(run *run, p *mailReader, told map[string]bool) {
	s.met["what the reader believes"]++
	// A run that fails before it has a state folder prints its own message.
	if run.clockContradicted && !strings.Contains(run.err.String(), "callroll: the clock of this machine is ") {
		s.judgeKnows(run, p, "clock")
	}
	if run.report.Kind != "result" {
		if needsPerson(run.status) && len(run.held) > 0 { // without a journal each run prints its problems
			s.judgeKnows(run, p, "run ")
		}
		return
	}
	for _, text := range keysOf(p.open) {
		if what, _ := problem(text); strings.HasPrefix(what, "run ") && !p.open[text].lost {
			s.errorf("the run has come through, and the reader believes %q", text)
		}
	}
	for _, g := range run.report.Groups {
		s.judgeKnownProblemsOf(run, p, g, told)
	}
	s.judgeHeld(run, p)
}

// isSummaryLine says whether a line has the number of further problems that are not listed.
func isSummaryLine(text string) bool {
	_, where := problem(text)
	return strings.HasPrefix(where, "and ") && strings.HasSuffix(where, " more")
}

// judgeHeld checks that the reader knows all held members, and no others if all groups were read.
func (s *sim) judgeHeld(run *run, p *mailReader) {
	held, whole := map[string]bool{}, len(run.report.Groups) == len(run.mappings)
	for _, g := range run.report.Groups {
		empty := slices.ContainsFunc(g.Refusals, func(r refusal) bool { return r.Rule == "empty" })
		whole = whole && wasRead(g) && g.Doubt == nil && g.Outcome != "missing" && !empty && run.verb == verbSync
		for _, k := range g.Keep {
			if k.Reason != "held" || g.Doubt != nil {
				continue
			}
			name := k.UserName
			if name == "" {
				name = k.ID
			}
			held[plainName(name)] = true
			if !p.knows("held", name) && !p.folded {
				s.errorf("%s is held in %s, and the reader does not know: %s", name, g.Name, run.err.String())
			}
		}
	}
	for _, text := range keysOf(p.open) {
		if what, where := problem(text); what == "held" && whole && !held[plainName(where)] && !p.open[text].lost {
			s.errorf("nobody is held as %s, and the reader believes it", where)
		}
	}
}

// wasRead says whether a run has read the state of a group.
func wasRead(g groupReport) bool {
	return slices.Contains([]string{"changed", "already", "in step", "paused", "refused", "missing", "rejected"}, g.Outcome)
}

// knows says whether the reader knows of a problem with a name.
func (p *mailReader) knows(what, where string) bool {
	return slices.ContainsFunc(keysOf(p.open), func(text string) bool {
		w, at := problem(text)
		return w == what && plainName(at) == plainName(where)
	})
}

// judgeKnows checks that the reader knows of a problem of some kind.
func (s *sim) judgeKnows(run *run, p *mailReader, what string) {
	for text := range p.open {
		if w, _ := problem(text); strings.HasPrefix(w, what) {
			return
		}
	}
	s.errorf("the reader knows of no problem %q, and the run ended with %d: %s", what, run.status, run.err.String())
}

func needsPerson(status int) bool { return slices.Contains([]int{1, 4, 6, 64, 70, 78}, status) }

func (s *sim) judgeKnownProblemsOf(run *run, p *mailReader, g groupReport, told map[string]bool) {
	o := g.outcome()
	if g.Doubt == nil {
		o.Held = 0 // held members are listed one by one
	}
	wants := needsPerson(oracle.Exit([]oracle.Outcome{o}))
	var knows, recorded []string // a problem of which no record is left has no end
	for _, text := range keysOf(p.open) {
		h := p.open[text]
		what, where := problem(text)
		if plainName(where) != plainName(g.Name) || !needsPersonFor(what) {
			continue
		}
		if knows = append(knows, what); !h.lost {
			recorded = append(recorded, what)
		}
		// A reminder is due only by a correct clock. The time of a clock that was ahead counts from the next correct run.
		due := run.skew.ahead == 0 && !h.since.IsZero() && run.began.Sub(h.remindFrom(run.began)) > day+time.Minute
		if run.quiet && wants && wasRead(g) && due && !told[text] {
			s.errorf("%q lasts, and the reader has not heard of it for %s", text, run.endedAt.Sub(h.at))
		}
	}
	switch {
	case wants && len(knows) == 0:
		s.errorf("%s is %q and needs a person, and the reader does not know: %s", g.Name, g.Outcome, run.err.String())
	case wasRead(g) && !wants && len(recorded) > 0, wasRead(g) && len(recorded) > 1 && g.Doubt == nil:
		s.errorf("%s is %q, and the reader believes: %v", g.Name, g.Outcome, keysOf(p.open))
	}
}

// remindFrom returns the beginning of the day after which a reminder is due. The time of a clock that was ahead is
// replaced by the time of the next run with a correct clock, as long as it is in the future.
func (h *knownProblem) remindFrom(now time.Time) time.Time {
	if stamp := h.at.Add(h.by.skew.ahead); stamp.After(h.since) && !stamp.After(now) {
		return stamp
	}
	return h.since
}

var shown = regexp.MustCompile(`<U\+[0-9A-F]+>|[^A-Za-z0-9=]`)

// plainName returns the part of a name that is the same in all output formats.
func plainName(name string) string { return shown.ReplaceAllString(name, "") }

func keysOf(open map[string]*knownProblem) []string {
	var texts []string
	for text := range open {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}

// judgeReader compares the problems that the reader knows at the end with the report of an undisturbed run.
func (s *sim) judgeReader(machine string, last *run) {
	p := s.readers[machine]
	var mailed *run
	for _, earlier := range s.runs {
		if earlier.machine == machine && earlier.quiet && !earlier.killed && !earlier.interrupted {
			mailed = earlier
		}
	}
	if mailed == nil || last.report.Kind != "result" {
		return
	}
	for _, text := range keysOf(p.open) {
		what, where := problem(text)
		ofRun := strings.HasPrefix(what, "run ") && !p.open[text].lost
		if ofRun && strings.Contains(where, "microsoft") && !s.askedEntra(mailed) {
			continue // that run cannot know whether Entra answers now
		}
		if what == "clock" || ofRun {
			s.errorf("in the end the reader believes %q", text)
		}
	}
	for _, g := range last.report.Groups {
		if was, _ := mailed.report.of(g.Name); was.Outcome != g.Outcome || len(was.Keep) != len(g.Keep) {
			continue // the next mail reports the difference
		}
		s.judgeKnownProblemsOf(last, p, g, map[string]bool{})
	}
}

// askedEntra says whether a run has sent requests to Entra, other than for a token.
func (s *sim) askedEntra(run *run) bool {
	return slices.ContainsFunc(s.logOf(run), func(r sandbox.Request) bool { return strings.HasPrefix(r.Path, "/v1.0/") })
}
