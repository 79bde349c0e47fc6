package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/secret"
)

func (a *app) groupsCommand() *cobra.Command {
	return verbsOf("groups", "List the groups of Entra or Genesys with their ids",
		"name the side: callroll groups entra or callroll groups genesys",
		"  callroll groups entra\n  callroll groups genesys 'support*'",
		a.groupsOf("entra", "List Entra groups, by a part of the name or a pattern",
			fmt.Sprintf(entraGroupsLong, mostCounted), (*session).entraGroups),
		a.groupsOf("genesys", "List Genesys groups, by a part of the name or a pattern", genesysGroupsLong, (*session).genesysGroups),
	)
}

const (
	entraGroupsLong = "Members are the direct ones of every type, and a nested group counts as one. Each group is a request, so\n" +
		"that %d groups are counted at most; with more, give a PATTERN. What is not known is a question mark."
	genesysGroupsLong = "Members are those that SCIM shows. Where it shows none, the number outside SCIM is the one that Genesys gives\n" +
		"elsewhere. It may have owners and people whom a rule adds. What is not known is a question mark."
)

// lister lists those groups of one side whose names are wanted, and returns how many the side lists in all.
type lister func(s *session, ctx context.Context, wanted func(name string) bool) (groups []report.GroupName, all int, err error)

func (a *app) groupsOf(side, short, long string, list lister) *cobra.Command {
	var f outFlags
	cmd := &cobra.Command{
		Use:     side + " [PATTERN]",
		Short:   short,
		Long:    short + ".\n" + long,
		Example: fmt.Sprintf("  callroll groups %s\n  callroll groups %[1]s 'support*'", side),
		Args:    atMostOneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.groups(cmd.Context(), side, strings.Join(args, ""), &f, list) // one argument at most
		},
	}
	f.register(cmd.Flags())
	return cmd
}

func (a *app) groups(ctx context.Context, side, pattern string, f *outFlags, list lister) error {
	out, err := a.output(f)
	if err != nil {
		return err
	}
	need := needs{entra: side == "entra", genesys: side == "genesys"}
	return a.inSession(ctx, need, func(ctx context.Context, s *session) error {
		wanted, err := nameFilter(pattern)
		if err != nil {
			return err
		}
		groups, all, err := list(s, ctx, wanted)
		if err != nil {
			return err
		}
		if len(groups) == 0 {
			a.say("no group of %s is listed: it shows %d, and none has a name like %q", side, all, secret.Mask(pattern))
		}
		listing := report.Listing{Side: side, Groups: groups, Mapped: s.config.Path != ""}
		return out.succeed(report.OK, func(to report.Printer) error { return to.Groups(listing) })
	}, out.fail)
}

// nameFilter returns a function that says whether a name contains the pattern. Letter case does not matter.
func nameFilter(pattern string) (func(name string) bool, error) {
	if strings.TrimSpace(pattern) == "" {
		return func(string) bool { return true }, nil
	}
	p, err := plan.ParsePattern("*" + pattern + "*")
	if err != nil {
		return nil, usage(err)
	}
	return p.Matches, nil
}

func (s *session) entraGroups(ctx context.Context, wanted func(string) bool) (groups []report.GroupName, all int, err error) {
	client, err := s.entra(ctx)
	if err != nil {
		return nil, 0, err
	}
	reading := s.settings.Progress.Begin(pipeline.ReadingEntra, 0)
	listed, err := client.Groups(ctx)
	reading.End()
	if err != nil {
		return nil, 0, err
	}
	all = len(listed.Groups)
	shown := slices.DeleteFunc(listed.Groups, func(g graph.ListedGroup) bool { return !wanted(g.DisplayName) })
	counts, err := s.countMembers(ctx, client, shown)
	if err != nil {
		return nil, 0, err
	}
	for i, g := range shown {
		groups = append(groups, report.GroupName{
			ID: g.ID, Name: g.DisplayName, Kinds: kindNames(g), Members: counts[i], Mappings: s.withEntra(g.ID),
		})
	}
	return groups, all, nil
}

func kindNames(g graph.ListedGroup) []string {
	var names []string
	for _, kind := range g.Kinds {
		names = append(names, string(kind))
	}
	return names
}

// mostCounted is how many groups are counted at most, because each of them is a request.
const mostCounted = 200

// countMembers returns the number of members of each group; nil if it is not known. It says why numbers are missing.
func (s *session) countMembers(ctx context.Context, client *graph.Client, groups []graph.ListedGroup) ([]*int, error) {
	members := make([]*int, len(groups))
	if len(groups) > mostCounted {
		s.app.say("the members of these %d groups are not counted: each group is a request, and %d are counted at most; give a PATTERN",
			len(groups), mostCounted)
		return members, nil
	}
	var failed []error
	for i, count := range pipeline.CountMembers(ctx, client, groups, s.settings) {
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("counting the members of Entra groups: %w", context.Cause(ctx))
		case membership.CauseOf(count.Err) == membership.Internal:
			return nil, count.Err
		case count.Err != nil:
			failed = append(failed, count.Err)
		default:
			members[i] = &count.Members
		}
	}
	if len(failed) > 0 {
		said := fmt.Sprintf("the members of %d of %d groups are not counted; the first error: %v", len(failed), len(groups), failed[0])
		s.app.sayLines(append([]string{said}, hintLines(failed[0])...)...)
	}
	return members, nil
}

// withEntra returns the names of the entries of the configuration that have an Entra group as a source.
func (s *session) withEntra(id string) []string {
	return s.entries(func(m pipeline.Mapping) bool {
		return slices.ContainsFunc(m.Entra, func(source string) bool { return strings.EqualFold(source, id) })
	})
}

// withGenesys returns the names of the entries of the configuration that name a Genesys group, by its id or by its name.
func (s *session) withGenesys(g membership.Group) []string {
	return s.entries(func(m pipeline.Mapping) bool { return g.Is(m.Genesys) })
}

func (s *session) entries(have func(pipeline.Mapping) bool) []string {
	var names []string
	for _, m := range s.settings.Mappings {
		if have(m) {
			names = append(names, m.Name)
		}
	}
	return names
}
