// Package simulation plays runs of callroll. A seed determines the world, the changes by others, the faults of the
// services, and when processes are killed. The requests, the output of callroll and the final state are checked with
// package oracle.
//
// The package uses callroll only through its command line, its files and its requests. It imports only the sandbox, which
// answers the requests.
package simulation

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A Call is one call of the program: its arguments, its streams, and the transport that replaces the network.
type Call struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Wire           http.RoundTripper
}

// A Player plays seeds. See [Player.Play].
type Player struct {
	// Program runs callroll and returns the exit status.
	Program func(ctx context.Context, call Call) int
	// Interrupt is the cause of the cancelled context when a signal stops a run.
	Interrupt error
	// Mistake wraps the transport of a run and introduces a deliberate mistake. It may be nil.
	Mistake func(next http.RoundTripper) http.RoundTripper
	// Always is a feature that is used in each seed, instead of some.
	Always Feature
}

// A Feature is something that happens in some seeds.
type Feature string

// The features.
const (
	Clocks Feature = "wrong clocks"
	Mails  Feature = "the reader of --quiet"
	Flags  Feature = "printed flags"
	Bytes  Feature = "misbehaviour on the wire"
	// AtOnce runs with several requests in parallel. The world and the faults depend only on the seed, but not the order of the
	// requests.
	AtOnce Feature = "several requests at once"
)

// chance returns true in one of n cases, or more often if the feature is set in Always.
func (s *sim) chance(f Feature, n int) bool {
	return oneIn(s.r, n) || s.spec.always == f && !oneIn(s.r, 3)
}

// A Story is what happened in one seed.
type Story struct {
	Seed uint64
	Bad  []string       // violations that were found
	Met  map[string]int // how often each kind of thing happened
	text func() string
	log  func() []string
}

// String returns the whole story, for finding the cause of a violation.
func (s *Story) String() string { return s.text() }

// Log returns the requests and the outcomes of the runs, without values that are random in each run of a seed.
func (s *Story) Log() []string { return s.log() }

// Play plays one seed: some disturbed runs, and then some undisturbed ones.
func (p Player) Play(t *testing.T, seed uint64) *Story {
	dir, err := os.MkdirTemp("", "simulation")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	story := &Story{Seed: seed}
	synctest.Test(t, func(*testing.T) {
		s := newSim(p, rand.New(rand.NewPCG(seed, 0)), dir)
		s.spec.atOnce = p.Always == AtOnce || p.Always == "" && seed%8 == 5
		s.playAll()
		s.stopKilledRuns()
		story.Bad, story.Met, story.text, story.log = s.bad, s.met, s.story, s.log
	})
	return story
}

// playAll plays all runs of a seed.
func (s *sim) playAll() {
	clean := s.recordCleanRun()
	s.wait(26*365*day + time.Duration(s.r.IntN(40))*day) // a synctest bubble begins in the year 2000
	if s.chance(Clocks, 10) {
		s.writeOldJournal()
	}
	for range 1 + s.r.IntN(3) {
		s.changeWorld()
		if s.r.IntN(5) < 2 {
			s.playPipe(clean)
		} else {
			s.play(s.scriptRun(s.newRun(verbSync), clean))
		}
		s.wait(time.Duration(pick(s.r, 1, 60, 600)) * time.Second)
		if s.chance(Mails, 8) {
			s.wait(pick(s.r, 5*time.Hour, 23*time.Hour, day, 26*time.Hour))
		}
		if s.chance(Clocks, 8) {
			s.wait(pick(s.r, 35*day, 500*day))
		}
	}
	if oneIn(s.r, 3) {
		s.playUndo()
	}
	s.converge()
}

// recordCleanRun returns the requests of an undisturbed run, in a copy of the world.
func (s *sim) recordCleanRun() []request {
	twin := newSimOf(s.player, rand.New(rand.NewPCG(0, 0)), s.spec, s.dir+"/twin")
	twin.play(twin.newRun(verbSync))
	twin.stopKilledRuns()
	var asked []request
	for _, r := range twin.world.Requests() {
		asked = append(asked, request{r.Method, r.Path})
	}
	return asked
}

// request is a method and a path.
type request struct{ method, path string }

// wait lets time pass.
func (s *sim) wait(d time.Duration) { time.Sleep(d) }

// oneIn returns true in one of n cases.
func oneIn(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// sample returns each of the items with a probability of n in ten.
func sample[T any](r *rand.Rand, n int, items []T) []T {
	var out []T
	for _, item := range items {
		if r.IntN(10) < n {
			out = append(out, item)
		}
	}
	return out
}

// secrets returns texts that a run must not print.
func secrets() []string { return []string{entraSecret, genesysSecret, "Bearer ey"} }

func containsSecret(text string) bool {
	for _, secret := range secrets() {
		if strings.Contains(text, secret) {
			return true
		}
	}
	return false
}
