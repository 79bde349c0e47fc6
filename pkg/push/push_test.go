package push_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// org is one Genesys group whose answers a test scripts: each PUT takes the next of puts.
type org struct {
	members []string
	version int
	name    string
	gone    bool

	puts    []func(o *org, members []string) error
	onRead  func(o *org, n int) error // before the n-th reading, from 1
	log     []string
	reads   int
	nobody  string   // ids of accounts that do not exist
	asleep  string   // ids of inactive accounts
	mute    string   // ids of accounts whose look-up fails
	groups  string   // the member that is a group
	late    []string // members that show when they are due
	due     time.Time
	matched []string // If-Match of each PUT
	keys    []string // Idempotency-Key of each PUT
	listed  map[string]membership.Group
}

func (o *org) Group(ctx context.Context, id string) (membership.Group, error) {
	if err := ctx.Err(); err != nil {
		return membership.Group{}, err
	}
	if o.late != nil && !time.Now().Before(o.due) {
		_ = apply(o, o.late)
		o.late = nil
	}
	o.reads++
	o.log = append(o.log, "GET")
	if o.onRead != nil {
		if err := o.onRead(o, o.reads); err != nil {
			return membership.Group{}, err
		}
	}
	if o.gone {
		return membership.Group{}, membership.Fail(membership.Missing, errors.New("404"))
	}
	g := membership.Group{ID: id, DisplayName: o.name, Version: fmt.Sprint(o.version)}
	for _, m := range o.members {
		g.Members = append(g.Members, m)
		if m == o.groups {
			g.NotUsers = append(g.NotUsers, m)
		}
	}
	g.Members = membership.Distinct(g.Members)
	return g, nil
}

// User knows everybody, unless the test says otherwise.
func (o *org) User(_ context.Context, id string) (membership.Account, error) {
	o.log = append(o.log, "USER "+id)
	if strings.Contains(o.nobody, id) {
		return membership.Account{}, membership.Fail(membership.Missing, errors.New("404"))
	}
	if strings.Contains(o.mute, id) {
		return membership.Account{}, membership.Fail(membership.Unavailable, errors.New("503"))
	}
	return membership.Account{ID: id, UserName: id, Active: !strings.Contains(o.asleep, id)}, nil
}

// Listed shows what the test has put there.
func (o *org) Listed(context.Context, []string) map[string]membership.Group { return o.listed }

func (o *org) Replace(_ context.Context, _ membership.Group, members []string, version, key string) error {
	o.keys = append(o.keys, key)
	o.log = append(o.log, "PUT "+strings.Join(members, ""))
	o.matched = append(o.matched, version)
	if len(o.puts) == 0 {
		return apply(o, members)
	}
	next := o.puts[0]
	o.puts = o.puts[1:]
	return next(o, members)
}

// What a PUT may meet.
func apply(o *org, members []string) error {
	o.members, o.version = slices.Clone(members), o.version+1
	return nil
}

func clear(cause membership.Cause) func(*org, []string) error {
	return func(*org, []string) error { return membership.Fail(cause, errors.New(string(cause))) }
}

func applied(cause membership.Cause) func(*org, []string) error {
	return func(o *org, members []string) error {
		_ = apply(o, members)
		return membership.Fail(cause, errors.New("answer lost"))
	}
}

// taken lets somebody else write before the PUT, which is then refused.
func taken(members ...string) func(*org, []string) error {
	return func(o *org, _ []string) error {
		_ = apply(o, members)
		return membership.Fail(membership.Rejected, errors.New("409 version conflict"))
	}
}

func always(f func(*org, []string) error) []func(*org, []string) error {
	return slices.Repeat([]func(*org, []string) error{f}, 20)
}

// planned wants a and c of a group that has a and b.
func planned() plan.Group {
	return plan.Group{
		Name: "Sales", ID: "g", DisplayName: "Sales", State: plan.Changes,
		Add: []plan.Entry{{ID: "c"}}, Remove: []plan.Entry{{ID: "b"}}, Members: []string{"a", "c"},
	}
}

