package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// resolver finds the Genesys group that a mapping names, by id or by exact and unique displayName.
type resolver struct {
	org    *genesys.Reader
	listed []membership.Group
}

// group returns the group with its members. Its failures say which group was looked for, and what to do.
func (r resolver) group(ctx context.Context, ref string) (membership.Group, error) {
	found := r.find(ref)
	switch {
	case len(found) > 1:
		return membership.Group{}, membership.Fail(membership.Missing,
			fmt.Errorf("%d Genesys groups are called %q: %s; name the right one by its id", len(found), ref, ids(found)))
	case len(found) == 1 && !found[0].MembersAbsent:
		return found[0], nil
	case len(found) == 1:
		return r.org.Group(ctx, found[0].ID)
	}
	if uuid.Validate(ref) == nil {
		return r.org.Group(ctx, ref)
	}
	return membership.Group{}, membership.Fail(membership.Missing, fmt.Errorf("no Genesys group is called %q%s: it is gone or renamed, "+
		"or a private group that needs Directory > PrivateGroup > View; callroll groups genesys lists what can be seen", ref, r.nearly(ref)))
}

// find returns the listed groups that a reference means. An id goes before a name.
func (r resolver) find(ref string) []membership.Group {
	for _, g := range r.listed {
		if g.ID == ref {
			return []membership.Group{g}
		}
	}
	var named []membership.Group
	for _, g := range r.listed {
		if g.DisplayName == ref {
			named = append(named, g)
		}
	}
	return named
}

// nearly names the groups that differ from ref in case or white space only.
func (r resolver) nearly(ref string) string {
	for _, g := range r.listed {
		if strings.EqualFold(strings.TrimSpace(g.DisplayName), strings.TrimSpace(ref)) {
			return fmt.Sprintf(" (%s is called %q)", g.ID, g.DisplayName)
		}
	}
	return ""
}

// unselected stands for a mapping that this run does not work on: only which group it leads to counts.
func (r resolver) unselected(m Mapping) plan.Group {
	g := plan.Unread(m.Rule, membership.Reason{})
	if found := r.find(m.Genesys); len(found) == 1 {
		g.ID = found[0].ID
	}
	return g
}

func ids(groups []membership.Group) string {
	var out []string
	for _, g := range groups {
		out = append(out, g.ID)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
