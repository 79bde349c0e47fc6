package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) syncCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:     "sync",
		Short:   "Fetch, diff and push in one run",
		Long:    "Read the members of the Entra groups, compare, and give the Genesys groups exactly these members.",
		Example: "  callroll sync --dry-run\n  callroll sync --quiet --lock-wait 2m",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := &verb{app: a, name: "sync", flags: &f, need: needs{entra: true, genesys: true}}
			return v.run(cmd.Context(), func(ctx context.Context) error { return v.carryOut(ctx, nil) })
		},
	}
	f.registerPlanning(cmd.Flags())
	f.registerExitCode(cmd.Flags())
	f.registerWrites(cmd.Flags())
	return cmd
}
