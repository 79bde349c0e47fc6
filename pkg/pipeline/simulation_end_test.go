package pipeline_test

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// converge lets runs work in peace: the first sets right what may be set right, the next finds nothing to do.
func (s *sim) converge() {
	s.piping = false
	s.wait(10 * time.Minute)
	if slices.ContainsFunc(s.runs, func(run *simRun) bool { return run.machine != "here" }) {
		s.calm("there")
	}
	runs := 1
	if s.spec.ruled { // it takes that many to see that a write never settles
		runs = 3
	}
	for range runs {
		s.calm("here")
	}
	if s.spec.total.share && slices.ContainsFunc(s.runs[len(s.runs)-1].result.Outcomes, func(o push.Outcome) bool { return o.Status == push.Refused }) {
		s.calm("here") // a share of more members than there were before lets more through
	}
	s.judgeHistory()
	before := len(s.world.History())
	last := s.calm("here")
	if after := s.world.History(); len(after) > before {
		s.fail("the run after a run in peace has changed something: %+v", after[before:])
	}
	if last.err != nil {
		s.fail("a run in peace failed: %v", last.err)
	}
	for _, run := range s.runs {
		s.judgeInverse(run)
	}
	s.judgeEnd(last)
}

func (s *sim) calm(machine string) *simRun {
	run := calmRun()
	run.machine, run.noRemovals = machine, s.spec.noRemovals
	s.play(run)
	s.wait(10 * time.Minute)
	return run
}

// judgeEnd wants every group to be as the rules have it, or a reason that lasts.
func (s *sim) judgeEnd(last *simRun) {
	entra, now := s.world.Entra(), s.world.Genesys()
	o := newOracle(s.spec, &entra, &now)
	for _, out := range last.result.Outcomes {
		at := slices.IndexFunc(s.spec.rules, func(r simRule) bool { return r.name == out.Group.Name })
		s.met["in the end "+string(out.Status)]++
		is := simMembers(now, out.Group.ID)
		if want := o.wish(s.spec.rules[at], is); !s.spec.noRemovals && out.Status == push.InStep && out.Group.State != plan.Skipped && !slices.Equal(is, want) {
			s.fail("in the end %s is in step and has %v, and the rules want %v", out.Group.Name, is, want)
		}
		calm := []push.Status{push.InStep, push.Paused, push.Refused, push.Incomplete, push.Missing, push.Denied}
		if s.spec.org.Switches.InactiveMembers == "refused" {
			calm = append(calm, push.Rejected)
		}
		if !slices.Contains(calm, out.Status) && !s.spec.ruled {
			s.fail("in the end %s is %q: %s", out.Group.Name, out.Status, out.Detail)
		}
	}
}
