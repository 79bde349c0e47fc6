package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/setup"
)

// verb is one call of a verb that works on the groups of the configuration.
type verb struct {
	app   *app
	name  string // as recorded in the journal
	flags *verbFlags
	need  needs

	out     *output       // where its result goes
	session *session      // nil until it is opened
	conn    *genesys.Conn // nil if the verb does not need Genesys
	begun   bool          // begin was called, so that there is a run to end

	// Where the memberships that it writes come from.
	live  bool      // read from Entra in this run
	taken time.Time // when the memberships of a file were read from Entra; zero without a file
	whole bool      // all groups of the configuration, not those of a plan or an earlier run
}

// run opens a session and does the work of the verb in it. If the work fails as a whole, it writes the failure in place of the
// result.
func (v *verb) run(ctx context.Context, work func(context.Context) error) error {
	var err error
	if v.out, err = v.app.output(&v.flags.out); err != nil {
		return err
	}
	v.app.current = v.out
	v.need.groups = true
	return v.app.inSession(ctx, v.need, func(ctx context.Context, s *session) error {
		v.session = s
		if err := v.prepare(ctx); err != nil {
			return err
		}
		return work(ctx)
	}, v.fail)
}

// prepare applies the flags to the session.
func (v *verb) prepare(ctx context.Context) error {
	s := v.session
	if v.flags.quiet {
		v.app.progress.stop()
	}
	s.settings.Expires = v.flags.expires.Duration
	s.settings.AllowOlder = v.flags.allowOlder
	finder := s.finder(ctx)
	for _, ref := range v.flags.groups {
		name, err := finder.find(ref)
		if err != nil {
			return fmt.Errorf("%s: %w", cmp.Or(v.flags.groupsName, "--group"), err)
		}
		s.settings.Only = append(s.settings.Only, name)
	}
	if err := v.flags.limits.apply(&s.settings, finder); err != nil {
		return err
	}
	var err error
	if v.need.genesys {
		v.conn, err = s.genesys(ctx)
	}
	return err
}

// fail ends a verb that has failed as a whole.
func (v *verb) fail(ctx context.Context, err error) error {
	if v.flags.quiet && !v.flags.dryRun && !v.begun { // a dry run must not write to the journal
		v.out.silent = v.app.silentEarly(v.session, ending{status: stopStatus(ctx, statusOf(err)), err: err})
	}
	return v.out.fail(ctx, err)
}

// org returns a reader for Genesys.
func (v *verb) org() *genesys.Reader { return genesys.NewReader(v.conn) }

// writer returns the writer for Genesys. In a dry run it returns nil, so that nothing can be written.
func (v *verb) writer() push.Writer {
	if v.flags.dryRun {
		return nil
	}
	return genesys.NewWriter(v.conn)
}

// showPlan ends a run that only planned.
func (v *verb) showPlan(ctx context.Context, p plan.Plan) error {
	v.app.sayNotes(p)
	p.Status = v.status(ctx, report.Planned(p))
	if v.app.flags.verbose > 0 { // without -v, plans of the same memberships differ only in their times
		p.Cost = v.app.tally.cost()
	}
	return v.out.succeed(p.Status, func(to report.Printer) error { return to.Plan(p) })
}

// showResult ends a run that wrote.
func (v *verb) showResult(ctx context.Context, r pipeline.Result) error {
	if !v.out.silent {
		v.app.sayNotes(r.Plan)
	}
	r.Plan.Cost = v.app.tally.cost()
	run := report.Run{
		Status: v.status(ctx, r.Outcomes), Plan: r.Plan, Outcomes: r.Outcomes, Ended: time.Now().UTC().Truncate(time.Second),
	}
	return v.out.succeed(run.Status, func(to report.Printer) error { return to.Run(run) })
}

// status returns the exit status for the outcomes. With --exit-code it includes whether there are differences.
func (v *verb) status(ctx context.Context, outcomes []push.Outcome) int {
	status := report.OfOutcomes(outcomes)
	if v.flags.exitCode {
		status = report.Worst(status, report.OfDifferences(outcomes))
	}
	return stopStatus(ctx, status)
}

// sayNotes prints the notes and remarks of a plan.
func (a *app) sayNotes(p plan.Plan) {
	for _, note := range slices.Concat(report.Notes(p), p.Remarks) {
		a.say("%s", note)
	}
}

// carryOut plans a membership file, or the memberships that it reads from Entra if file is nil, and writes the plan. In a dry
// run it only shows the plan.
func (v *verb) carryOut(ctx context.Context, file *membership.File) error {
	if v.flags.dryRun {
		return v.preview(ctx, file)
	}
	v.live, v.whole = file == nil, true
	if file != nil {
		v.taken = file.Taken
	}
	entra, err := v.session.entraFor(ctx, file)
	if err != nil {
		return err
	}
	return v.write(ctx, func(s pipeline.Settings) (pipeline.Result, error) {
		return pipeline.Sync(ctx, entra, v.org(), v.writer(), file, s)
	})
}

// write does work that writes, with the lock and the journal. A dry run has neither.
func (v *verb) write(ctx context.Context, work func(pipeline.Settings) (pipeline.Result, error)) error {
	if v.flags.dryRun {
		result, err := work(v.session.settings)
		if err != nil {
			return err
		}
		return v.showResult(ctx, result)
	}
	m, err := v.begin(ctx)
	if err != nil {
		v.out.silent = m.end(ending{status: stopStatus(ctx, statusOf(err)), err: err})
		return err
	}
	result, err := work(m.run.Settings)
	status := report.OfOutcomes(result.Outcomes)
	if err != nil {
		status = statusOf(err)
	}
	v.out.silent = m.end(ending{stopStatus(ctx, status), err, result.Outcomes, report.Notes(result.Plan)})
	if err != nil {
		return err
	}
	return v.showResult(ctx, result)
}

// begin begins a run that writes. The mail is never nil: the caller has to end it even after an error.
func (v *verb) begin(ctx context.Context) (*mail, error) {
	v.begun = true
	s := v.session
	dir, dirErr := s.stateDir()
	if dirErr != nil {
		dir = journal.None // the run has to be ended in this case too
	}
	run, err := pipeline.Begin(ctx, v.conn, s.settings, pipeline.RunOptions{
		StateDir: dir, LockWait: v.flags.lockWait.Duration, Journal: s.journalOptions(),
		Info: journal.RunInfo{
			Version: version(), Command: v.name, Config: s.config.Path, Taken: v.taken, Live: v.live,
		},
	})
	m := newMail(s.app, run)
	m.quiet, m.all, m.entra = v.flags.quiet, v.whole && len(s.settings.Only) == 0, setup.EntraHosts(s.config)
	for _, mapping := range s.settings.Mappings {
		m.groups = append(m.groups, mapping.Name)
	}
	if dirErr != nil {
		return m, dirErr
	}
	if dir == journal.None {
		m.say("state_dir is none: there is no lock against a second run, no record of this one, and no undo")
	}
	m.sayNotes()
	return m, s.stateError(err)
}
