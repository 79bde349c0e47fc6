package pipeline_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// go test ./pkg/pipeline -run 'TestSimulation$' -args -seeds 100000 plays as many seeds; -seed N plays one and tells its
// story.
var (
	simSeeds = flag.Int("seeds", 80, "how many seeds the simulation plays")
	simSeed  = flag.Int("seed", -1, "the one seed that the simulation plays")
)

// simFailures is how many stories are told before the simulation gives up.
const simFailures = 3

// Whatever the world, whatever happens between any two requests, whatever fails and wherever a run dies: nobody is harmed,
// what is told is true, and a later run without faults sets it right.
func TestSimulation(t *testing.T) {
	if *simSeed >= 0 {
		s := simulate(t, uint64(*simSeed), simBug{})
		t.Log(s.story())
		if len(s.bad) > 0 {
			t.Error(strings.Join(s.bad, "\n"))
		}
		return
	}
	met, mixed, failed := map[string]int{}, 0, 0
	for seed := range *simSeeds {
		s := simulate(t, uint64(seed), simBug{})
		for kind, n := range s.met {
			met[kind] += n
		}
		mixed += s.mixed
		if len(s.bad) > 0 {
			t.Errorf("seed %d: %s\n%s", seed, strings.Join(s.bad, "\n"), s.story())
			if failed++; failed == simFailures {
				break
			}
		}
	}
	t.Logf("%d changes need two moments to be explained; met:", mixed)
	for _, kind := range slices.Sorted(maps.Keys(met)) {
		t.Logf("%6d %s", met[kind], kind)
	}
	for _, f := range simFaults() {
		if met["reading, "+f.kind]+met["PUT, "+f.kind] == 0 {
			t.Errorf("no seed has met the fault %q", f.kind)
		}
	}
}

// simulate plays one seed: some runs with all that may happen, and then two in peace.
func simulate(t *testing.T, seed uint64, bug simBug) *sim {
	var s *sim
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(seed, 0))
		spec := newSimWorld(r)
		s = &sim{r: r, spec: spec, dir: dir, bug: bug, met: map[string]int{}, names: map[string]string{}}
		s.world = sandbox.New(spec.entra, spec.org)
		clean := cleanLog(t, spec)
		for range 1 + r.IntN(3) {
			s.between()
			run := calmRun()
			if !one(r, 4) {
				s.plant(run, clean)
			}
			s.disturb(run, len(clean))
			s.play(run)
			s.wait(time.Duration(pick(r, 0, 60, 600)) * time.Second)
		}
		if one(r, 3) {
			s.undo()
		}
		s.converge()
	})
	return s
}

// cleanLog is what a run of the same seed asks for while nothing happens.
func cleanLog(t *testing.T, spec *simWorld) []sandbox.Request {
	twin := &sim{spec: spec, world: sandbox.New(spec.entra, spec.org), dir: t.TempDir(), met: map[string]int{}, names: map[string]string{}}
	twin.play(calmRun())
	return twin.world.Requests()
}

// between lets things happen, and somebody change the configuration, while nothing runs.
func (s *sim) between() {
	s.run = calmRun()
	s.run.touched, s.run.edited = map[string]bool{}, map[string]bool{}
	for range s.r.IntN(4) {
		s.event()
	}
	if one(s.r, 4) {
		rule := &s.spec.rules[s.r.IntN(len(s.spec.rules))]
		rule.protect = append(rule.protect, pick(s.r, s.world.Genesys().Users...).UserName)
		s.say("%s protects %v", rule.name, rule.protect)
	}
	s.judgeHistory()
}

// undo takes a run back after somebody of those whom it has added was protected.
func (s *sim) undo() {
	rule := &s.spec.rules[s.r.IntN(len(s.spec.rules))]
	for _, run := range slices.Backward(s.runs) {
		for _, o := range run.result.Outcomes {
			if o.Status == push.Done && o.Group.Name == rule.name && len(o.Group.Add) > 0 {
				rule.protect = append(rule.protect, o.Group.Add[0].UserName)
			}
		}
	}
	run := calmRun()
	run.undo = true
	s.play(run)
	s.met["undo"]++
	s.wait(10 * time.Minute)
}

// wait lets time pass. Half-way somebody looks, so that what was due comes true, and lists have forgotten the past in the end.
func (s *sim) wait(d time.Duration) {
	time.Sleep(d / 2)
	s.world.Genesys()
	time.Sleep(d / 2)
}

// converge lets two runs work in peace: the first sets right what may be set right, the second finds nothing to do.
func (s *sim) converge() {
	s.wait(10 * time.Minute)
	runs := 1
	if s.spec.ruled { // it takes that many to see that a write never settles
		runs = 3
	}
	for range runs {
		s.play(calmRun())
		s.wait(10 * time.Minute)
	}
	s.judgeHistory()
	before := len(s.world.History())
	s.play(calmRun())
	s.wait(10 * time.Minute)
	if after := s.world.History(); len(after) > before {
		s.fail("the run after a run in peace has changed something: %+v", after[before:])
	}
	if s.run.err != nil {
		s.fail("a run in peace failed: %v", s.run.err)
	}
	for _, run := range s.runs {
		s.judgeInverse(run)
	}
	now := s.world.Genesys()
	entra := s.world.Entra()
	o := newOracle(s.spec, &entra, &now)
	for _, out := range s.run.result.Outcomes {
		at := slices.IndexFunc(s.spec.rules, func(r simRule) bool { return r.name == out.Group.Name })
		s.met["in the end "+string(out.Status)]++
		is := simMembers(now, out.Group.ID)
		if want := o.wish(s.spec.rules[at], is); out.Status == push.InStep && out.Group.State != plan.Skipped && !slices.Equal(is, want) {
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

// story is what has happened, for whoever looks for a mistake.
func (s *sim) story() string {
	var b strings.Builder
	fmt.Fprintf(&b, "rules: %+v\nlimits: %+v, no removals: %v, drop: %v\nswitches: %+v\n", s.spec.rules, s.spec.policy.Limits, s.spec.policy.NoRemovals, s.spec.dropped, s.spec.org.Switches)
	fmt.Fprintln(&b, strings.Join(s.lines, "\n"))
	for i, run := range s.runs {
		fmt.Fprintf(&b, "run %d: undo %v, killed %v, status %d, error %v, faults %+v\n", i+1, run.undo, run.killed, run.status, run.err, run.faults)
		for _, o := range run.result.Outcomes {
			fmt.Fprintf(&b, "  %s %s: %s\n", o.Group.Name, o.Status, o.Detail)
		}
	}
	for _, c := range s.world.History() {
		fmt.Fprintf(&b, "%+v\n", c)
	}
	for i, r := range s.world.Requests() {
		met := ""
		if r.Fault != nil {
			met = fmt.Sprintf(" (fault %d)", *r.Fault)
		}
		fmt.Fprintf(&b, "%3d %s %s %s %s %d%s %s %s\n", i, r.Time.Format("15:04:05"), r.Method, r.Path, r.Query, r.Status, met, r.IfMatch, r.Body)
	}
	return b.String()
}
