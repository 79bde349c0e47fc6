package push_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// A wait that is just what may be waited is waited.
func TestTheLongestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := func(*org, []string) error {
			return &membership.Error{Cause: membership.Unclear, Err: errors.New("503"), Wait: time.Minute}
		}
		o := org{members: []string{"a", "b"}, name: "Sales", puts: []func(*org, []string) error{busy}}
		if out := push.Run(t.Context(), []plan.Group{planned()}, options(&o, nil))[0]; out.Status != push.Done {
			t.Errorf("%q (%s) with %q", out.Status, out.Detail, o.log)
		}
	})
}

// A reading that fails because the run was stopped is not the service's fault; one that fails by itself, in a run that is
// stopped at that moment, says what it is.
func TestReadingsOfAStoppedRun(t *testing.T) {
	for _, test := range []struct {
		cause membership.Cause
		stop  bool
		want  push.Status
	}{
		{membership.Unavailable, true, push.NotStarted},
		{membership.Unavailable, false, push.Unavailable},
		{membership.Denied, true, push.Denied},
		{membership.Missing, true, push.Missing},
	} {
		ctx, stop := context.WithCancelCause(t.Context())
		o := org{members: []string{"a", "b"}, name: "Sales", onRead: func(*org, int) error {
			if test.stop {
				stop(errStopped)
			}
			return membership.Fail(test.cause, errors.New("no"))
		}}
		if out := push.Run(ctx, []plan.Group{planned()}, options(&o, nil))[0]; out.Status != test.want {
			t.Errorf("%s, stopped %v: %q, want %q", test.cause, test.stop, out.Status, test.want)
		}
		stop(nil)
	}
}

// How often it was tried is said in words.
func TestAttemptsInWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for attempts, want := range map[int]string{1: "not written after one attempt", 3: "not written after 3 attempts"} {
			o := org{members: []string{"a", "b"}, name: "Sales", puts: always(clear(membership.Unclear))}
			opts := options(&o, nil)
			opts.Attempts = attempts
			if out := push.Run(t.Context(), []plan.Group{planned()}, opts)[0]; !strings.Contains(out.Detail, want) || strings.Contains(out.Detail, "before that") {
				t.Errorf("%d attempts: %q", attempts, out.Detail)
			}
		}
	})
}

// Only one kind of an earlier change: it is told all the same.
func TestEarlierChangesOfOneKind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		onlyRemoval := plan.Group{Name: "Sales", ID: "g", DisplayName: "Sales", State: plan.Changes, Remove: []plan.Entry{{ID: "b"}}, Members: []string{"a", "c"}}
		o := org{members: []string{"a", "b", "c"}, name: "Sales", puts: []func(*org, []string) error{func(o *org, _ []string) error {
			_ = apply(o, []string{"a", "c", "x"})
			return membership.Fail(membership.Unclear, errors.New("503"))
		}}}
		out := push.Run(t.Context(), []plan.Group{onlyRemoval}, options(&o, replanned))[0]
		if out.Status != push.Done || len(out.Group.Remove) != 1 || out.Group.Add == nil || len(out.Group.Add) != 0 {
			t.Errorf("%q, +%#v -%v", out.Status, out.Group.Add, out.Group.Remove)
		}
	})
}

// Members who are no users are not looked up, and not more than a hundred are.
func TestWhoIsLookedUp(t *testing.T) {
	g := plan.Group{Name: "Sales", ID: "g", DisplayName: "Sales", State: plan.Changes, Add: []plan.Entry{{ID: "new"}}}
	o := &org{name: "Sales", puts: always(says("unknown member"))}
	for i := range 102 {
		id := fmt.Sprintf("m%03d", i)
		o.members = append(o.members, id)
		g.Members = append(g.Members, id)
		g.Keep = append(g.Keep, plan.Kept{Entry: plan.Entry{ID: id}, Reason: plan.KeptUnseen})
	}
	g.Members = append(g.Members, "new")
	o.groups, o.nobody = "m000", strings.Join(o.members, " ")
	push.Run(t.Context(), []plan.Group{g}, options(o, nil))
	asked := strings.Join(o.log, ",")
	if n := strings.Count(asked, "USER"); n != 100 || strings.Contains(asked, "USER m000") {
		t.Errorf("%d accounts were looked up", n)
	}
}

// A second PUT that is refused for a permission says so; one that meets a conflict or a doubt is left to the next look.
func TestTheSecondPutFails(t *testing.T) {
	for cause, want := range map[membership.Cause]push.Status{
		membership.Denied: push.Denied, membership.Rejected: push.NotApplied, membership.Unclear: push.NotApplied,
	} {
		synctest.Test(t, func(t *testing.T) {
			o := org{members: []string{"a", "b"}, name: "Sales", puts: []func(*org, []string) error{forgotten, clear(cause)}}
			opts := options(&o, replanned)
			opts.ReadBack = 30 * time.Second
			if out := push.Run(t.Context(), []plan.Group{planned()}, opts)[0]; out.Status != want {
				t.Errorf("%s: %q (%s), want %q", cause, out.Status, out.Detail, want)
			}
		})
	}
}
