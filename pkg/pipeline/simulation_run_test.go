package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
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
	r     *rand.Rand
	spec  *simWorld
	world *sandbox.World
	dir   string // of the journal
	bug   simBug
	runs  []*simRun
	run   *simRun // the last one
	lines []string
	bad   []string
	mixed int               // changes that no single moment explains, but two moments of one run do
	met   map[string]int    // what was met, by kind
	seen  int               // changes of the World's history that were judged
	names map[string]string // of Genesys groups, as their admins want them

	allowances map[string]int // what a mistake on purpose lets through
}

// moment is the world at one moment.
type moment struct {
	entra sandbox.Entra
	org   sandbox.Genesys
}

// simRun is one run of callroll: what was to happen to it, and what did.
type simRun struct {
	undo     bool
	events   map[int]int // how many before which request
	atPut    int         // an event right before which PUT; negative for none
	atAgain  bool        // an admin's edit right before a PUT that is sent once more after it was read back
	killAt   int         // which PUT the process dies at; negative for none
	killPut  bool        // after it was carried out
	cancelAt int         // which request the run is told to stop at; negative for none
	faults   []sandbox.Fault
	kinds    []string // of the faults

	moments   []moment
	touched   map[string]bool
	edited    map[string]bool            // Genesys groups that somebody else changed
	reads     map[string]map[string]bool // versions of each group that a reading of it alone has shown
	known     map[string]map[string]bool // what reads was for the group of a PUT when that was sent, by request
	began     time.Time
	requests  int
	puts      int
	first     int // request in the World's log
	killed    bool
	stopped   bool
	result    pipeline.Result
	err       error
	status    int
	undone    map[string]journal.Undo
	journalID string
	cancel    context.CancelCauseFunc
}

func (s *sim) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf("run %d, request %d: ", len(s.runs), s.run.requests)+fmt.Sprintf(format, args...))
}

func (s *sim) fail(format string, args ...any) {
	s.bad = append(s.bad, fmt.Sprintf("run %d: ", len(s.runs))+fmt.Sprintf(format, args...))
}

func (s *sim) snapshot() {
	s.run.moments = append(s.run.moments, moment{s.world.Entra(), s.world.Genesys()})
}

// play runs once, in a goroutine of its own, so that it can die in the middle of it.
func (s *sim) play(run *simRun) {
	run.touched, run.edited = map[string]bool{}, map[string]bool{}
	run.began = time.Now()
	run.reads, run.known, run.first = map[string]map[string]bool{}, map[string]map[string]bool{}, len(s.world.Requests())
	s.run, s.runs = run, append(s.runs, run)
	if err := s.world.SetFaults(run.faults); err != nil {
		s.fail("%v", err)
		return
	}
	s.snapshot()
	ctx, cancel := context.WithCancelCause(context.Background())
	run.cancel = cancel
	ctx, stop := context.WithTimeout(ctx, 10*time.Minute)
	done := make(chan struct{})
	run.killed = true
	go func() {
		defer close(done)
		s.callroll(ctx)
		run.killed = false
	}()
	<-done
	stop()
	cancel(nil)
	s.run.events, s.run.atPut, s.run.atAgain = nil, -1, false
	if err := s.world.SetFaults(nil); err != nil {
		s.fail("%v", err)
	}
	s.judge(run)
}

// callroll is what the program does around the pipeline: the journal, what an earlier run has left open, and the status.
func (s *sim) callroll(ctx context.Context) {
	run := s.run
	if run.err = s.carryOut(ctx); run.err != nil {
		run.status = max(1, report.OfCause(membership.CauseOf(run.err)))
	}
}

func (s *sim) carryOut(ctx context.Context) error {
	run := s.run
	entra, conn, err := s.clients()
	if err != nil {
		return err
	}
	reader := genesys.NewReader(conn)
	j, err := journal.Open(s.dir, journal.Options{})
	if err != nil {
		return err
	}
	history, err := j.Read()
	if err != nil {
		return err
	}
	written, err := j.Begin(journal.RunInfo{Host: conn.Host(), ClientID: "client", ID: fmt.Sprintf("20000101T0000%02dZ-%08x", len(s.runs), len(s.runs))})
	if err != nil {
		return err
	}
	run.journalID = written.ID()
	for _, intent := range history.OpenIntents(conn.Host(), "client") {
		s.closeIntent(ctx, written, genesys.NewReader(conn), intent)
	}
	settings := s.spec.settings()
	settings.Journal, settings.Past = written, &pipeline.Past{History: history, Host: conn.Host(), ClientID: "client"}
	var writer push.Writer = genesys.NewWriter(conn)
	s.allowances = map[string]int{}
	settings.Policy.AllowRemovals = s.allowances
	if s.bug.settings != nil {
		s.bug.settings(s, &settings)
	}
	if s.bug.writer != nil {
		writer = s.bug.writer(writer, &settings)
	}
	switch {
	case run.undo:
		err = s.takeBack(ctx, reader, writer, history, settings)
	case s.bug.sync != nil:
		run.result, err = s.bug.sync(ctx, entra, reader, writer, settings)
	default:
		run.result, err = pipeline.Sync(ctx, entra, reader, writer, settings)
	}
	run.status = report.OfOutcomes(run.result.Outcomes, false)
	if run.stopped {
		run.status = report.Worst(run.status, report.Interrupted)
	}
	if err != nil {
		return err
	}
	return written.End(run.status, nil)
}

func (s *sim) closeIntent(ctx context.Context, written *journal.Run, reader *genesys.Reader, intent journal.Intent) {
	group, err := reader.Group(ctx, intent.ID)
	switch {
	case err != nil && membership.CauseOf(err) == membership.Missing:
		err = written.CloseGone(intent)
	case err != nil:
		return // the next run will know
	default:
		_, err = written.Close(intent, group.MemberIDs())
	}
	if err != nil {
		s.fail("closing an intent: %v", err)
	}
}

// takeBack undoes the latest run that has changed something.
func (s *sim) takeBack(ctx context.Context, reader *genesys.Reader, writer push.Writer, history *journal.History, settings pipeline.Settings) error {
	var err error
	for _, record := range history.Runs() {
		if len(record.Inverse()) == 0 {
			continue
		}
		s.run.undone = map[string]journal.Undo{}
		for _, u := range record.Inverse() {
			s.run.undone[u.GroupID] = u
		}
		s.run.result, err = pipeline.Undo(ctx, reader, writer, record, settings)
		return err
	}
	return nil
}

func (s *sim) clients() (*graph.Client, *genesys.Conn, error) {
	var wire http.RoundTripper = simWire{s}
	if s.bug.wire != nil {
		wire = s.bug.wire(s, wire)
	}
	network, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: wire})
	if err != nil {
		return nil, nil, err
	}
	retry := s.spec.settings().Retry
	entra, err := graph.New(graph.Options{TenantID: "contoso.onmicrosoft.com", ClientID: "app", Secret: secret.New("entra-secret"), HTTP: network, Retry: retry})
	if err != nil {
		return nil, nil, err
	}
	region, err := genesys.ParseRegion("mypurecloud.ie")
	if err != nil {
		return nil, nil, err
	}
	conn, err := genesys.Connect(genesys.Options{Region: region, ClientID: "client", Secret: secret.New("genesys-secret"), HTTP: network, Retry: retry})
	return entra, conn, err
}
