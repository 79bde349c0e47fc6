package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
)

func (s *session) genesysGroups(ctx context.Context, wanted func(string) bool) (groups []report.GroupName, all int, err error) {
	conn, err := s.genesys(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer s.settings.Progress.Begin(pipeline.ReadingGenesys, 0).End()
	reader := genesys.NewReader(conn)
	listing, err := reader.Groups(ctx, nil)
	if err != nil {
		return nil, 0, err
	}
	for _, g := range listing.Groups() {
		if !wanted(g.DisplayName) {
			continue
		}
		one := report.GroupName{ID: g.ID, Name: g.DisplayName, Mappings: s.withGenesys(g)}
		if n := len(g.Members); n > 0 { // no members in a list do not show that there are none
			one.Members = &n
		}
		groups = append(groups, one)
	}
	return groups, len(listing.Groups()), s.addOutside(ctx, reader, groups)
}

// addOutside adds what Genesys says about groups outside SCIM. What it does not say stays unknown, and is no failure.
func (s *session) addOutside(ctx context.Context, reader *genesys.Reader, groups []report.GroupName) error {
	if len(groups) == 0 {
		return nil
	}
	outside, err := s.outside(ctx, reader)
	if outside == nil {
		return err
	}
	missing := 0
	for i := range groups {
		one, ok := outside[strings.ToLower(groups[i].ID)]
		if !ok {
			missing++
			continue
		}
		groups[i].Kinds = outsideKinds(one)
		if groups[i].Members == nil {
			groups[i].MembersOutsideSCIM = one.Members
		}
	}
	if missing > 0 {
		s.app.say("the kinds of %d of %d groups are not known: they are not in the list that Genesys has outside SCIM; "+
			"private groups may need the permission Directory > PrivateGroup > View", missing, len(groups))
	}
	return nil
}

// outside returns what Genesys says about groups outside SCIM. If that cannot be read, it says so and returns nil. The error is
// that of the context.
func (s *session) outside(ctx context.Context, reader *genesys.Reader) (map[string]genesys.OutsideSCIM, error) {
	outside, err := reader.OutsideSCIM(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, err
	case err != nil:
		s.app.sayLines(append([]string{fmt.Sprintf("the kinds of the groups are not known: %v", err)}, hintLines(err)...)...)
	}
	return outside, nil
}

// outsideKinds returns what the kind of a Genesys group is made of. A value that is not known here is shown as it came.
func outsideKinds(o genesys.OutsideSCIM) []string {
	var kinds []string
	for _, word := range []string{o.Type, o.Visibility} {
		switch strings.ToLower(word) {
		case "":
		case "members", "owners":
			kinds = append(kinds, strings.ToLower(word)+" only")
		default:
			kinds = append(kinds, word)
		}
	}
	return kinds
}