// replanned wants c in addition to whoever is there, and nobody more than four.
func replanned(_ context.Context, current membership.Group) (plan.Group, error) {
	g := plan.Group{Name: "Sales", ID: "g", DisplayName: "Sales", State: plan.InStep, Members: current.Members}
	if !slices.Contains(g.Members, "c") {
		g.State, g.Add, g.Members = plan.Changes, []plan.Entry{{ID: "c"}}, membership.Distinct(append(g.Members, "c"))
	}
	if len(g.Members) > 4 {
		g.State, g.Refusals = plan.Refused, []plan.Refusal{{Text: "too many"}}
	}
	return g, nil
}

// inStep makes a group that has a and b want just these.
func inStep(g *plan.Group) {
	g.State, g.Add, g.Remove, g.Members = plan.InStep, nil, nil, []string{"a", "b"}
}

// renamed is the new plan of a group that was mapped by its name.
func renamed(context.Context, membership.Group) (plan.Group, error) {
	return plan.Group{}, membership.Fail(membership.Missing, errors.New("renamed"))
}

func options(o *org, replan push.Replan) push.Options {
	return push.Options{
		Reader: o, Writer: o, Replan: replan, Attempts: 3,
		BackOff: func() backoff.BackOff { return backoff.NewConstantBackOff(time.Second) },
		MaxWait: time.Minute,
		Linger: func(ctx context.Context, _ time.Duration) (context.Context, context.CancelFunc) {
			return context.WithCancel(context.WithoutCancel(ctx))
		},
	}
}

