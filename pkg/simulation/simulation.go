// Package simulation plays runs of callroll against worlds, colleagues, failing services and kills that a seed decides, and
// holds what is asked of the services, what callroll says and what is there in the end against package oracle. It knows
// callroll by its command line, its files and the wire, and imports nothing of it but the sandbox that serves the wire.
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

// A Call is one call of the program: its arguments, its streams, and what takes the place of the network.
type Call struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Wire           http.RoundTripper
}

// A Player plays seeds.
type Player struct {
	// Program is callroll. It returns the exit status.
	Program func(ctx context.Context, call Call) int
	// Interrupt is the cause with which the context of a run ends that a signal stops.
	Interrupt error
	// Mistake stands between callroll and the wire and spoils what goes over it. It may be nil.
	Mistake func(next http.RoundTripper) http.RoundTripper
	// Always is what happens in each seed that otherwise happens in some of them.
	Always Feature
}

// A Feature is something that may happen.
type Feature string

// The features.
const (
	Clocks Feature = "wrong clocks"
	Mails  Feature = "the reader of --quiet"
	Flags  Feature = "printed flags"
	Bytes  Feature = "misbehaviour on the wire"
	// AtOnce is a run with several requests under way: its world and its faults are those of the seed, the order of its requests is not.
	AtOnce Feature = "several requests at once"
)

// chance says yes in one of n cases, and more often if a feature is asked for.
func (s *sim) chance(f Feature, n int) bool { return one(s.r, n) || s.spec.always == f && !one(s.r, 3) }

// A Story is what has happened in one seed.
type Story struct {
	Seed uint64
	Bad  []string       // what must not happen, and did
	Met  map[string]int // how often something was met, by kind
	text func() string
	log  func() []string
}

// String tells the story to whoever looks for a mistake.
func (s *Story) String() string { return s.text() }

// Log is what was asked of the services and how the runs ended, without what is made up anew each time.
func (s *Story) Log() []string { return s.log() }

// Play plays one seed: some runs with all that may happen, and then some in peace.
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
		s.live()
		s.bury()
		story.Bad, story.Met, story.text, story.log = s.bad, s.met, s.story, s.log
	})
	return story
}

// live is the whole life of a world.
func (s *sim) live() {
	clean := s.rehearse()
	s.wait(26*365*day + time.Duration(s.r.IntN(40))*day) // a bubble begins in the year 2000
	if s.chance(Clocks, 10) {
		s.furnishOld()
	}
	for range 1 + s.r.IntN(3) {
		s.between()
		if s.r.IntN(5) < 2 {
			s.pipe(clean)
		} else {
			s.play(s.script(s.newRun(syncs), clean))
		}
		s.wait(time.Duration(pick(s.r, 1, 60, 600)) * time.Second)
		if s.chance(Mails, 8) {
			s.wait(pick(s.r, 5*time.Hour, 23*time.Hour, day, 26*time.Hour))
		}
		if s.chance(Clocks, 8) {
			s.wait(pick(s.r, 35*day, 500*day))
		}
	}
	if one(s.r, 3) {
		s.undo()
	}
	s.converge()
}

// rehearse finds out what a run asks for while nothing happens, in a world of its own.
func (s *sim) rehearse() []request {
	twin := newSimOf(s.player, rand.New(rand.NewPCG(0, 0)), s.spec, s.dir+"/twin")
	twin.play(twin.newRun(syncs))
	twin.bury()
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

// one says yes in one of n cases.
func one(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// some returns the items, each with a chance of n in ten.
func some[T any](r *rand.Rand, n int, items []T) []T {
	var out []T
	for _, item := range items {
		if r.IntN(10) < n {
			out = append(out, item)
		}
	}
	return out
}

// secrets are never to be seen in what a run prints.
func secrets() []string { return []string{entraSecret, genesysSecret, "Bearer ey"} }

func tells(text string) bool {
	for _, secret := range secrets() {
		if strings.Contains(text, secret) {
			return true
		}
	}
	return false
}
