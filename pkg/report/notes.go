package report

import (
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/plan"
)

// Notes returns the notes of a plan, and one for each allowance that has nothing to allow.
func Notes(p plan.Plan) []string { return slices.Concat(p.Notes, list.Map(p.Unused, unusedText)) }

func unusedText(u plan.Unused) string {
	flag, why := "--release", "" // only of a group that was not compared
	switch u.Kind {
	case plan.AllowOlder:
		return "nothing to allow: --allow-older: no group was last made to have what was read after this file"
	case plan.AllowRemovals:
		flag, why = "--allow-removals", "there is nobody to remove"
	case plan.AllowAdditions:
		flag, why = "--allow-additions", "there is nobody to add"
	}
	switch u.State {
	case plan.Skipped:
		why = "the group is paused"
	case plan.Unreadable, plan.Stale:
		why = "the group could not be compared"
	}
	return fmt.Sprintf("nothing to allow: %s for group %q: %s", flag, u.Group, why)
}
