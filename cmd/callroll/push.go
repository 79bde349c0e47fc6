package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
)

func (a *app) pushCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "push FILE",
		Short: "Carry out a plan, or plan a membership file and carry that out",
		Long: "FILE (- for stdin) is a plan of callroll diff, and exactly that is carried out or refused as stale; or it is a\n" +
			"membership file of callroll fetch, which is planned first.",
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			need := needs{genesys: true}
			return a.run(cmd.Context(), &f, false, need, func(ctx context.Context, s *session, out *output) error {
				s.settings.AllowOlder = f.allowOlder
				return a.push(ctx, s, out, &f, args[0])
			})
		},
	}
	f.registerPlanning(cmd.Flags())
	f.registerDryRun(cmd.Flags())
	f.registerExitCode(cmd.Flags())
	f.registerWrites(cmd.Flags())
	cmd.Flags().BoolVar(&f.allowOlder, "allow-older", false, "let a file through that is older than what a group was last made to have")
	return cmd
}

func (a *app) push(ctx context.Context, s *session, out *output, f *verbFlags, path string) error {
	conn, err := s.genesys()
	if err != nil {
		return err
	}
	data, head, err := a.readInput(ctx, path)
	if err != nil {
		return err
	}
	switch head.Kind {
	case plan.FileKind:
		return a.pushPlan(ctx, s, out, f, conn, data, path)
	case membership.FileKind:
		return a.pushMembership(ctx, s, out, f, conn, data, path)
	}
	return usage(fmt.Errorf("%s is neither a plan nor a membership file: its kind is %q", inputName(path), head.Kind))
}

func (a *app) pushPlan(ctx context.Context, s *session, out *output, f *verbFlags, conn *genesys.Conn, data []byte, path string) error {
	p, err := plan.Decode(data)
	if err != nil {
		return fmt.Errorf("%s: %w", inputName(path), err)
	}
	entra, err := s.entraIfAny()
	if err != nil {
		return err
	}
	s.taken = p.Taken
	work := func() (pipeline.Result, error) {
		return pipeline.Push(ctx, entra, genesys.NewReader(conn), writer(conn, f.dryRun), p, s.settings)
	}
	if !f.dryRun {
		return a.writing(ctx, s, out, f, "push", conn, work)
	}
	s.noteJournal()
	result, err := work()
	if err != nil {
		return err
	}
	return a.showResult(ctx, out, result, f.exitCode)
}

func (a *app) pushMembership(ctx context.Context, s *session, out *output, f *verbFlags, conn *genesys.Conn, data []byte, path string) error {
	file, err := membership.DecodeFile(data)
	if err != nil {
		return fmt.Errorf("%s: %w", inputName(path), err)
	}
	return a.carryOut(ctx, s, out, f, "push", conn, &file)
}
