package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/report"
)

func (a *app) showCommand() *cobra.Command {
	var f outFlags
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Print a plan, a membership file or a result for people",
		Long: "Print a FILE (- for stdin) that callroll has written: the plan of a diff, the membership file of a fetch, or the\n" +
			"result of a push, sync or undo. It needs no configuration and no credentials, and sends nothing.",
		Example: "  callroll show plan.json\n  callroll show plan.json --output markdown",
		Args:    oneArg("name one FILE, or - for stdin: callroll show FILE"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.show(cmd.Context(), args[0], &f) },
	}
	f.registerFormat(cmd.Flags())
	f.registerSummary(cmd.Flags())
	return cmd
}

// show prints a file. Where it comes from and whether it can still be used is a message on stderr.
func (a *app) show(ctx context.Context, path string, f *outFlags) error {
	out, err := a.output(f)
	if err != nil {
		return err
	}
	data, head, err := a.readInput(ctx, path)
	if err != nil {
		return out.fail(ctx, err)
	}
	print, err := a.shown(data, head.Kind)
	if err != nil {
		return out.fail(ctx, fmt.Errorf("%s: %w", inputName(path), err))
	}
	return out.succeed(report.OK, print)
}

// shown decodes a file, says where it comes from, and returns how to print it.
func (a *app) shown(data []byte, kind string) (func(report.Printer) error, error) {
	switch kind {
	case plan.FileKind:
		p, err := plan.Decode(data)
		if err != nil {
			return nil, err
		}
		a.say("a plan for %s from tenant %s, made at %s; %s", p.Genesys, p.Tenant, stamp(p.Made), expiry(p.Expires))
		a.sayNotes(p)
		return func(to report.Printer) error { return to.Plan(p) }, nil
	case membership.FileKind:
		file, err := membership.DecodeFile(data)
		if err != nil {
			return nil, err
		}
		a.say("a membership file of tenant %s, read at %s; %s", file.Tenant, stamp(file.Taken), expiry(file.Expires))
		return func(to report.Printer) error { return to.Membership(file) }, nil
	case report.ResultKind:
		r, err := report.DecodeResult(data)
		if err != nil {
			return nil, err
		}
		a.say("the result of a run for %s from tenant %s, which ended at %s with exit status %d (%s)",
			r.Plan.Genesys, r.Plan.Tenant, stamp(r.Ended), r.Status, report.Name(r.Status))
		return func(to report.Printer) error { return to.Run(r) }, nil
	}
	return nil, usage(fmt.Errorf("neither a plan, a membership file nor a result: its kind is %q", kind))
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func expiry(t time.Time) string {
	if t.Before(time.Now()) {
		return "it expired at " + stamp(t)
	}
	return "it expires at " + stamp(t)
}
