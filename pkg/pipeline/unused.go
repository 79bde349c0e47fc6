package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/plan"
)

// unusedFlags returns a note for each flag that allows something that this run does not do. The person who passed the
// flag probably expects something else. taken is as for judge.
func (s Settings) unusedFlags(groups []plan.Group, taken time.Time) []string {
	var notes []string
	note := func(flag, group, why string) {
		notes = append(notes, fmt.Sprintf("nothing to allow: %s for group %q: %s", flag, group, why))
	}
	byName := map[string]plan.Group{}
	for _, g := range groups {
		byName[g.Name] = g
	}
	for _, name := range slices.Sorted(maps.Keys(s.Policy.AllowRemovals)) {
		if g, ok := byName[name]; ok && len(g.Remove) == 0 {
			note("--allow-removals", name, whyNothing(g, "there is nobody to remove"))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Policy.AllowAdditions)) {
		if g, ok := byName[name]; ok && len(g.Add) == 0 {
			note("--allow-additions", name, whyNothing(g, "there is nobody to add"))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Policy.Release)) {
		if g, ok := byName[name]; ok && !wasCompared(g) {
			note("--release", name, whyNothing(g, ""))
		}
	}
	if s.AllowOlder && !slices.ContainsFunc(groups, func(g plan.Group) bool { return s.Past.isOlder(g, taken) }) {
		notes = append(notes, "nothing to allow: --allow-older: no group was last made to have what was read after this file")
	}
	return notes
}

// wasCompared reports whether the additions and removals of a group are known.
func wasCompared(g plan.Group) bool {
	return g.State != plan.Unreadable && g.State != plan.Stale && g.State != plan.Skipped
}

// whyNothing says why a group has no change that a flag could allow.
func whyNothing(g plan.Group, compared string) string {
	switch {
	case g.State == plan.Skipped:
		return "the group is paused"
	case !wasCompared(g):
		return "the group could not be compared"
	}
	return compared
}
