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

	"github.com/callroll/callroll/pkg/internal/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// verb is the command of a run.
type verb string

const (
	verbSync     verb = "sync"
	verbUndo     verb = "undo"
	verbFetch    verb = "fetch"
	verbDiff     verb = "diff"
	verbPushPlan verb = "push a plan"
	verbPushFile verb = "push a membership"
)

// run is one run of callroll: what is planned for it, and what happened.
type run struct {
	number        int
	verb          verb
	machine       string // machine whose state folder it uses
	firstStage    *run   // first stage of its pipe
	previousStage *run   // previous stage of its pipe
	in            []byte // input file
	forged        string // how the input file was altered
	older         bool   // the input file is older than one that was pushed before
	noEntra       bool   // without credentials for Entra
	flags         oracle.Flags

	eventsBefore map[int]int // number of events before each request
	atPut        int         // an event happens right before this PUT; negative for none, here and below
	editAtRetry  bool        // an admin edits the group right before a PUT that is sent again after reading back
	kill         kill
	cancelAt     int           // the request at which the run is interrupted
	hold         time.Duration // after how long a held request continues
	faults       []sandbox.Fault
	faultKinds   []string // of the faults
	concurrency
	quiet        bool           // its output is a mail, and its report is in a file
	skew         skew           // of its clock
	wireFaults   map[int]string // how answers are damaged on the wire, by request
	suspendAt    int            // the request at which the machine is suspended; negative for never
	suspendAfter bool           // after the request was carried out

	mappings          []oracle.Mapping // at the time of the run
	expires           time.Duration
	home              string // state folder
	from, to          int    // its moments, including those of earlier stages and of lists that lag
	start             int    // index of the moment at which it began
	events            int    // number of events before it began
	history           int    // number of changes before it
	began             time.Time
	duration          time.Duration
	requests          int
	inFlight          atomic.Int32  // requests without an answer yet
	requestSlot       chan struct{} // serializes the answers
	sent              int           // PUTs
	spans             [][2]int      // parts of the World's log; a negative end is still open
	views             map[viewKey]*oracle.View
	singleReadings    map[string]map[string]reading // results of reading a group alone, by group and version
	shownEmpty        map[string]bool               // groups without individual members in the answer of individuals
	askedIndividuals  map[string]bool               // groups whose individual members were asked for
	undoneRun         *run                          // the run that an undo reverts
	fileSizes         fileSizes
	output            []byte          // output file for the next stage
	typedFlags        []string        // flags as callroll printed them
	held              folder          // content of the state folder before the run
	moved             movedFolder     // how the folder was moved
	sizesAtChange     fileSizes       // sizes of the files when the clock was set
	stamp             time.Time       // beginning, by the clock of its machine
	clockContradicted bool            // an answer showed that its clock is wrong
	lostAnswers       map[string]bool // requests whose answers were damaged
	suspended         bool
	endedAt           time.Time

	out, err    bytes.Buffer
	status      int
	report      report
	killed      bool // killed
	interrupted bool
	panicked    bool // by a fault, in this stage or the previous one
	done        chan struct{}
	once        sync.Once
	cancel      context.CancelCauseFunc
}

// defaultTimeout is the default of --timeout.
const defaultTimeout = 10 * time.Minute

// reading is the result of reading a group alone.
type reading struct{ members bool }

type viewKey struct {
	mapping string
	tenant  *oracle.Tenant
	org     *oracle.Org
}

func (s *sim) newRun(v verb) *run {
	return &run{
		verb: v, machine: "here", eventsBefore: map[int]int{}, atPut: -1, cancelAt: -1, kill: kill{put: -1, request: -1},
		concurrency: concurrency{guestAt: -1}, cancel: func(error) {},
		flags: oracle.Flags{NoRemovals: s.spec.noRemovals && v != verbUndo},
		quiet: s.spec.cron && v == verbSync, skew: skew{at: -1}, wireFaults: map[int]string{}, suspendAt: -1,
		lostAnswers: map[string]bool{},
	}
}

