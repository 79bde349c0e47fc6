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
		Short: "Read from Entra who belongs, and write a membership file",
		Long: "Read from Entra who belongs to each group, and write a membership file: to stdout as JSON, or with -o to a file.\n" +
			"It needs no Genesys credentials.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.run(cmd.Context(), &f, f.out.file == "", needs{entra: true}, a.fetch)
		},
	}
	f.groups.register(cmd.Flags())
	f.out.register(cmd.Flags())
	f.registerExpires(cmd.Flags())
	return cmd
}

func (a *app) fetch(ctx context.Context, s *session, out *output) error {
	entra, err := s.entra()
	if err != nil {
		return err
	}
	file, err := pipeline.Fetch(ctx, entra, s.settings)
	if err != nil {
		return err
	}
	if out.json {
		var unread strings.Builder
		if err := (report.Text{W: &unread, All: a.flags.verbose > 0}).Unread(file); err != nil {
			return err
		}
		for line := range strings.Lines(unread.String()) {
			a.say("%s", strings.TrimSuffix(line, "\n"))
		}
	}
	return out.succeed(stopStatus(ctx, report.OfFile(file)), file.Write, func() error { return a.text().File(file) })
}
