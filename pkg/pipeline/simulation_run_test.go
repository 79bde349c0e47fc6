package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/secret"
)

// sim is one seed at play.
type sim struct {
	r       *rand.Rand
	spec    *simWorld
	world   *sandbox.World
	dir     string // a state folder for each machine
	bug     simBug
	runs    []*simRun
	run     *simRun // the one whose turn it is
	lines   []string
	bad     []string
	moments []moment
	touched map[string]bool    // people whom something has happened to since a run, or the first stage of a pipe, began
	piping  bool               // between two stages of a pipe
	mixed   int                // changes that no single moment explains, but two moments of one run do
	met     map[string]int     // what was met, by kind
	seen    int                // changes of the World's history that were judged
	names   map[string]string  // of Genesys groups, as their admins want them
	owners  map[string]*simRun // of PUTs, by request id

	allowances map[string]int // what a mistake on purpose lets through
}

// moment is the world at one moment.
type moment struct {
	at    time.Time
	entra sandbox.Entra
	org   sandbox.Genesys
}

func newSim(r *rand.Rand, spec *simWorld, dir string, bug simBug) *sim {
	return &sim{
		r: r, spec: spec, dir: dir, bug: bug, world: sandbox.New(spec.entra, spec.org), run: calmRun(),
		touched: map[string]bool{}, met: map[string]int{}, names: map[string]string{}, owners: map[string]*simRun{},
	}
}

func (s *sim) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf("run %d, request %d: ", s.number(s.run), s.run.requests)+fmt.Sprintf(format, args...))
}

func (s *sim) fail(format string, args ...any) {
	s.bad = append(s.bad, fmt.Sprintf("run %d: ", s.number(s.run))+fmt.Sprintf(format, args...))
}

// number is which run that is, from 1 on; between two runs it is the one before.
func (s *sim) number(run *simRun) int {
	if i := slices.Index(s.runs, run); i >= 0 {
		return i + 1
	}
	return len(s.runs)
}

func (s *sim) snapshot() {
	s.moments = append(s.moments, moment{time.Now(), s.world.Entra(), s.world.Genesys()})
}

// momentsOf are the moments of which a run may have seen something: from its beginning, or that of the first stage, on. A
// list that lags shows what was before.
func (s *sim) momentsOf(run *simRun) []moment {
	if run.to > 0 {
		return s.moments[run.from:run.to]
	}
	return s.moments[run.from:]
}

// play runs once, in a goroutine of its own, so that it can die in the middle of it.
func (s *sim) play(run *simRun) {
	if err := s.world.SetFaults(run.faults); err != nil {
		s.fail("%v", err)
		return
	}
	s.turnTo(run)
	s.begin(run)
	done := make(chan struct{})
	go s.process(run, func() { close(done) })
	<-done
	s.seeOff(run.guest)
	if err := s.world.SetFaults(nil); err != nil {
		s.fail("%v", err)
	}
	s.turnTo(run)
	s.finish(run)
	if guest := run.guest; guest != nil && guest.began != (time.Time{}) {
		s.turnTo(guest)
		s.finish(guest)
	}
}

func (s *sim) begin(run *simRun) {
	run.began, run.rules = time.Now(), slices.Clone(s.spec.rules)
	run.reads, run.known = map[string]map[string]bool{}, map[string]map[string]bool{}
	run.history = len(s.world.History())
	s.runs = append(s.runs, run)
	s.snapshot()
	if run.from = len(s.moments) - 1; run.since != nil {
		run.from = run.since.from
	} else if run.host == nil {
		clear(s.touched)
	}
	for lag := time.Duration(s.spec.org.Switches.ListLag); run.from > 0 && s.moments[run.from].at.After(run.began.Add(-lag)); {
		run.from--
	}
}

// process is the life of the process of a run.
func (s *sim) process(run *simRun, ended func()) {
	defer ended()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	ctx, stop := context.WithTimeout(ctx, 10*time.Minute)
	defer stop()
	run.cancel, run.killed = cancel, true
	s.callroll(ctx, run)
	if run.killed = run.dead; run.killed { // in one of its goroutines
		run.out, run.err, run.result = nil, nil, pipeline.Result{}
	}
}

