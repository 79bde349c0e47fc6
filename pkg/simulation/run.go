package simulation

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// verb is what a run does.
type verb string

const (
	syncs      verb = "sync"
	undoes     verb = "undo"
	fetches    verb = "fetch"
	diffs      verb = "diff"
	pushesPlan verb = "push a plan"
	pushesFile verb = "push a membership"
)

// run is one run of callroll: what is to happen to it, and what did.
type run struct {
	number  int
	verb    verb
	machine string // whose state folder it works in
	since   *run   // the first stage of the pipe that it belongs to
	before  *run   // the stage before it
	in      []byte // a file
	forged  string // how that was altered
	older   bool   // it is older than one that was pushed since
	blind   bool   // without credentials for Entra
	flags   oracle.Flags

	upsets   map[int]int // how many things happen before which request
	atPut    int         // a thing happens right before this PUT; negative for none, here and below
	atAgain  bool        // an admin edits a group right before a PUT that is sent once more after it was read back
	kill     kill
	cancelAt int           // which request the run is told to stop at
	hold     time.Duration // after how long a request that is held may go on
	faults   []sandbox.Fault
	kinds    []string // of the faults
	guests
	quiet       bool           // its mails are read, and its report is in a file
	skew        skew           // of its clock
	spoils      map[int]string // how the answers to which requests misbehave on the wire
	asleep      int            // at which request the machine is suspended; negative: never
	asleepAfter bool           // once the request was carried out

	mappings []oracle.Mapping // as they were when it ran
	expires  time.Duration
	home     string // its state folder
	from, to int    // its moments, with those that a list which lags may show and those of the stages before it
	start    int    // the moment at which it began
	events   int    // that had happened when it began, and how many since
	history  int    // changes before it
	began    time.Time
	took     time.Duration
	requests int
	underWay atomic.Int32  // requests that the program has not got an answer to
	turnOf   chan struct{} // holds the request that is being answered
	sent     int           // PUTs
	spans    [][2]int      // of the World's log; an end that is negative is still to come
	views    map[viewKey]*oracle.View
	alone    map[string]map[string]reading // what readings of a group alone have shown, by its version
	empty    map[string]bool               // groups of which individuals has shown nobody
	undone   *run                          // whom an undo takes back
	disk     disk
	made     []byte          // the file that it hands on
	typed    []string        // flags as they were printed
	held     folder          // what was in the state folder before it
	moved    moved           // how that was moved
	atJump   disk            // what there was when the clock was set
	stamp    time.Time       // when it began, by the clock of its machine
	misdated bool            // an answer has shown that its clock is wrong
	lost     map[string]bool // the requests whose answers did not come whole
	slept    bool
	endedAt  time.Time

	out, err bytes.Buffer
	status   int
	report   report
	dead     bool // killed
	stopped  bool
	panicked bool // a fault has asked for it, here or in the stage before
	done     chan struct{}
	once     sync.Once
	cancel   context.CancelCauseFunc
}

// longest is what --timeout allows a run where nobody says otherwise.
const longest = 10 * time.Minute

// reading is what one reading of a group alone has shown.
type reading struct{ members bool }

type viewKey struct {
	mapping string
	tenant  *oracle.Tenant
	org     *oracle.Org
}

func (s *sim) newRun(v verb) *run {
	return &run{
		verb: v, machine: "here", upsets: map[int]int{}, atPut: -1, cancelAt: -1, kill: kill{put: -1, request: -1},
		guests: guests{at: -1}, cancel: func(error) {}, flags: oracle.Flags{NoRemovals: s.spec.noRemovals && v != undoes},
		quiet: s.spec.cron && v == syncs, skew: skew{at: -1}, spoils: map[int]string{}, asleep: -1, lost: map[string]bool{},
	}
}

func (run *run) writes() bool { return run.verb != fetches && run.verb != diffs }

// play runs once, in goroutines of its own, so that it can die in the middle of it.
func (s *sim) play(run *run) {
	if err := s.world.SetFaults(run.faults); err != nil {
		s.fail("%v", err)
		return
	}
	s.begin(run)
	go s.process(run)
	<-run.done
	s.seeOff(run.guest)
	if err := s.world.SetFaults(nil); err != nil {
		s.fail("%v", err)
	}
	s.turnTo(run)
	s.finish(run)
	if guest := run.guest; guest != nil && guest.number > 0 {
		s.turnTo(guest)
		s.finish(guest)
	}
}