func TestRun(t *testing.T) {
	for _, test := range []struct {
		name   string
		org    org
		group  func(*plan.Group)
		replan push.Replan
		want   push.Status
		log    string
		after  string // members of the group at the end
	}{
		{name: "read, then written", want: push.Done, log: "GET, PUT ac", after: "ac"},
		{name: "as wanted already: nothing is written", org: org{members: []string{"c", "a"}}, want: push.Already, log: "GET", after: "ca"},
		{name: "neither as found nor as wanted: stale", org: org{members: []string{"a", "b", "x"}}, want: push.Stale, log: "GET", after: "abx"},
		{name: "moved before its PUT: planned again", org: org{members: []string{"a", "x"}}, replan: replanned, want: push.Done, log: "GET, PUT acx", after: "acx"},
		{name: "moved, and planned again it is in step", org: org{members: []string{"c", "x"}}, replan: replanned, want: push.Already, log: "GET", after: "cx"},
		{name: "moved, and planned again it is refused", org: org{members: []string{"w", "x", "y", "z"}}, replan: replanned, want: push.Refused, log: "GET", after: "wxyz"},
		{name: "renamed since the plan", org: org{name: "Marketing"}, want: push.Missing, log: "GET", after: "ab"},
		{name: "gone", org: org{gone: true}, want: push.Missing, log: "GET", after: "ab"},
		{name: "nothing to do, and a plan that is not replanned: looked at all the same", group: inStep, want: push.InStep, log: "GET", after: "ab"},
		{name: "nothing to do, and it is not so any more", org: org{members: []string{"a"}}, group: inStep, want: push.Stale, log: "GET", after: "a"},
		{name: "nothing to do, and it is called otherwise now", org: org{name: "Marketing"}, group: inStep, want: push.Missing, log: "GET", after: "ab"},
		{name: "nothing to do, and what moves is planned again: nothing is read", group: inStep, replan: replanned, want: push.InStep, after: "ab"},
		{name: "as wanted, and called otherwise since the plan", org: org{members: []string{"a", "c"}, name: "Marketing"}, want: push.Missing, log: "GET", after: "ac"},
		{name: "called otherwise now: planned again before it is written", org: org{name: "Marketing"}, replan: renamed, want: push.Missing, log: "GET", after: "ab"},
		{name: "refused by its plan", group: func(g *plan.Group) { g.State = plan.Refused }, want: push.Refused, after: "ab"},
		{name: "paused", group: func(g *plan.Group) { g.State = plan.Skipped }, want: push.Paused, after: "ab"},

		{name: "a version conflict, the set as found: written again (409, 400, 412 alike)",
			org: org{puts: []func(*org, []string) error{taken("a", "b")}}, want: push.Done, log: "GET, PUT ac, GET, PUT ac", after: "ac"},
		{name: "a version conflict, another set: stale, nobody is overwritten (incident 15)",
			org: org{puts: []func(*org, []string) error{taken("a", "b", "x")}}, want: push.Stale, log: "GET, PUT ac, GET", after: "abx"},
		{name: "a version conflict, planned again",
			org: org{puts: []func(*org, []string) error{taken("a", "b", "x")}}, replan: replanned, want: push.Done, log: "GET, PUT ac, GET, PUT abcx", after: "abcx"},
		{name: "a version conflict, planned again and refused",
			org: org{puts: []func(*org, []string) error{taken("w", "x", "y", "z")}}, replan: replanned, want: push.Refused, log: "GET, PUT ac, GET", after: "wxyz"},
		{name: "a second version conflict ends it",
			org: org{puts: []func(*org, []string) error{taken("a", "x"), taken("a", "y")}}, replan: replanned, want: push.Conflict, log: "GET, PUT ac, GET, PUT acx, GET", after: "ay"},
		{name: "refused, and somebody else did the same", org: org{puts: []func(*org, []string) error{taken("a", "c")}}, want: push.Done, log: "GET, PUT ac, GET", after: "ac"},
		{name: "a clear refusal, version unmoved", org: org{puts: always(clear(membership.Rejected))}, want: push.Rejected, log: "GET, PUT ac, GET", after: "ab"},
		{name: "a refusal because the group is gone", org: org{puts: always(clear(membership.Rejected)), onRead: func(o *org, n int) error {
			o.gone = n == 2
			return nil
		}}, want: push.Missing, log: "GET, PUT ac, GET", after: "ab"},

		{name: "an answer lost, and it was applied", org: org{puts: []func(*org, []string) error{applied(membership.Unclear)}}, want: push.Done, log: "GET, PUT ac, GET", after: "ac"},
		{name: "an answer lost, and it was not applied: read before it is sent again",
			org: org{puts: []func(*org, []string) error{clear(membership.Unclear)}}, want: push.Done, log: "GET, PUT ac, GET, PUT ac", after: "ac"},
		{name: "never a clear answer", org: org{puts: always(clear(membership.Unclear))}, want: push.Unavailable,
			log: "GET, PUT ac, GET, PUT ac, GET, PUT ac, GET", after: "ab"},
		{name: "the last of them was applied", org: org{puts: []func(*org, []string) error{clear(membership.Unclear), clear(membership.Unclear), applied(membership.Unclear)}},
			want: push.Done, log: "GET, PUT ac, GET, PUT ac, GET, PUT ac, GET", after: "ac"},
		{name: "an answer lost, and somebody else wrote", org: org{puts: []func(*org, []string) error{func(o *org, _ []string) error {
			_ = apply(o, []string{"a", "x"})
			return membership.Fail(membership.Unclear, errors.New("504"))
		}}}, want: push.Stale, log: "GET, PUT ac, GET", after: "ax"},
		{name: "an answer lost, somebody else wrote, planned again", org: org{puts: []func(*org, []string) error{func(o *org, _ []string) error {
			_ = apply(o, []string{"a", "x"})
			return membership.Fail(membership.Unclear, errors.New("504"))
		}}}, replan: replanned, want: push.Done, log: "GET, PUT ac, GET, PUT acx", after: "acx"},
		{name: "an answer lost, and the group cannot be read", org: org{puts: []func(*org, []string) error{clear(membership.Unclear)}, onRead: func(_ *org, n int) error {
			if n > 1 {
				return membership.Fail(membership.Unavailable, errors.New("503"))
			}
			return nil
		}}, want: push.Unavailable, log: "GET, PUT ac, GET", after: "ab"},

		{name: "no permission to write", org: org{puts: always(clear(membership.Denied))}, want: push.Denied, log: "GET, PUT ac", after: "ab"},
		{name: "throttled for good", org: org{puts: always(clear(membership.Unavailable))}, want: push.Unavailable, log: "GET, PUT ac", after: "ab"},
		{name: "no version to match", org: org{puts: always(clear(membership.Incomplete))}, want: push.Incomplete, log: "GET, PUT ac", after: "ab"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := test.org
				if o.members == nil {
					o.members = []string{"a", "b"}
				}
				if o.name == "" {
					o.name = "Sales"
				}
				g := planned()
				if test.group != nil {
					test.group(&g)
				}
				got := push.Run(t.Context(), []plan.Group{g}, options(&o, test.replan))[0]
				if got.Status != test.want || strings.Join(o.log, ", ") != test.log || strings.Join(o.members, "") != test.after {
					t.Errorf("ended as %q (%s) with %q, members %q\nwant %q with %q, members %q", got.Status, got.Detail,
						strings.Join(o.log, ", "), strings.Join(o.members, ""), test.want, test.log, test.after)
				}
			})
		})
	}
}

