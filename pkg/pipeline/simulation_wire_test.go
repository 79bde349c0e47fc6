package pipeline_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// simWire stands between a run and the World: there things happen between two requests, and there it dies.
type simWire struct {
	*sim
	run *simRun
}

const groupAPI = "/api/v2/scim/v2/groups/"

// RoundTrip implements http.RoundTripper.
func (w simWire) RoundTrip(r *http.Request) (*http.Response, error) {
	run := w.run
	if run.dead {
		w.die(run, "")
	}
	w.yield(run)
	n, put := run.requests, run.puts
	run.requests++
	w.visit(run, n)
	isPut := r.Method == http.MethodPut
	group, alone := strings.CutPrefix(r.URL.Path, groupAPI)
	for range run.events[n] {
		w.event()
	}
	if isPut {
		if run.puts++; run.atPut == put && one(w.r, 2) {
			w.event()
		} else if run.atPut == put {
			w.edit(group)
		}
		if run.atAgain && r.Header.Get("Idempotency-Key") == "" {
			w.edit(group)
		}
	}
	known := slices.Contains([]string{"login.microsoftonline.com", "graph.microsoft.com", "login.mypurecloud.ie", "api.mypurecloud.ie"}, r.URL.Host)
	if !known && r.Header.Get("Authorization") != "" {
		w.fail("a token went to %s", r.URL.Host)
	}
	if isPut {
		w.checkIntent(r, group)
	}
	if run.cancelAt == n {
		w.say("the run is told to stop")
		w.met["stop"]++
		run.stopped = true
		run.cancel(context.Canceled)
	}
	if r.Context().Value(lateVersion{}) != nil {
		w.fillVersion(r)
	}
	dies := isPut && run.kill.put == put || run.kill.request == n
	if dies && !run.kill.after {
		w.dies(r, "before")
	}
	if isPut {
		defer func() { // also where it panics
			log := w.world.Requests()
			run.known[log[len(log)-1].RequestID] = maps.Clone(run.reads[group])
		}()
	}
	answer, err := w.world.RoundTrip(r)
	if dies {
		w.dies(r, "after")
	}
	if err == nil && alone && r.Method == http.MethodGet && answer.StatusCode < 300 {
		if run.reads[group] == nil {
			run.reads[group] = map[string]bool{}
		}
		run.reads[group][answer.Header.Get("ETag")] = true
	}
	return answer, err
}

func (w simWire) dies(r *http.Request, when string) {
	kind := "a reading"
	if r.Method == http.MethodPut {
		kind = "a PUT"
	}
	w.met["kill "+when+" "+kind]++
	w.die(w.run, when+" "+r.Method+" "+r.URL.Path)
}