func (s *sim) begin(run *run) {
	s.runs = append(s.runs, run)
	run.number, run.began = len(s.runs), time.Now()
	s.turnTo(run)
	run.mappings, run.expires, run.home = slices.Clone(s.spec.mappings), s.spec.expires, s.homes[run.machine]
	if run.home == "" {
		run.home = filepath.Join(s.dir, run.machine)
		s.homes[run.machine] = run.home
	}
	run.views, run.alone, run.empty = map[viewKey]*oracle.View{}, map[string]map[string]reading{}, map[string]bool{}
	run.done, run.turnOf = make(chan struct{}), make(chan struct{}, 1)
	run.history, run.events = len(s.world.History()), s.events
	if run.verb == undoes {
		run.undone = s.latest(run)
	}
	s.snapshot()
	run.start = len(s.moments) - 1
	run.from = run.start
	if run.since != nil {
		run.from = run.since.from
	} else if run.host == nil {
		clear(s.touched)
	}
	s.turnClock(run)
	for lag := time.Duration(s.spec.org.Switches.ListLag); run.from > 0 && s.moments[run.from].At.After(run.began.Add(-lag)); {
		run.from--
	}
}

// process is the life of the process of a run.
func (s *sim) process(run *run) {
	s.all.Add(1)
	defer s.all.Done()
	var ctx context.Context
	ctx, run.cancel = context.WithCancelCause(context.Background())
	defer run.cancel(nil)
	args, err := s.arguments(run)
	if err != nil {
		s.fail("%v", err)
	} else {
		call := Call{Args: args, Stdin: bytes.NewReader(run.in), Stdout: &run.out, Stderr: &run.err, Wire: s.wire(run)}
		status := s.player.Program(ctx, call)
		if run.dead {
			return
		}
		run.status = status
	}
	run.over()
}

// over ends a run, or lets it seem to end when it is killed.
func (run *run) over() {
	run.once.Do(func() {
		run.ended, run.endedAt = true, time.Now()
		close(run.done)
	})
}

// finish judges a run that is over.
func (s *sim) finish(run *run) {
	s.snapshot()
	run.to, run.happened, run.took = len(s.moments), s.events-run.events, time.Since(run.began)
	if run.status == 70 { // a process that ends lets go of its lock, and a goroutine that panics does not
		s.moveHome(run)
	}
	if !run.dead {
		s.cutShort(run)
	}
	s.setClock(run)
	switch {
	case run.dead:
		run.out.Reset()
	case run.quiet:
		s.collect(run)
	default:
		run.report = readReport(run.out.Bytes())
	}
	run.made = run.out.Bytes()
	if run.skew.whole() {
		run.made = s.redate(run.made, run.skew.ahead)
	}
	s.judge(run)
	run.views = nil
}

// turnTo notes whose requests the World's log has from now on.
func (s *sim) turnTo(run *run) {
	n := len(s.world.Requests())
	if was := s.run; len(was.spans) > 0 && was.spans[len(was.spans)-1][1] < 0 {
		was.spans[len(was.spans)-1][1] = n
	}
	run.spans = append(run.spans, [2]int{n, -1})
	s.run = run
}

// logOf is what a run has asked for.
func (s *sim) logOf(run *run) []sandbox.Request {
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

func cloneFlags(f oracle.Flags) oracle.Flags {
	f.AllowRemovals, f.AllowAdditions, f.Release = maps.Clone(f.AllowRemovals), maps.Clone(f.AllowAdditions), maps.Clone(f.Release)
	return f
}

// collect reads the report of a run that writes it into a file. What it prints is a part of its mail.
func (s *sim) collect(run *run) {
	data, err := os.ReadFile(s.outFile(run))
	if err != nil && run.status != 64 && run.status != 70 {
		s.fail("there is no report: %v", err)
	}
	run.report = readReport(data)
}

func (s *sim) outFile(run *run) string {
	return filepath.Join(s.dir, fmt.Sprintf("report-%d.json", run.number))
}