// finish judges a run that is over.
func (s *sim) finish(run *simRun) {
	run.to = len(s.moments)
	for _, r := range s.logOf(run) {
		if r.Method == http.MethodPut {
			s.owners[r.RequestID] = run
		}
	}
	s.judge(run)
}

// callroll is what the program does around the pipeline: the lock, the journal, what an earlier run has left open, and the
// status.
func (s *sim) callroll(ctx context.Context, run *simRun) {
	defer func() {
		if bug := recover(); bug != nil {
			run.err, run.status, run.stack = fmt.Errorf("panic: %v", bug), report.Internal, string(debug.Stack())
		}
	}()
	if run.err = s.carryOut(ctx, run); run.err != nil {
		run.status = max(1, report.OfCause(membership.CauseOf(run.err)))
	}
}

func (s *sim) carryOut(ctx context.Context, run *simRun) error {
	entra, conn, err := s.clients(run)
	if err != nil {
		return err
	}
	settings := s.settings(run)
	if s.bug.settings != nil {
		s.bug.settings(s, &settings)
	}
	if !run.writes() {
		return s.look(ctx, run, entra, genesys.NewReader(conn), settings)
	}
	j, err := journal.Open(filepath.Join(s.dir, run.machine), journal.Options{})
	if err != nil {
		return err
	}
	if release, err := j.Lock(ctx, conn.Host(), "client", 0); err == nil {
		defer release()
	} else if !s.bug.lockless {
		return err
	}
	history, err := j.Read()
	if err != nil {
		return err
	}
	written := &simJournal{sim: s, run: run}
	if err := written.begin(j, conn.Host()); err != nil {
		return err
	}
	for _, intent := range history.OpenIntents(conn.Host(), "client") {
		s.closeIntent(ctx, written, genesys.NewReader(conn), intent)
	}
	run.work = len(s.world.Requests())
	settings.Journal, settings.Past = written, &pipeline.Past{History: history, Host: conn.Host(), ClientID: "client"}
	var writer push.Writer = genesys.NewWriter(conn)
	if s.bug.writer != nil {
		writer = s.bug.writer(writer, &settings)
	}
	if err := s.write(ctx, run, simClients{entra, genesys.NewReader(conn), writer}, history, settings); err != nil {
		return err
	}
	if run.status = report.OfOutcomes(run.result.Outcomes, false); run.stopped {
		run.status = report.Worst(run.status, report.Interrupted)
	}
	return written.end(run.status)
}

func (s *sim) closeIntent(ctx context.Context, written *simJournal, reader *genesys.Reader, intent journal.Intent) {
	group, err := reader.Group(ctx, intent.ID)
	switch {
	case err != nil && membership.CauseOf(err) == membership.Missing:
		err = written.keep(func() error { return written.CloseGone(intent) })
	case err != nil:
		return // the next run will know
	default:
		err = written.keep(func() error { _, err := written.Close(intent, group.MemberIDs()); return err })
	}
	if err != nil {
		s.fail("closing an intent: %v", err)
	}
}

func (s *sim) clients(run *simRun) (*graph.Client, *genesys.Conn, error) {
	var wire http.RoundTripper = simWire{s, run}
	if s.bug.wire != nil {
		wire = s.bug.wire(s, wire)
	}
	network, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: wire})
	if err != nil {
		return nil, nil, err
	}
	retry := s.settings(run).Retry
	entra, graphErr := graph.New(graph.Options{TenantID: "contoso.onmicrosoft.com", ClientID: "app", Secret: secret.New("entra-secret"), HTTP: network, Retry: retry})
	region, err := genesys.ParseRegion("mypurecloud.ie")
	if err != nil {
		return nil, nil, err
	}
	conn, err := genesys.Connect(genesys.Options{Region: region, ClientID: "client", Secret: secret.New("genesys-secret"), HTTP: network, Retry: retry})
	return entra, conn, errors.Join(graphErr, err)
}
