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
	if len(ref) == 36 && uuid.Validate(ref) == nil {
		g, err := r.org.Group(ctx, ref)
		if err != nil && membership.CauseOf(err) == membership.Missing {
			err = fmt.Errorf("%w: it is gone, %s", err, unseen)
		}
		return g, err
	}
	return membership.Group{}, membership.Fail(membership.Missing,
		fmt.Errorf("no Genesys group is called %q%s: it is gone or renamed, %s", ref, r.nearly(ref), unseen))
}

// unseen is what else may be the matter with a group that is not there.
const unseen = "or a private group that needs Directory > PrivateGroup > View; callroll groups genesys lists what can be seen"

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

// leftAlone stands for a mapping that this run has no business with: only which group it leads to counts.
func (r resolver) leftAlone(rule plan.Rule) plan.Group {
	if found := r.find(rule.Genesys); len(found) == 1 {
		return plan.LeftAlone(rule, found[0].ID)
	}
	return plan.LeftAlone(rule, "")
}

func ids(groups []membership.Group) string {
	var out []string
	for _, g := range groups {
		out = append(out, g.ID)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
