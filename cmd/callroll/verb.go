package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
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
	expires  time.Duration
	exitCode bool
	dryRun   bool
}

func (f *verbFlags) registerExpires(fs *pflag.FlagSet) {
	fs.DurationVar(&f.expires, "expires", 24*time.Hour, "how long the file may be used")
}

func (f *verbFlags) registerExitCode(fs *pflag.FlagSet) {
	fs.BoolVar(&f.exitCode, "exit-code", false, "end with 10 if there is something to change")
}

func (f *verbFlags) registerDryRun(fs *pflag.FlagSet) {
	fs.BoolVar(&f.dryRun, "dry-run", false, "write nothing, and show what would be written")
}

// run opens a session and does the work of one verb in it, within the time that the run has. Whatever fails as a whole
// is written where the result was to go.
func (a *app) run(ctx context.Context, f *verbFlags, jsonByDefault bool, work func(context.Context, *session, *output) error) error {
	out, err := a.output(&f.out, jsonByDefault)
	if err != nil {
		return err
	}
	if f.expires < 0 {
		return usage(errors.New("--expires wants a duration like 24h"))
	}
	s, err := a.open(&f.groups, &f.limits)
	if err != nil {
		return out.fail(ctx, err)
	}
	defer s.close()
	if err := s.config.NeedGroups(); err != nil {
		return out.fail(ctx, err)
	}
	s.settings.Expires = f.expires
	ctx, cancel := s.limited(ctx)
	defer cancel()
	err = work(ctx, s, out)
	var told *ended
	if err == nil || errors.As(err, &told) {
		return err
	}
	return out.fail(ctx, err)
}

func (a *app) fetchCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "fetch",
		Short: "Read from Entra who belongs, and write a membership file",
		Long: "Read from Entra who belongs to each group, and write a membership file: to stdout as JSON, or with -o to a file.\n" +
			"It needs no Genesys credentials.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.run(cmd.Context(), &f, f.out.file == "", a.fetch)
		},
	}
	f.groups.register(cmd.Flags())
	f.out.register(cmd.Flags())
	f.registerExpires(cmd.Flags())
	return cmd
}

func (a *app) fetch(ctx context.Context, s *session, out *output) error {
	file, err := s.fetch(ctx, s.settings)
	if err != nil {
		return err
	}
	data, err := file.Encode()
	if err != nil {
		return err
	}
	for _, g := range file.Groups {
		if g.Incomplete != nil && out.json {
			a.say("%s: incomplete: %s", g.Name, g.Incomplete.Detail)
		}
	}
	return out.succeed(stopStatus(ctx, report.OfFile(file)), data, func() error { return a.text().File(file) })
}

// fetch reads the memberships from Entra.
func (s *session) fetch(ctx context.Context, settings pipeline.Settings) (membership.File, error) {
	entra, err := s.entra()
	if err != nil {
		return membership.File{}, err
	}
	return pipeline.Fetch(ctx, entra, settings)
}

func (a *app) diffCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "diff [MEMBERSHIP]",
		Short: "Show what a sync would change, and change nothing",
		Long: "Compare who should belong, read from Entra or from a membership file (- for stdin), with who is in the Genesys\n" +
			"groups, and show the difference. With --output json or -o it is a plan, which push carries out.",
		Args: atMostOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.run(cmd.Context(), &f, false, func(ctx context.Context, s *session, out *output) error {
				return a.diff(ctx, s, out, &f, args)
			})
		},
	}
	f.groups.register(cmd.Flags())
	f.limits.register(cmd.Flags())
	f.out.register(cmd.Flags())
	f.registerExpires(cmd.Flags())
	f.registerExitCode(cmd.Flags())
	return cmd
}

func (a *app) diff(ctx context.Context, s *session, out *output, f *verbFlags, args []string) error {
	conn, err := s.genesys()
	if err != nil {
		return err
	}
	file, err := s.memberships(ctx, args)
	if err != nil {
		return err
	}
	p, err := pipeline.Diff(ctx, genesys.NewReader(conn), file, s.settings)
	if err != nil {
		return err
	}
	return a.showPlan(ctx, out, p, f.exitCode)
}

// memberships reads who belongs from Entra, or from the file that is named.
func (s *session) memberships(ctx context.Context, args []string) (membership.File, error) {
	if len(args) == 0 {
		fresh := s.settings
		fresh.Expires = 0 // --expires is about the file that is written
		return s.fetch(ctx, fresh)
	}
	data, head, err := s.app.readInput(ctx, args[0])
	if err != nil {
		return membership.File{}, err
	}
	if head.Kind == plan.FileKind {
		return membership.File{}, usage(fmt.Errorf("%s is a plan already; callroll push carries it out", inputName(args[0])))
	}
	file, err := membership.DecodeFile(data)
	if err != nil {
		return membership.File{}, fmt.Errorf("%s: %w", inputName(args[0]), err)
	}
	return file, nil
}

// showPlan ends a run that only planned.
func (a *app) showPlan(ctx context.Context, out *output, p plan.Plan, exitCode bool) error {
	status := stopStatus(ctx, report.OfPlan(p, exitCode))
	data, err := report.EncodePlan(status, p)
	if err != nil {
		return err
	}
	return out.succeed(status, data, func() error { return a.text().Plan(p) })
}

// showResult ends a run that wrote.
func (a *app) showResult(ctx context.Context, out *output, r pipeline.Result, exitCode bool) error {
	status := stopStatus(ctx, report.OfOutcomes(r.Outcomes, exitCode))
	data, err := report.EncodeResult(status, r.Plan, r.Outcomes, time.Now().UTC().Truncate(time.Second))
	if err != nil {
		return err
	}
	return out.succeed(status, data, func() error { return a.text().Outcomes(r.Outcomes) })
}
