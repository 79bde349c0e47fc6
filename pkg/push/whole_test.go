package push_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// A limit holds for all that a run changes in a group. After a PUT without a clear answer that was carried out, a new plan is judged
// for the new changes alone, so that the rest is left to the next run.
func TestALimitHoldsForTheWholeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := org{members: []string{"a", "b"}, name: "Sales", puts: []func(*org, []string) error{func(o *org, _ []string) error {
			_ = apply(o, []string{"a", "c", "x"})
			return membership.Fail(membership.Unclear, errors.New("500"))
		}}}
		again := func(_ context.Context, current membership.Group) (plan.Group, error) {
			return plan.Group{
				Name: "Sales", ID: "g", DisplayName: "Sales", Version: current.Version, State: plan.Changes,
				Remove: []plan.Entry{{ID: "x"}}, Members: []string{"a", "c"},
			}, nil
		}
		out := push.Run(t.Context(), []plan.Group{planned()}, options(&o, again))[0]
		if out.Status != push.Conflict || out.Cause != membership.Unclear || len(o.matched) != 1 {
			t.Errorf("%q by %q (%s) after %d PUTs", out.Status, out.Cause, out.Detail, len(o.matched))
		}
	})
}

// unshown says yes and shows nothing.
func unshown(o *org, members []string) error {
	_ = forgotten(o, members)
	return &membership.Error{Cause: membership.Unclear, Err: errors.New("200 without the group"), Accepted: true}
}

// A list of groups may be older than a group, so that it does not settle a write whose answer did not show it.
func TestAnOldListSettlesNoDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := org{members: []string{"a", "b"}, name: "Sales", puts: always(unshown)}
		o.listed = map[string]membership.Group{"g": {ID: "g", DisplayName: "Sales", Members: []string{"a", "c"}}}
		opts := options(&o, replanned)
		opts.ReadBack = 30 * time.Second
		if out := push.Run(t.Context(), []plan.Group{planned()}, opts)[0]; out.Status != push.NotApplied {
			t.Errorf("%q (%s)", out.Status, out.Detail)
		}
	})
}

// A run that is stopped claims no change that neither an answer nor a reading has shown. A later run finds out.
func TestAStoppedRunClaimsNothing(t *testing.T) {
	for _, readBack := range []time.Duration{0, 30 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancelCause(t.Context())
			o := org{members: []string{"a", "b"}, name: "Sales", puts: always(func(o *org, members []string) error {
				stop(errStopped)
				return unshown(o, members)
			})}
			opts := options(&o, replanned)
			opts.ReadBack = readBack
			out := push.Run(ctx, []plan.Group{planned()}, opts)[0]
			if out.Status != push.Unavailable || out.Cause != membership.Unclear || len(o.matched) != 1 {
				t.Errorf("read back for %s: %q by %q (%s) after %d PUTs", readBack, out.Status, out.Cause, out.Detail, len(o.matched))
			}
		})
	}
}
