package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pairing"
	"github.com/callroll/callroll/pkg/report"
)

// mapFlags are the flags of map.
type mapFlags struct {
	out      outFlags
	sameName bool
	prefixes pairing.Prefixes
}

func (a *app) mapCommand() *cobra.Command {
	var f mapFlags
	cmd := &cobra.Command{
		Use:   "map --same-name",
		Short: "Print entries for groups that have the same name on both sides",
		Long: "Print entries for the groups that have the same name on both sides and that no entry of the configuration has, ready\n" +
			"to append below groups. What could not be paired is listed on stderr. A name proves nothing: review the entries before\n" +
			"they are used. Nothing is changed.",
		Example: "  callroll map --same-name\n  callroll map --same-name --entra-prefix 'GC '",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.mapGroups(cmd.Context(), &f) },
	}
	cmd.Flags().BoolVar(&f.sameName, "same-name", false, "pair the groups whose names are equal")
	cmd.Flags().StringVar(&f.prefixes.Entra, "entra-prefix", "",
		"only Entra groups that begin with `TEXT`, which is not compared")
	cmd.Flags().StringVar(&f.prefixes.Genesys, "genesys-prefix", "",
		"only Genesys groups that begin with `TEXT`, which is not compared")
	f.out.register(cmd.Flags())
	return cmd
}

func (a *app) mapGroups(ctx context.Context, f *mapFlags) error {
	if !f.sameName {
		return usage(errors.New("say how to find pairs: callroll map --same-name"))
	}
	out, err := a.output(&f.out)
	if err != nil {
		return err
	}
	return a.inSession(ctx, needs{entra: true, genesys: true}, func(ctx context.Context, s *session) error {
		p, err := s.proposal(ctx, f.prefixes)
		if err != nil {
			return err
		}
		for _, text := range append(p.Messages(), p.Total()) {
			a.say("%s", text)
		}
		return out.succeed(report.OK, func(to report.Printer) error { return to.Proposal(p) })
	}, out.fail)
}

// proposal pairs the groups of both sides that have the same name.
func (s *session) proposal(ctx context.Context, prefixes pairing.Prefixes) (report.Proposal, error) {
	sources, err := s.sources(ctx)
	if err != nil {
		return report.Proposal{}, err
	}
	targets, err := s.targets(ctx)
	if err != nil {
		return report.Proposal{}, err
	}
	p := report.Proposal{Result: pairing.SameName(sources, targets, prefixes)}
	for _, m := range s.settings.Mappings {
		p.Taken = append(p.Taken, m.Name)
	}
	return p, nil
}

// sources returns all Entra groups. A list that may lack a group does not show that a name is unique.
func (s *session) sources(ctx context.Context) ([]pairing.Group, error) {
	client, err := s.entra(ctx)
	if err != nil {
		return nil, err
	}
	who, err := client.SignIn(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := client.Groups(ctx)
	switch {
	case err != nil:
		return nil, err
	case !listed.Whole:
		return nil, membership.FailFor(membership.Incomplete,
			errors.New("the count of Entra is another one than the number of groups that it lists, "+
				"so that no name is shown to be unique"),
			"a group may have been made or deleted a moment ago; call it again")
	}
	var out []pairing.Group
	for _, g := range listed.Groups {
		out = append(out, pairing.Group{
			ID: g.ID, Name: g.DisplayName, Kinds: kindNames(g), Mappings: s.withEntra(g.ID), Unfit: unfitSource(g, who),
		})
	}
	return out, nil
}

// unfitSource says why an Entra group cannot be synchronized sensibly. It is empty if it can.
func unfitSource(g graph.ListedGroup, who graph.Identity) string {
	switch {
	case !membership.IsID(g.ID):
		return "its id has not the form of an object id"
	case g.Is(graph.MailEnabledSecurity, graph.Distribution):
		return "its kind is " + string(g.Kinds[0]) + ", so that Exchange manages its members"
	case g.Is(graph.UnknownKind):
		return "Entra does not say of what kind it is"
	case g.Is(graph.HiddenMembership) && !who.SeesHidden():
		return "its members are hidden from an application without Member.Read.Hidden"
	}
	return ""
}

// targets returns all Genesys groups.
func (s *session) targets(ctx context.Context) ([]pairing.Group, error) {
	conn, err := s.genesys(ctx)
	if err != nil {
		return nil, err
	}
	reader := genesys.NewReader(conn)
	listing, err := reader.Groups(ctx, nil)
	switch {
	case err != nil:
		return nil, err
	case listing.Broken > 0:
		return nil, membership.Fail(membership.Incomplete,
			fmt.Errorf("the list of Genesys has groups that cannot be read (%d), so that no name is shown to be unique",
				listing.Broken))
	}
	outside, err := s.outside(ctx, reader)
	if err != nil {
		return nil, err
	}
	if outside == nil {
		s.app.say("so private and social groups of Genesys may be among the pairs")
	}
	var out []pairing.Group
	for _, g := range listing.Groups() {
		one := pairing.Group{ID: g.ID, Name: g.DisplayName, Members: len(g.Members), Mappings: s.withGenesys(g)}
		one.Unfit = unfitTarget(g.ID, outside)
		out = append(out, one)
	}
	return out, nil
}

// unfitTarget says why a Genesys group is not proposed. It is empty if it is. Without the list outside SCIM nothing is known of any
// group.
func unfitTarget(id string, outside map[string]genesys.OutsideSCIM) string {
	o := outside[strings.ToLower(id)]
	switch {
	case !membership.IsID(id):
		return "its id has not the form of an id"
	case outside == nil:
		return ""
	case o.Type == "" || o.Visibility == "":
		return "Genesys does not say whether it is private or social; to synchronize it, add an entry by hand"
	case o.Social():
		return "it is a social group, which anybody may join"
	case o.Private():
		return "it is private (" + strings.ToLower(o.Visibility) + " only); to synchronize it, add an entry by hand"
	}
	return ""
}
