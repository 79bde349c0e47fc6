package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/secret"
)

func (a *app) explainCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "explain PERSON [GROUP]",
		Short: "Say why somebody is in a group, or is not",
		Long: "Say which Entra groups lead a person into which Genesys groups, which account they have and how it was found, and\n" +
			"what the next run would do about them. PERSON is a userPrincipalName, a mail address, a Genesys userName or an id.\n" +
			"Nothing is changed.",
		Example: "  callroll explain ada@contoso.com\n  callroll explain ada@contoso.com 'Support Tier 1' -v",
		Args:    personAndGroup,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.groups, f.groupsName = args[1:], "GROUP"
			v := &verb{app: a, name: "explain", flags: &f, need: needs{entra: true, genesys: true}}
			return v.run(cmd.Context(), func(ctx context.Context) error { return v.explain(ctx, args[0]) })
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
			if len(args) != 1 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.completeGroups("")(cmd, args, toComplete)
		},
	}
	f.out.register(cmd.Flags())
	return cmd
}

// personAndGroup checks the arguments of explain.
func personAndGroup(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0 || len(args) > 2:
		return usage(errors.New("name one person, and perhaps one group: callroll explain PERSON [GROUP]"))
	case !strings.Contains(args[0], "@") && !membership.IsID(args[0]):
		return usage(fmt.Errorf("%q is neither a userPrincipalName, a mail address nor an id", secret.Mask(args[0])))
	}
	return nil
}

func (v *verb) explain(ctx context.Context, ref string) error {
	v.session.recall(v.conn)
	entra, err := v.session.entra(ctx)
	if err != nil {
		return err
	}
	e, p, err := pipeline.Explain(ctx, entra, v.org(), ref, v.session.settings)
	if nobody, ok := errors.AsType[*pipeline.UnknownPersonError](err); ok {
		return usage(nobody)
	} else if err != nil {
		return err
	}
	v.app.sayNotes(p)
	for _, note := range e.Notes {
		v.app.say("%s", note)
	}
	return v.out.succeed(v.status(ctx, unread(p)), func(to report.Printer) error { return to.Explanation(e) })
}

// unread returns the outcomes of the groups that could not be compared. Those of the others say nothing about one person.
func unread(p plan.Plan) []push.Outcome {
	var outcomes []push.Outcome
	for _, o := range report.Planned(p) {
		if o.Group.State == plan.Unreadable {
			outcomes = append(outcomes, o)
		}
	}
	return outcomes
}
