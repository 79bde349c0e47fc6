package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/report"
)

// verbFlags are those of the four verbs. A verb registers the ones that it has.
type verbFlags struct {
	groups   groupFlags
	limits   limitFlags
	out      outFlags
	expires  span
	exitCode bool
	dryRun   bool
	// allowOlder is push's alone.
	allowOlder bool
	lockWait   pause
	quiet      bool
}

// registerPlanning registers what every verb has that plans.
func (f *verbFlags) registerPlanning(fs *pflag.FlagSet) {
	f.groups.register(fs)
	f.limits.register(fs)
	f.out.register(fs)
	f.out.registerSummary(fs)
}

func (f *verbFlags) registerWrites(fs *pflag.FlagSet) {
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "speak only of what is new, of what is over, and once a day of what lasts")
	fs.Var(&f.lockWait, "lock-wait", "wait this `LONG` for another run to end (default: not at all)")
}

func (f *verbFlags) registerExpires(fs *pflag.FlagSet) {
	f.expires = span(24 * time.Hour)
	fs.Var(&f.expires, "expires", "how `LONG` the file may be used")
}

func (f *verbFlags) registerExitCode(fs *pflag.FlagSet) {
	fs.BoolVar(&f.exitCode, "exit-code", false, "end with 10 if there is something to change")
}

func (f *verbFlags) registerDryRun(fs *pflag.FlagSet) {
	fs.BoolVar(&f.dryRun, "dry-run", false, "write nothing, and show what would be written")
}

// early says whether a run that fails before its work begins looks up whether that is news. A dry run leaves nothing behind.
func (f *verbFlags) early() bool { return f.quiet && !f.dryRun }

// run opens a session and does the work of one verb in it, within the time that the run has. Whatever fails as a whole
// is written where the result was to go.
func (a *app) run(
	ctx context.Context, f *verbFlags, jsonByDefault bool, need needs, work func(context.Context, *session, *output) error,
) error {
	out, err := a.output(&f.out, jsonByDefault)
	if err != nil {
		return err
	}
	a.current = out
	need.groups = true
	s, err := a.open(ctx, need)
	if err != nil {
		if f.early() {
			out.silent = a.silentEarly(nil, ending{status: stopStatus(ctx, statusOf(err)), err: err})
		}
		return out.fail(ctx, err)
	}
	defer s.close()
	s.settings.Expires = time.Duration(f.expires)
	ctx, cancel := s.limited(ctx)
	defer cancel()
	finder := s.finder(ctx)
	if err = f.groups.apply(&s.settings, finder); err == nil {
		err = f.limits.apply(&s.settings, finder)
	}
	if err == nil {
		err = work(ctx, s, out)
	}
	var told *ended
	if err == nil || errors.As(err, &told) {
		return err
	}
	if f.early() && !s.begun {
		out.silent = a.silentEarly(s, ending{status: stopStatus(ctx, statusOf(err)), err: err})
	}
	return out.fail(ctx, err)
}

// showPlan ends a run that only planned.
func (a *app) showPlan(ctx context.Context, out *output, p plan.Plan, exitCode bool) error {
	a.sayNotes(p)
	status := stopStatus(ctx, report.OfPlan(p, exitCode))
	if a.flags.verbose > 0 { // a plan has the same bytes in the same world, but for its times
		p.Cost = a.tally.cost()
	}
	write := func(w io.Writer) error { return report.WritePlan(w, status, p) }
	return out.succeed(status, write, func() error { return out.text().Plan(p) })
}

// sayNotes says what a run could not look into, and what it remarks.
func (a *app) sayNotes(p plan.Plan) {
	for _, note := range slices.Concat(p.Notes, p.Remarks) {
		a.say("%s", note)
	}
}

// showResult ends a run that wrote.
func (a *app) showResult(ctx context.Context, out *output, r pipeline.Result, exitCode bool) error {
	status := stopStatus(ctx, report.OfOutcomes(r.Outcomes, exitCode))
	if !out.silent {
		a.sayNotes(r.Plan)
	}
	r.Plan.Cost = a.tally.cost()
	ended := time.Now().UTC().Truncate(time.Second)
	write := func(w io.Writer) error { return report.WriteResult(w, status, r.Plan, r.Outcomes, ended) }
	return out.succeed(status, write, func() error { return out.text().Outcomes(r.Outcomes) })
}

// carryOut plans a membership, or, if it is nil, what Entra says now, and writes, or only shows what would be written.
func (a *app) carryOut(ctx context.Context, s *session, out *output, f *verbFlags, command string, conn *genesys.Conn, file *membership.File) error {
	if f.dryRun {
		p, err := s.preview(ctx, conn, file)
		if err != nil {
			return err
		}
		return a.showPlan(ctx, out, p, f.exitCode)
	}
	s.whole = true
	if s.live = file == nil; file != nil {
		s.taken = file.Taken
	}
	return a.writing(ctx, s, out, f, command, conn, func() (pipeline.Result, error) {
		org, writer := genesys.NewReader(conn), genesys.NewWriter(conn)
		if file == nil {
			return pipeline.Sync(ctx, s.graph, org, writer, s.settings)
		}
		entra, err := s.entraIfAny()
		if err != nil {
			return pipeline.Result{}, err
		}
		return pipeline.PushMembership(ctx, entra, org, writer, *file, s.settings)
	})
}

// writing does work that writes, under the lock and with the journal.
func (a *app) writing(ctx context.Context, s *session, out *output, f *verbFlags, command string, conn *genesys.Conn, work func() (pipeline.Result, error)) error {
	m, err := s.begin(ctx, command, conn, f)
	if err != nil {
		out.silent = m.end(ending{status: stopStatus(ctx, statusOf(err)), err: err})
		return err
	}
	result, err := work()
	status := report.OfOutcomes(result.Outcomes, false)
	if err != nil {
		status = statusOf(err)
	}
	status = stopStatus(ctx, status)
	out.silent = m.end(ending{status, err, result.Outcomes, result.Plan.Notes})
	if err != nil {
		return err
	}
	return a.showResult(ctx, out, result, f.exitCode)
}
