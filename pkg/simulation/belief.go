package simulation

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// judgeBelief holds what the reader believes after a run that ended against what that run has seen.
func (s *sim) judgeBelief(run *run, p *reader, told map[string]bool) {
	s.met["what the reader believes"]++
	// A run that fails before there is a state folder says so in its own words.
	if run.misdated && !strings.Contains(run.err.String(), "callroll: the clock of this machine is ") {
		s.judgeTold(run, p, "clock")
	}
	if run.report.Kind != "result" {
		if needsPerson(run.status) && len(run.held) > 0 { // without a journal each run speaks
			s.judgeTold(run, p, "run ")
		}
		return
	}
	for _, text := range keysOf(p.open) {
		if what, _ := problem(text); strings.HasPrefix(what, "run ") {
			s.fail("the run has come through, and the reader believes %q", text)
		}
	}
	for _, g := range run.report.Groups {
		s.judgeBeliefOf(run, p, g, told)
	}
	s.judgeHeld(run, p)
}

// folds says whether a line tells how many others there are.
func folds(text string) bool {
	_, where := problem(text)
	return strings.HasPrefix(where, "and ") && strings.HasSuffix(where, " more")
}

// judgeHeld wants the reader to know of everybody about whom somebody has to decide, and of nobody else if each group was looked
// at.
func (s *sim) judgeHeld(run *run, p *reader) {
	held, whole := map[string]bool{}, len(run.report.Groups) == len(run.mappings)
	for _, g := range run.report.Groups {
		empty := slices.ContainsFunc(g.Refusals, func(r reason) bool { return r.Rule == "empty" })
		whole = whole && looked(g) && g.Doubt == nil && g.Outcome != "missing" && !empty && run.verb == syncs
		for _, k := range g.Keep {
			if k.Reason != "held" || g.Doubt != nil {
				continue
			}
			name := k.UserName
			if name == "" {
				name = k.ID
			}
			held[plain(name)] = true
			if !p.knows("held", name) && !p.folded {
				s.fail("%s is held in %s, and the reader does not know: %s", name, g.Name, run.err.String())
			}
		}
	}
	for _, text := range keysOf(p.open) {
		if what, where := problem(text); what == "held" && whole && !held[plain(where)] {
			s.fail("nobody is held as %s, and the reader believes it", where)
		}
	}
}

// looked says whether a run has come to know how a group is.
func looked(g reported) bool {
	return slices.Contains([]string{"changed", "already", "in step", "paused", "refused", "missing", "rejected"}, g.Outcome)
}

// knows says whether a reader knows of a problem at a place.
func (p *reader) knows(what, where string) bool {
	return slices.ContainsFunc(keysOf(p.open), func(text string) bool {
		w, at := problem(text)
		return w == what && plain(at) == plain(where)
	})
}

// judgeTold wants the reader to know of a problem of some kind.
func (s *sim) judgeTold(run *run, p *reader, what string) {
	for text := range p.open {
		if w, _ := problem(text); strings.HasPrefix(w, what) {
			return
		}
	}
	s.fail("the reader knows of no problem %q, and the run ended with %d: %s", what, run.status, run.err.String())
}

func needsPerson(status int) bool { return slices.Contains([]int{1, 4, 6, 64, 70, 78}, status) }

func (s *sim) judgeBeliefOf(run *run, p *reader, g reported, told map[string]bool) {
	o := g.outcome()
	if g.Doubt == nil {
		o.Held = 0 // they are told of one by one
	}
	wants := needsPerson(oracle.Exit([]oracle.Outcome{o}))
	var knows []string
	for _, text := range keysOf(p.open) {
		h := p.open[text]
		what, where := problem(text)
		if plain(where) != plain(g.Name) || !needing(what) {
			continue
		}
		knows = append(knows, what)
		// A reminder may be due only by a clock that is right, and one that was ahead counts as the next one that was.
		due := run.skew.ahead == 0 && !h.since.IsZero() && run.began.Sub(h.countsFrom(run.began)) > day+time.Minute
		if run.quiet && wants && looked(g) && due && !told[text] {
			s.fail("%q lasts, and the reader has not heard of it for %s", text, run.endedAt.Sub(h.at))
		}
	}
	switch {
	case wants && len(knows) == 0:
		s.fail("%s is %q and needs a person, and the reader does not know: %s", g.Name, g.Outcome, run.err.String())
	case looked(g) && !wants && len(knows) > 0, looked(g) && len(knows) > 1 && g.Doubt == nil:
		s.fail("%s is %q, and the reader believes: %v", g.Name, g.Outcome, keysOf(p.open))
	}
}

// countsFrom is when the day begins after which there is a reminder: a time of a clock that was ahead counts as the next one that
// was right while it is in the future, and then it is a time like others.
func (h *heard) countsFrom(now time.Time) time.Time {
	if stamp := h.at.Add(h.by.skew.ahead); stamp.After(h.since) && !stamp.After(now) {
		return stamp
	}
	return h.since
}

var shown = regexp.MustCompile(`<U\+[0-9A-F]+>|[^A-Za-z0-9=]`)

// plain is what is left of a name in every way to show it.
func plain(name string) string { return shown.ReplaceAllString(name, "") }

func keysOf(open map[string]*heard) []string {
	var texts []string
	for text := range open {
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}

// judgeReader holds what the reader believes in the end against what a plain run shows.
func (s *sim) judgeReader(machine string, last *run) {
	p := s.readers[machine]
	var mailed *run
	for _, earlier := range s.runs {
		if earlier.machine == machine && earlier.quiet && !earlier.dead && !earlier.stopped {
			mailed = earlier
		}
	}
	if mailed == nil || last.report.Kind != "result" {
		return
	}
	for _, text := range keysOf(p.open) {
		what, where := problem(text)
		ofRun := strings.HasPrefix(what, "run ")
		if ofRun && strings.Contains(where, "microsoft") && !s.askedEntra(mailed) {
			continue // nobody can say that it answers now
		}
		if what == "clock" || ofRun {
			s.fail("in the end the reader believes %q", text)
		}
	}
	for _, g := range last.report.Groups {
		if was, _ := mailed.report.of(g.Name); was.Outcome != g.Outcome || len(was.Keep) != len(g.Keep) {
			continue // and the next mail says so
		}
		s.judgeBeliefOf(last, p, g, map[string]bool{})
	}
}

// askedEntra says whether a run has asked Entra for anything but a token.
func (s *sim) askedEntra(run *run) bool {
	return slices.ContainsFunc(s.logOf(run), func(r sandbox.Request) bool { return strings.HasPrefix(r.Path, "/v1.0/") })
}