// A PUT carries the version of the reading just before it.
func TestVersionIsThatOfTheLastReading(t *testing.T) {
	o := org{members: []string{"a", "b"}, version: 7, name: "Sales", puts: []func(*org, []string) error{taken("a", "b")}}
	push.Run(t.Context(), []plan.Group{planned()}, options(&o, nil))
	if got := strings.Join(o.matched, " "); got != "7 8" {
		t.Errorf("If-Match was %s, want 7 8", got)
	}
}

// A dry run has no writer, and says what it would do.
func TestDryRun(t *testing.T) {
	o := org{members: []string{"a", "b"}, name: "Sales"}
	opts := options(&o, nil)
	opts.Writer = nil
	if got := push.Run(t.Context(), []plan.Group{planned()}, opts)[0]; got.Status != push.ToDo || len(o.log) != 1 {
		t.Errorf("ended as %q with %v, want %q with one GET", got.Status, o.log, push.ToDo)
	}
}

// One group that fails does not stop the others, and the outcomes come in the order of the groups.
func TestOthersGoOn(t *testing.T) {
	o := org{members: []string{"a", "b"}, name: "Sales", puts: []func(*org, []string) error{clear(membership.Denied)}}
	first, second := planned(), planned()
	first.Name = "first"
	got := push.Run(t.Context(), []plan.Group{first, second}, options(&o, nil))
	if got[0].Status != push.Denied || got[1].Status != push.Done || got[0].Group.Name != "first" || got[1].Group.Name != "Sales" {
		t.Errorf("%s %q, %s %q; want denied, changed, in order", got[0].Group.Name, got[0].Status, got[1].Group.Name, got[1].Status)
	}
}

var errStopped = errors.New("stopped from outside")

func TestStop(t *testing.T) {
	for _, test := range []struct {
		name string
		org  func(stop func()) org
		want []push.Status
		log  string
	}{
		{"before the first", func(stop func()) org { stop(); return org{} }, []push.Status{push.NotStarted, push.NotStarted}, ""},
		{"while it is read: no PUT", func(stop func()) org {
			return org{onRead: func(*org, int) error { stop(); return nil }}
		}, []push.Status{push.NotStarted, push.NotStarted}, "GET"},
		{"while it is written: the PUT counts, the next is not started", func(stop func()) org {
			return org{puts: []func(*org, []string) error{func(o *org, m []string) error { stop(); return apply(o, m) }}}
		}, []push.Status{push.Done, push.NotStarted}, "GET, PUT ac"},
		{"an answer lost after the stop: one reading, no other PUT", func(stop func()) org {
			return org{puts: []func(*org, []string) error{func(*org, []string) error {
				stop()
				return membership.Fail(membership.Unclear, errors.New("cut"))
			}}}
		}, []push.Status{push.Unavailable, push.NotStarted}, "GET, PUT ac, GET"},
		{"an answer lost after the stop, and it was applied", func(stop func()) org {
			return org{puts: []func(*org, []string) error{func(o *org, m []string) error {
				stop()
				return applied(membership.Unclear)(o, m)
			}}}
		}, []push.Status{push.Done, push.NotStarted}, "GET, PUT ac, GET"},
		{"while it waits to send again: one reading, no other PUT", func(stop func()) org {
			return org{puts: []func(*org, []string) error{func(*org, []string) error {
				time.AfterFunc(time.Second/2, stop)
				return membership.Fail(membership.Unclear, errors.New("cut"))
			}}}
		}, []push.Status{push.Unavailable, push.NotStarted}, "GET, PUT ac, GET"},
		{"a refusal after the stop: no other PUT", func(stop func()) org {
			return org{puts: []func(*org, []string) error{func(o *org, m []string) error {
				stop()
				return taken("a", "b")(o, m)
			}}}
		}, []push.Status{push.Unavailable, push.NotStarted}, "GET, PUT ac, GET"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				o := test.org(func() { cancel(errStopped) })
				o.members, o.name = []string{"a", "b"}, "Sales"
				var got []push.Status
				for _, out := range push.Run(ctx, []plan.Group{planned(), planned()}, options(&o, nil)) {
					got = append(got, out.Status)
					if out.Status == push.NotStarted && !strings.Contains(out.Detail, errStopped.Error()) {
						t.Errorf("the outcome does not say why: %q", out.Detail)
					}
				}
				if !slices.Equal(got, test.want) || strings.Join(o.log, ", ") != test.log {
					t.Errorf("ended as %q with %q, want %q with %q", got, strings.Join(o.log, ", "), test.want, test.log)
				}
			})
		})
	}
}

