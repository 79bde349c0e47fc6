package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
)

func (a *app) fetchCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "fetch",
		Short: "Read the members of the Entra groups and write a membership file",
		Long: "Read the members of the Entra groups and write a membership file: to stdout as JSON, or with -o to a file.\n" +
			"It needs no Genesys credentials.",
		Example: "  callroll fetch -o members.json\n  callroll fetch --group 'Support Tier 1' | callroll diff -",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := &verb{app: a, name: "fetch", flags: &f, need: needs{entra: true}}
			return v.run(cmd.Context(), v.fetch)
		},
	}
	f.registerGroups(cmd.Flags())
	f.out.dataFirst = true
	f.out.register(cmd.Flags())
	f.registerExpires(cmd.Flags())
	return cmd
}

func (v *verb) fetch(ctx context.Context) error {
	entra, err := v.session.entra(ctx)
	if err != nil {
		return err
	}
	file, err := pipeline.Fetch(ctx, entra, v.session.settings)
	if err != nil {
		return err
	}
	if v.out.format != textFormat { // the text report lists unread groups itself
		for line := range strings.Lines(report.Text{All: v.app.flags.verbose > 0}.Unread(file)) {
			v.app.say("%s", strings.TrimSuffix(line, "\n"))
		}
	}
	return v.out.succeed(stopStatus(ctx, report.OfFile(file)), func(to report.Printer) error { return to.Membership(file) })
}
