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
	f.registerPlanning(cmd.Flags())
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
	entra, err := s.entraIfAny()
	if err != nil {
		return err
	}
	p, err := pipeline.Diff(ctx, entra, genesys.NewReader(conn), file, s.settings)
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
