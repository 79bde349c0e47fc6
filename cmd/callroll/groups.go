package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/genesys"
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
		a.groupsOf("entra", "List Entra groups, by a part of the name or a pattern", (*session).entraGroups),
		a.groupsOf("genesys", "List Genesys groups, by a part of the name or a pattern", (*session).genesysGroups),
	)
}

// lister lists the groups of one side.
type lister func(*session, context.Context) ([]report.GroupName, error)

func (a *app) groupsOf(side, short string, list lister) *cobra.Command {
	var f outFlags
	cmd := &cobra.Command{
		Use:     side + " [PATTERN]",
		Short:   short,
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
		all, err := list(s, ctx)
		if err != nil {
			return err
		}
		listing := report.Listing{Side: side, Mapped: s.config.Path != ""}
		if listing.Groups, err = matching(all, pattern); err != nil {
			return err
		}
		if len(listing.Groups) == 0 {
			a.say("no group of %s is listed: it shows %d, and none has a name like %q", side, len(all), secret.Mask(pattern))
		}
		return out.succeed(report.OK, func(to report.Printer) error { return to.Groups(listing) })
	}, out.fail)
}

// matching returns the groups whose name contains the pattern. Letter case does not matter.
func matching(all []report.GroupName, pattern string) ([]report.GroupName, error) {
	if strings.TrimSpace(pattern) == "" {
		return all, nil
	}
	p, err := plan.ParsePattern("*" + pattern + "*")
	if err != nil {
		return nil, usage(err)
	}
	return slices.DeleteFunc(all, func(g report.GroupName) bool { return !p.Matches(g.Name) }), nil
}

func (s *session) entraGroups(ctx context.Context) ([]report.GroupName, error) {
	client, err := s.entra(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := client.Groups(ctx)
	var out []report.GroupName
	for _, g := range listed.Groups {
		out = append(out, report.GroupName{ID: g.ID, Name: g.DisplayName, Kinds: kindNames(g), Mappings: s.withEntra(g.ID)})
	}
	return out, err
}

func kindNames(g graph.ListedGroup) []string {
	var names []string
	for _, kind := range g.Kinds {
		names = append(names, string(kind))
	}
	return names
}

func (s *session) genesysGroups(ctx context.Context) ([]report.GroupName, error) {
	conn, err := s.genesys(ctx)
	if err != nil {
		return nil, err
	}
	listing, err := genesys.NewReader(conn).Groups(ctx, nil)
	if err != nil {
		return nil, err
	}
	var out []report.GroupName
	for _, g := range listing.Groups() {
		one := report.GroupName{ID: g.ID, Name: g.DisplayName, Mappings: s.withGenesys(g)}
		if n := len(g.Members); n > 0 { // no members in a list do not show that there are none
			one.Members = &n
		}
		out = append(out, one)
	}
	return out, nil
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
