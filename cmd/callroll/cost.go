package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/rest"
)

// tally counts the requests and the waiting time of a run, and knows which hosts have answered. It is safe for concurrent use.
type tally struct {
	began time.Time

	mu       sync.Mutex
	requests map[string]int // by the name of the side
	waited   map[string]time.Duration
	answered map[string]bool // by host
}

const (
	entraSide   = "entra"
	genesysSide = "genesys"
)

func newTally() *tally {
	return &tally{began: time.Now(), requests: map[string]int{}, waited: map[string]time.Duration{}, answered: map[string]bool{}}
}

// count returns a trace that also counts the requests and waits of one side.
func (t *tally) count(side string, trace rest.Trace) rest.Trace {
	exchange, wait := trace.Exchange, trace.Wait
	trace.Exchange = func(e rest.Exchange) {
		t.mu.Lock()
		t.requests[side]++
		t.answered[e.Host] = t.answered[e.Host] || e.Status != 0
		t.mu.Unlock()
		exchange(e)
	}
	trace.Wait = func(w rest.Wait) {
		t.mu.Lock()
		t.waited[side] += w.For
		t.mu.Unlock()
		wait(w)
	}
	return trace
}

// hasAnswered reports whether a host has answered a request of the run.
func (t *tally) hasAnswered(host string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.answered[host]
}

func (t *tally) cost() *plan.Cost {
	t.mu.Lock()
	defer t.mu.Unlock()
	side := func(name string) plan.SideCost {
		return plan.SideCost{Requests: t.requests[name], WaitedSeconds: seconds(t.waited[name])}
	}
	return &plan.Cost{Entra: side(entraSide), Genesys: side(genesysSide), Seconds: seconds(time.Since(t.began))}
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

// sayCost prints the cost of the run, with -v and if a request was sent.
func (a *app) sayCost() {
	c := a.tally.cost()
	if a.flags.verbose == 0 || c.Entra.Requests+c.Genesys.Requests == 0 {
		return
	}
	side := func(name string, s plan.SideCost) string {
		text := fmt.Sprintf("%s %d requests", name, s.Requests)
		if s.WaitedSeconds > 0 {
			text += fmt.Sprintf(" and %.1f s of waiting", s.WaitedSeconds)
		}
		return text
	}
	a.say("cost: %s, %s, %.1f s in all", side("Entra", c.Entra), side("Genesys", c.Genesys), c.Seconds)
}
