package pipeline_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/sandbox"
)

// simVerb is what a run does.
type simVerb string

const (
	syncs      simVerb = "sync"
	undoes     simVerb = "undo"
	fetches    simVerb = "fetch"
	diffs      simVerb = "diff"
	pushesPlan simVerb = "push a plan"
	pushesFile simVerb = "push a membership"
)

// simRun is one run of callroll: what is to happen to it, and what did.
type simRun struct {
	verb    simVerb
	machine string  // whose state folder it works in
	since   *simRun // the first stage of the pipe that it belongs to
	in, out []byte  // files
	blind   bool    // a diff of a file without credentials for Entra

	noRemovals      bool
	allow, allowAdd map[string]int // --allow-removals, --allow-additions

	events   map[int]int   // how many before which request
	atPut    int           // an event right before which PUT; negative for none, here and below
	atAgain  bool          // an admin's edit right before a PUT that is sent once more after it was read back
	kill     simKill       // where the process dies
	cancelAt int           // which request the run is told to stop at
	hold     time.Duration // after how long a request that is held may go on
	faults   []sandbox.Fault
	kinds    []string // of the faults

	guest   *simRun // another run that begins while this one is at work
	guestAt int     // at which request
	host    *simRun // whose guest this is
	turn    chan struct{}
	back    chan struct{}
	left    int // requests until it is the other's turn again
	over    bool

	rules     []simRule                  // as they were when it ran
	from, to  int                        // its moments
	history   int                        // changes before it
	reads     map[string]map[string]bool // versions of each group that a reading of it alone has shown
	known     map[string]map[string]bool // what reads was for the group of a PUT when that was sent, by request
	began     time.Time
	requests  int
	puts      int
	lines     int      // of the journal
	spans     [][2]int // of the World's log; an end that is negative is still to come
	work      int      // where in the log the work itself began
	dead      bool
	killed    bool
	stopped   bool
	result    pipeline.Result
	err       error
	status    int
	panicked  bool   // a fault has asked for it
	stack     string // of a panic that came through
	undone    map[string]journal.Undo
	journalID string
	cancel    context.CancelCauseFunc
}

func calmRun() *simRun {
	return &simRun{verb: syncs, machine: "here", events: map[int]int{}, atPut: -1, kill: simKill{put: -1, request: -1, line: -1}, cancelAt: -1, guestAt: -1}
}

func (run *simRun) writes() bool { return run.verb != fetches && run.verb != diffs }

// script decides what is to happen to a run. clean is what a run of the same seed asks for while nothing happens.
func (s *sim) script(run *simRun, clean []sandbox.Request) *simRun {
	if !one(s.r, 4) {
		s.plant(run, clean)
	}
	s.disturb(run, len(clean))
	s.flags(run)
	if run.host == nil && run.writes() && one(s.r, 6) {
		s.invite(run, len(clean))
	}
	return run
}

// disturb lets things happen between the requests of a run, and perhaps kills it.
func (s *sim) disturb(run *simRun, clean int) {
	if !one(s.r, 3) {
		for range 1 + s.r.IntN(3) {
			run.events[s.r.IntN(clean+5)]++
		}
	}
	if one(s.r, 3) {
		run.atPut = s.r.IntN(3)
	}
	run.atAgain = one(s.r, 2)
	switch s.r.IntN(8) {
	case 0:
		run.kill.put, run.kill.after = s.r.IntN(2), one(s.r, 2)
	case 1:
		run.kill.line, run.kill.torn, run.kill.after = s.r.IntN(6), one(s.r, 2), one(s.r, 2)
	case 2:
		run.kill.request, run.kill.after = s.r.IntN(clean+5), one(s.r, 2)
	case 3:
		run.cancelAt = s.r.IntN(clean + 5)
	}
}

// turnTo notes whose requests the World's log has from now on.
func (s *sim) turnTo(run *simRun) {
	n := len(s.world.Requests())
	if was := s.run; len(was.spans) > 0 && was.spans[len(was.spans)-1][1] < 0 {
		was.spans[len(was.spans)-1][1] = n
	}
	run.spans = append(run.spans, [2]int{n, -1})
	s.run = run
}

// logOf is what a run has asked for.
func (s *sim) logOf(run *simRun) []sandbox.Request {
	all := s.world.Requests()
	var own []sandbox.Request
	for _, span := range run.spans {
		if span[1] < 0 {
			span[1] = len(all)
		}
		own = append(own, all[span[0]:span[1]]...)
	}
	return own
}

// sender is the run that has sent a PUT.
func (s *sim) sender(request string) *simRun {
	if run := s.owners[request]; run != nil {
		return run
	}
	for _, run := range slices.Backward(s.runs) {
		if slices.ContainsFunc(s.logOf(run), func(r sandbox.Request) bool { return r.RequestID == request }) {
			return run
		}
	}
	return nil
}

// foreign says whether somebody else has changed a group since a run began.
func (s *sim) foreign(run *simRun, group string) bool {
	return slices.ContainsFunc(s.world.History()[run.history:], func(c sandbox.Change) bool {
		return c.Group == group && c.Who != "rule" && (c.Who == "edit" || s.sender(c.RequestID) != run)
	})
}

// story is what has happened, for whoever looks for a mistake.
func (s *sim) story() string {
	var b strings.Builder
	fmt.Fprintf(&b, "rules: %+v\nremove %+v, total %+v, add %+v, to an empty one %d, drop: %v\nswitches: %+v %+v\n", s.spec.rules, s.spec.remove,
		s.spec.total, s.spec.add, s.spec.addEmpty, s.spec.dropped, s.spec.org.Switches, s.spec.entra.Switches)
	fmt.Fprintln(&b, strings.Join(s.lines, "\n"))
	for i, run := range s.runs {
		fmt.Fprintf(&b, "run %d at %s: %s on machine %s, killed %v, status %d, error %v, allow %v %v, no removals %v, faults %+v\n", i+1, run.began.Format(time.TimeOnly),
			run.verb, run.machine, run.killed, run.status, run.err, run.allow, run.allowAdd, run.noRemovals, run.faults)
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
		fmt.Fprintf(&b, "%3d %s %s %s %s %d%s %s %s\n", i, r.Time.Format(time.TimeOnly), r.Method, r.Path, r.Query, r.Status, met, r.IfMatch, r.Body)
	}
	return b.String()
}
