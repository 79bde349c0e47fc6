package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
)

func (a *app) diffCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "diff [MEMBERSHIP]",
		Short: "Show what a sync would change, and change nothing",
		Long: "Read who should be in each group from Entra or from a membership file (- for stdin), compare that with the members\n" +
			"of the Genesys groups, and show the difference. With --output json or -o the result is a plan for callroll push.",
		Example: "  callroll diff\n  callroll diff members.json -o plan.json",
		Args:    atMostOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			v := &verb{app: a, name: "diff", flags: &f, need: needs{entra: len(args) == 0, genesys: true}}
			return v.run(cmd.Context(), func(ctx context.Context) error { return v.diff(ctx, args) })
		},
	}
	f.registerPlanning(cmd.Flags())
	f.registerExpires(cmd.Flags())
	f.registerExitCode(cmd.Flags())
	return cmd
}

func (v *verb) diff(ctx context.Context, args []string) error {
	file, err := v.app.memberships(ctx, args)
	if err != nil {
		return err
	}
	return v.preview(ctx, file)
}

// preview plans a membership file, or the memberships that it reads from Entra if file is nil, and shows the plan.
func (v *verb) preview(ctx context.Context, file *membership.File) error {
	v.session.recall(v.conn)
	entra, err := v.session.entraFor(ctx, file)
	if err != nil {
		return err
	}
	p, err := pipeline.Diff(ctx, entra, v.org(), file, v.session.settings)
	if err != nil {
		return err
	}
	return v.showPlan(ctx, p)
}

// memberships reads the membership file that args names. It returns nil if args is empty.
func (a *app) memberships(ctx context.Context, args []string) (*membership.File, error) {
	if len(args) == 0 {
		return nil, nil
	}
	data, head, err := a.readInput(ctx, args[0])
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
