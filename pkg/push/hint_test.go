package push_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Whatever ends without a change says what to do about it.
func TestHints(t *testing.T) {
	for name, test := range map[string]struct {
		org   org
		group func(*plan.Group)
		want  push.Status
		hint  string
	}{
		"a PUT that is always answered 409": {org{puts: always(clear(membership.Rejected))}, nil, push.Rejected, "open the group in Genesys, and look"},
		"a group that moved after the plan": {org{members: []string{"a", "x"}}, nil, push.Stale, "make a new plan with callroll diff"},
		"a plan that is not so any more": {org{}, func(g *plan.Group) {
			g.State, g.Incomplete = plan.Stale, &membership.Reason{Detail: "it adds somebody who is excluded now"}
		}, push.Stale, "make a new plan with callroll diff"},
		"a write that never shows": {org{puts: always(forgotten)}, nil, push.NotApplied, "look whether the group includes its owners"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := test.org
				if o.name = "Sales"; o.members == nil {
					o.members = []string{"a", "b"}
				}
				g := planned()
				g.Notes = []string{plan.UndoneNote([]string{"ann@x"}), "another note"}
				if test.group != nil {
					test.group(&g)
				}
				opts := options(&o, nil)
				opts.ReadBack = time.Second
				got := push.Run(t.Context(), []plan.Group{g}, opts)[0]
				if got.Status != test.want || !strings.HasPrefix(got.Hint, test.hint) {
					t.Errorf("ended as %q with the hint %q", got.Status, got.Hint)
				}
				// Nobody has undone what was never there.
				undone := slices.ContainsFunc(got.Group.Notes, plan.IsUndoneNote)
				if undone == (got.Status == push.NotApplied) || !slices.Contains(got.Group.Notes, "another note") {
					t.Errorf("ended as %q with the notes %q", got.Status, got.Group.Notes)
				}
			})
		})
	}
}