// How long a service wants to be left alone counts after an unclear answer too, and beyond the limit it is left alone.
func TestTheServiceAsksForTime(t *testing.T) {
	busy := func(wait time.Duration) func(*org, []string) error {
		return func(*org, []string) error {
			return &membership.Error{Cause: membership.Unclear, Err: errors.New("503"), Wait: wait}
		}
	}
	for _, test := range []struct {
		wait, took time.Duration
		log        string
	}{
		{20 * time.Second, 40 * time.Second, "GET, PUT ac, GET, PUT ac, GET, PUT ac, GET"},
		{time.Hour, 0, "GET, PUT ac, GET"},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := org{members: []string{"a", "b"}, name: "Sales", puts: always(busy(test.wait))}
			began := time.Now()
			out := push.Run(t.Context(), []plan.Group{planned()}, options(&o, nil))[0]
			if took := time.Since(began); took != test.took || strings.Join(o.log, ", ") != test.log || out.Status != push.Unavailable {
				t.Errorf("asked for %s: %q after %s with %q; want %s with %q", test.wait, out.Status, took, o.log, test.took, test.log)
			}
		})
	}
}

// A list and a group that have one version and two sets of members: one of them lies, and nobody knows which.
func TestOneVersionWithTwoSetsOfMembers(t *testing.T) {
	g := planned()
	g.Version = "7"
	for version, want := range map[int]push.Status{7: push.Incomplete, 8: push.Done} {
		o := org{members: []string{"a", "x"}, version: version, name: "Sales"}
		if out := push.Run(t.Context(), []plan.Group{g}, options(&o, replanned))[0]; out.Status != want {
			t.Errorf("planned on version 7, read as %d: %q (%s), want %q", version, out.Status, out.Detail, want)
		}
	}
}

// What a PUT without a clear answer has changed after all is in the report, whatever the new plan says.
func TestWhatWasWrittenBeforeItWasPlannedAgain(t *testing.T) {
	taken := func(members ...string) func(*org, []string) error {
		return func(o *org, _ []string) error {
			_ = apply(o, members)
			return membership.Fail(membership.Unclear, errors.New("503"))
		}
	}
	synctest.Test(t, func(t *testing.T) {
		o := org{members: []string{"a", "b"}, name: "Sales", puts: []func(*org, []string) error{taken("a", "c", "x")}}
		out := push.Run(t.Context(), []plan.Group{planned()}, options(&o, replanned))[0]
		if out.Status != push.Done || len(out.Group.Add) != 1 || len(out.Group.Remove) != 1 || out.Group.Add[0].ID != "c" || out.Group.Remove[0].ID != "b" {
			t.Errorf("in step when planned again: %q, +%v -%v; want c added and b removed", out.Status, out.Group.Add, out.Group.Remove)
		}
		o = org{members: []string{"a", "b"}, name: "Sales", puts: []func(*org, []string) error{taken("a", "c", "x", "y", "z")}}
		out = push.Run(t.Context(), []plan.Group{planned()}, options(&o, replanned))[0]
		if out.Status != push.Refused || !strings.Contains(out.Detail, "before that this run had added 1 and removed 1") {
			t.Errorf("refused when planned again: %q (%s)", out.Status, out.Detail)
		}
	})
}

// The pauses between unclear attempts come from the policy.
func TestPausesBetweenUnclearAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := org{members: []string{"a", "b"}, name: "Sales", puts: always(clear(membership.Unclear))}
		began := time.Now()
		push.Run(t.Context(), []plan.Group{planned()}, options(&o, nil))
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("three attempts took %s, want two pauses of a second", took)
		}
	})
}
