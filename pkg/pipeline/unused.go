package pipeline

import (
	"maps"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/plan"
)

// unused returns the allowances of the settings that have nothing to allow in this run. The person who gave them probably
// expects something else. taken is as for judge.
func (s Settings) unused(groups []plan.Group, taken time.Time) []plan.Unused {
	var out []plan.Unused
	byName := map[string]plan.Group{}
	for _, g := range groups {
		byName[g.Name] = g
	}
	add := func(kind plan.AllowanceKind, names []string, isUsed func(plan.Group) bool) {
		for _, name := range names {
			if g, ok := byName[name]; ok && !isUsed(g) {
				out = append(out, plan.Unused{Kind: kind, Group: name, State: g.State})
			}
		}
	}
	policy := s.Policy
	add(plan.AllowRemovals, slices.Sorted(maps.Keys(policy.AllowRemovals)), func(g plan.Group) bool { return len(g.Remove) > 0 })
	add(plan.AllowAdditions, slices.Sorted(maps.Keys(policy.AllowAdditions)), func(g plan.Group) bool { return len(g.Add) > 0 })
	add(plan.AllowRelease, slices.Sorted(maps.Keys(policy.Release)), plan.Group.WasCompared) // see checkReleases
	if s.AllowOlder && !slices.ContainsFunc(groups, func(g plan.Group) bool { return s.Past.isOlder(g, taken) }) {
		out = append(out, plan.Unused{Kind: plan.AllowOlder})
	}
	return out
}
