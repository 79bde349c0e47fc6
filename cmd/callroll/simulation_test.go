package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/callroll/callroll/pkg/simulation"
)

// go test ./cmd/callroll -run 'TestSimulation$' -args -seeds 100000 -base 7000000 plays as many seeds from there on; -seed N
// plays one and tells its story.
var (
	simSeeds  = flag.Int("seeds", 40, "how many seeds the simulation plays")
	simBase   = flag.Uint64("base", 0, "the first seed that the simulation plays")
	simSeed   = flag.Int64("seed", -1, "the one seed that the simulation plays")
	simAlways = flag.String("always", "", "what happens in each seed: see the features of package simulation")
	simFails  = flag.Int("fails", 3, "how many seeds fail before the simulation gives up")
)

func player() simulation.Player {
	return simulation.Player{
		Program: func(ctx context.Context, call simulation.Call) int {
			wire := func(http.RoundTripper) http.RoundTripper { return call.Wire }
			a := &app{env: map[string]string{}, stdin: call.Stdin, stdout: call.Stdout, stderr: call.Stderr, wire: wire}
			return a.execute(ctx, call.Args)
		},
		Interrupt: &signalError{os.Interrupt},
		Always:    simulation.Feature(*simAlways),
	}
}

// Whatever the world, whatever happens between any two requests, whatever fails and wherever a run dies: nobody is harmed,
// what is told is true, and a later run without faults sets it right.
func TestSimulation(t *testing.T) {
	t.Parallel()
	if *simSeed >= 0 {
		story := player().Play(t, uint64(*simSeed))
		t.Log(story)
		if len(story.Bad) > 0 {
			t.Error(strings.Join(story.Bad, "\n"))
		}
		return
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // worlds are small and many
	tally := simTally{met: map[string]int{}}
	shards := min(runtime.GOMAXPROCS(0), *simSeeds)
	t.Run("seeds", func(t *testing.T) {
		for shard := range shards {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				for n := shard; n < *simSeeds && tally.add(t, player().Play(t, *simBase+uint64(n))); n += shards {
				}
			})
		}
	})
	for _, kind := range slices.Sorted(maps.Keys(tally.met)) {
		t.Logf("%6d %s", tally.met[kind], kind)
	}
}

// simTally is what all seeds have met together.
type simTally struct {
	mu     sync.Mutex
	met    map[string]int
	failed int
}

// add counts what a seed has met, tells its story if it has failed, and says whether to go on.
func (a *simTally) add(t *testing.T, story *simulation.Story) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for kind, n := range story.Met {
		a.met[kind] += n
	}
	if len(story.Bad) > 0 {
		a.failed++
		t.Errorf("seed %d: %s", story.Seed, strings.Join(story.Bad, "\n"))
		if a.failed <= 3 {
			t.Log(story)
		}
	}
	return a.failed < *simFails
}
