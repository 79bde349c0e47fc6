package pipeline_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
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
	simSeeds = flag.Int("seeds", 60, "how many seeds the simulation plays")
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
	tally := simTally{met: map[string]int{}}
	shards := min(runtime.GOMAXPROCS(0), *simSeeds)
	t.Run("seeds", func(t *testing.T) {
		for shard := range shards {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				for seed := shard; seed < *simSeeds && tally.add(t, seed, simulate(t, uint64(seed), simBug{})); seed += shards {
				}
			})
		}
	})
	t.Logf("%d changes need two moments to be explained; met:", tally.mixed)
	for _, kind := range slices.Sorted(maps.Keys(tally.met)) {
		t.Logf("%6d %s", tally.met[kind], kind)
	}
	for _, f := range simFaults() {
		if *simSeeds >= 60 && tally.met["reading, "+f.kind]+tally.met["PUT, "+f.kind] == 0 {
			t.Errorf("no seed has met the fault %q", f.kind)
		}
	}
}

// simTally is what all seeds have met together.
type simTally struct {
	mu            sync.Mutex
	met           map[string]int
	mixed, failed int
}

// add counts what a seed has met, tells its story if it has failed, and says whether to go on.
func (a *simTally) add(t *testing.T, seed int, s *sim) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for kind, n := range s.met {
		a.met[kind] += n
	}
	a.mixed += s.mixed
	if len(s.bad) > 0 {
		a.failed++
		t.Errorf("seed %d: %s\n%s", seed, strings.Join(s.bad, "\n"), s.story())
	}
	return a.failed < simFailures
}

// simulate plays one seed: some runs with all that may happen, and then two in peace.
func simulate(t *testing.T, seed uint64, bug simBug) *sim {
	dir, err := os.MkdirTemp("", "simulation")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var s *sim
	synctest.Test(t, func(*testing.T) {
		r := rand.New(rand.NewPCG(seed, 0))
		s = newSim(r, newSimWorld(r), filepath.Join(dir, "real"), bug)
		clean := cleanLog(s.spec, filepath.Join(dir, "twin"))
		for range 1 + r.IntN(3) {
			s.between()
			if one(r, 3) {
				s.pipe(clean)
			} else {
				s.play(s.script(calmRun(), clean))
			}
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
func cleanLog(spec *simWorld, dir string) []sandbox.Request {
	twin := newSim(rand.New(rand.NewPCG(0, 0)), spec, dir, simBug{})
	twin.play(calmRun())
	return twin.world.Requests()
}

// between lets things happen, and somebody change the configuration, while nothing runs.
func (s *sim) between() {
	if !s.piping {
		clear(s.touched)
	}
	for range s.r.IntN(4) {
		s.event()
	}
	rule := &s.spec.rules[s.r.IntN(len(s.spec.rules))]
	switch s.r.IntN(12) {
	case 0, 1, 2:
		rule.protect = append(slices.Clone(rule.protect), pick(s.r, s.world.Genesys().Users...).UserName)
		s.say("%s protects %v", rule.name, rule.protect)
	case 3:
		rule.mode = pick(s.r, plan.Paused, plan.AddOnly)
		s.say("%s is %s", rule.name, rule.mode)
	}
	s.judgeHistory()
}

// undo takes a run back after somebody of those whom it has added was protected.
func (s *sim) undo() {
	rule := &s.spec.rules[s.r.IntN(len(s.spec.rules))]
	for _, run := range slices.Backward(s.runs) {
		for _, o := range run.result.Outcomes {
			if o.Status == push.Done && o.Group.Name == rule.name && len(o.Group.Add) > 0 {
				rule.protect = append(slices.Clone(rule.protect), o.Group.Add[0].UserName)
			}
		}
	}
	run := calmRun()
	run.verb = undoes
	s.flags(run)
	s.play(run)
	s.met["undo"]++
	s.wait(10 * time.Minute)
}

// wait lets time pass.
func (s *sim) wait(d time.Duration) { time.Sleep(d) }
