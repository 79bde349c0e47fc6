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
			need := needs{entra: len(args) == 0, genesys: true}
			return a.run(cmd.Context(), &f, false, need, func(ctx context.Context, s *session, out *output) error {
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
	p, err := s.preview(ctx, conn, file)
	if err != nil {
		return err
	}
	return a.showPlan(ctx, out, p, f.exitCode)
}

// preview plans a membership, or, if it is nil, what Entra says now.
func (s *session) preview(ctx context.Context, conn *genesys.Conn, file *membership.File) (plan.Plan, error) {
	s.noteJournal()
	org := genesys.NewReader(conn)
	if file == nil {
		entra, err := s.entra()
		if err != nil {
			return plan.Plan{}, err
		}
		return pipeline.Preview(ctx, entra, org, s.settings)
	}
	entra, err := s.entraIfAny()
	if err != nil {
		return plan.Plan{}, err
	}
	return pipeline.Diff(ctx, entra, org, *file, s.settings)
}

// memberships reads the file that is named; without one it returns nil.
func (s *session) memberships(ctx context.Context, args []string) (*membership.File, error) {
	if len(args) == 0 {
		return nil, nil
	}
	data, head, err := s.app.readInput(ctx, args[0])
	if err != nil {
		return nil, err
	}
	if head.Kind == plan.FileKind {
		return nil, usage(fmt.Errorf("%s is a plan already; callroll push carries it out", inputName(args[0])))
	}
	file, err := membership.DecodeFile(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inputName(args[0]), err)
	}
	return &file, nil
}
