package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (a *app) syncCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Fetch, diff and push in one breath",
		Long:  "Read from Entra who belongs, compare, and make the Genesys groups have exactly those people.",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			need := needs{entra: true, genesys: true}
			return a.run(cmd.Context(), &f, false, need, func(ctx context.Context, s *session, out *output) error {
				return a.sync(ctx, s, out, &f)
			})
		},
	}
	f.registerPlanning(cmd.Flags())
	f.registerDryRun(cmd.Flags())
	f.registerExitCode(cmd.Flags())
	f.registerWrites(cmd.Flags())
	return cmd
}

func (a *app) sync(ctx context.Context, s *session, out *output, f *verbFlags) error {
	conn, err := s.genesys()
	if err != nil {
		return err
	}
	if _, err := s.entra(); err != nil {
		return err
	}
	return a.carryOut(ctx, s, out, f, "sync", conn, nil)
}