func (run *run) writes() bool { return run.verb != verbFetch && run.verb != verbDiff }

// play plays a run, in its own goroutines, so that it can be killed.
func (s *sim) play(run *run) {
	if err := s.world.SetFaults(run.faults); err != nil {
		s.errorf("%v", err)
		return
	}
	s.begin(run)
	go s.process(run)
	<-run.done
	s.finishGuest(run.guest)
	if err := s.world.SetFaults(nil); err != nil {
		s.errorf("%v", err)
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
	run.views, run.singleReadings, run.shownEmpty = map[viewKey]*oracle.View{}, map[string]map[string]reading{}, map[string]bool{}
	run.askedIndividuals = map[string]bool{}
	run.done, run.requestSlot = make(chan struct{}), make(chan struct{}, 1)
	run.history, run.events = len(s.world.History()), s.events
	if run.verb == verbUndo {
		run.undoneRun = s.runToUndo(run)
	}
	s.snapshot()
	run.start = len(s.moments) - 1
	run.from = run.start
	if run.firstStage != nil {
		run.from = run.firstStage.from
	} else if run.host == nil {
		clear(s.touched)
	}
	s.startSkew(run)
	for lag := time.Duration(s.spec.org.Switches.ListLag); run.from > 0 && s.moments[run.from].At.After(run.began.Add(-lag)); {
		run.from--
	}
}

// process runs the program.
func (s *sim) process(run *run) {
	s.processes.Add(1)
	defer s.processes.Done()
	var ctx context.Context
	ctx, run.cancel = context.WithCancelCause(context.Background())
	defer run.cancel(nil)
	args, err := s.arguments(run)
	if err != nil {
		s.errorf("%v", err)
	} else {
		call := Call{Args: args, Stdin: bytes.NewReader(run.in), Stdout: &run.out, Stderr: &run.err, Wire: s.wire(run)}
		status := s.player.Program(ctx, call)
		if run.killed {
			return
		}
		run.status = status
	}
	run.markEnded()
}

// markEnded ends a run. A killed run only appears to end.
func (run *run) markEnded() {
	run.once.Do(func() {
		run.ended, run.endedAt = true, time.Now()
		close(run.done)
	})
}

// finish checks a run that has ended.
func (s *sim) finish(run *run) {
	s.snapshot()
	run.to, run.eventsDuring, run.duration = len(s.moments), s.events-run.events, time.Since(run.began)
	if run.status == 70 { // the end of a process releases its lock, but a goroutine that panics does not
		s.copyHome(run)
	}
	if !run.killed {
		s.killAtEnd(run)
	}
	s.endSkew(run)
	switch {
	case run.killed:
		run.out.Reset()
	case run.quiet:
		s.readReportFile(run)
	default:
		run.report = readReport(run.out.Bytes())
	}
	run.output = run.out.Bytes()
	if run.skew.whole() {
		run.output = s.redate(run.output, run.skew.ahead)
	}
	s.judge(run)
	run.views = nil
}

// turnTo records that the following requests in the World's log belong to a run.
func (s *sim) turnTo(run *run) {
	n := len(s.world.Requests())
	if was := s.run; len(was.spans) > 0 && was.spans[len(was.spans)-1][1] < 0 {
		was.spans[len(was.spans)-1][1] = n
	}
	run.spans = append(run.spans, [2]int{n, -1})
	s.run = run
}

// logOf returns the requests of a run.
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

// readReportFile reads the report of a run that writes it to a file. Its output is a part of its mail.
func (s *sim) readReportFile(run *run) {
	data, err := os.ReadFile(s.outFile(run))
	if err != nil && run.status != 64 && run.status != 70 {
		s.errorf("there is no report: %v", err)
	}
	run.report = readReport(data)
}

func (s *sim) outFile(run *run) string {
	return filepath.Join(s.dir, fmt.Sprintf("report-%d.json", run.number))
}
