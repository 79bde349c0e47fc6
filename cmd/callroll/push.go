package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
)

func (a *app) pushCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "push FILE",
		Short: "Carry out a plan, or plan a membership file and carry out that plan",
		Long: "FILE (- for stdin) is a plan of callroll diff, which is carried out exactly or refused as stale, or a membership\n" +
			"file of callroll fetch, for which a plan is made first.",
		Example: "  callroll push plan.json\n  callroll push members.json --no-removals",
		Args:    oneArg("name one FILE, a plan or a membership file, or - for stdin: callroll push FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			v := &verb{app: a, name: "push", flags: &f, need: needs{genesys: true}}
			return v.run(cmd.Context(), func(ctx context.Context) error { return v.push(ctx, args[0]) })
		},
	}
	f.registerPlanning(cmd.Flags())
	f.registerExitCode(cmd.Flags())
	f.registerWrites(cmd.Flags())
	cmd.Flags().BoolVar(&f.allowOlder, "allow-older", false,
		"let a file through that is older than what a group was last made to have")
	return cmd
}

func (v *verb) push(ctx context.Context, path string) error {
	data, head, err := v.app.readInput(ctx, path)
	if err != nil {
		return err
	}
	switch head.Kind {
	case plan.FileKind:
		p, err := plan.Decode(data)
		if err != nil {
			return fmt.Errorf("%s: %w", inputName(path), err)
		}
		return v.pushPlan(ctx, p)
	case membership.FileKind:
		file, err := membership.DecodeFile(data)
		if err != nil {
			return fmt.Errorf("%s: %w", inputName(path), err)
		}
		return v.carryOut(ctx, &file)
	}
	return usage(fmt.Errorf("%s is neither a plan nor a membership file: its kind is %q", inputName(path), head.Kind))
}

func (v *verb) pushPlan(ctx context.Context, p plan.Plan) error {
	entra, err := v.session.entraIfAny(ctx)
	if err != nil {
		return err
	}
	v.taken = p.Taken
	work := func(s pipeline.Settings) (pipeline.Result, error) {
		return pipeline.Push(ctx, entra, v.org(), v.writer(), p, s)
	}
	if v.flags.dryRun {
		v.session.recall(v.conn)
	}
	return v.write(ctx, work)
}
