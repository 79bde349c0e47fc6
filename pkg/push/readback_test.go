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

// forgotten says that all is well and does nothing.
func forgotten(*org, []string) error { return nil }

// later applies a write some time after it was answered.
func later(d time.Duration) func(*org, []string) error {
	return func(o *org, members []string) error {
		o.due, o.late = time.Now().Add(d), members
		return nil
	}
}

func TestReadBack(t *testing.T) {
	for _, test := range []struct {
		name string
		org  org
		want push.Status
		puts int
		took time.Duration
		text string
	}{
		{"it shows at once", org{}, push.Done, 1, 0, ""},
		{"it shows after a while", org{puts: []func(*org, []string) error{later(10 * time.Second)}}, push.Done, 1, 15 * time.Second, ""},
		{"it never shows, and does when it is sent again", org{puts: []func(*org, []string) error{forgotten}}, push.Done, 2, 31 * time.Second, ""},
		{"it never shows (incident 16)", org{puts: always(forgotten)}, push.NotApplied, 2, 40 * time.Second, "does not show it after 30s, for c, b"},
		{"somebody else wrote after us: nothing is sent", org{onRead: func(o *org, n int) error {
			if n == 2 {
				_ = apply(o, []string{"a", "x"})
			}
			return nil
		}}, push.Conflict, 1, 0, "somebody else changed the group after it was written"},
		{"what was written is undone again and again: it does not settle", org{onRead: func(o *org, n int) error {
			if n >= 2 {
				_ = apply(o, []string{"a", "b", "c"})
			}
			return nil
		}}, push.NotApplied, 1, 40 * time.Second, "for b"},
		{"it is gone", org{onRead: func(o *org, n int) error { o.gone = n > 1; return nil }}, push.Missing, 1, 0, ""},
		{"it cannot be read: nothing is sent", org{onRead: func(_ *org, n int) error {
			if n > 1 {
				return membership.Fail(membership.Unavailable, errors.New("503"))
			}
			return nil
		}}, push.Unavailable, 1, 40 * time.Second, "could not be read back"},
		{"an answer lost, and the look showed it: no further look", org{puts: []func(*org, []string) error{applied(membership.Unclear)}}, push.Done, 1, time.Second, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := test.org
				o.members, o.name = []string{"a", "b"}, "Sales"
				opts := options(&o, replanned)
				opts.ReadBack = 30 * time.Second
				began := time.Now()
				out := push.Run(t.Context(), []plan.Group{planned()}, opts)[0]
				took := time.Since(began)
				if out.Status != test.want || len(o.matched) != test.puts || took != test.took || !strings.Contains(out.Detail, test.text) {
					t.Errorf("ended as %q (%s) after %s with %q; want %q after %s with %d PUTs", out.Status, out.Detail, took, o.log, test.want, test.took, test.puts)
				}
			})
		})
	}
}

// Few requests: a write that never shows costs some fifteen of them in all.
func TestReadBackIsFrugal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := org{members: []string{"a", "b"}, name: "Sales", puts: always(forgotten)}
		opts := options(&o, replanned)
		opts.ReadBack = 30 * time.Second
		push.Run(t.Context(), []plan.Group{planned()}, opts)
		if o.reads > 12 {
			t.Errorf("%d readings", o.reads)
		}
	})
}

// The second PUT carries the version of the first, and no key.
func TestSecondPutCarriesNoKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := org{members: []string{"a", "b"}, version: 7, name: "Sales", puts: always(forgotten)}
		opts := options(&o, replanned)
		opts.ReadBack = 30 * time.Second
		g := planned()
		g.Key = "key"
		push.Run(t.Context(), []plan.Group{g}, opts)
		if got := fmt.Sprint(o.matched, o.keys); got != "[7 7] [key ]" {
			t.Errorf("versions and keys: %s", got)
		}
	})
}

// A run that is stopped does not wait for what does not show.
func TestReadBackStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancelCause(t.Context())
		o := org{members: []string{"a", "b"}, name: "Sales", puts: always(forgotten)}
		opts := options(&o, replanned)
		opts.ReadBack = 30 * time.Second
		time.AfterFunc(2*time.Second, func() { stop(errStopped) })
		began := time.Now()
		out := push.Run(ctx, []plan.Group{planned()}, opts)[0]
		if took := time.Since(began); took != 2*time.Second || len(o.matched) != 1 || out.Status != push.Unavailable || out.Cause != membership.Unclear {
			t.Errorf("%q (%s) after %s with %d PUTs", out.Status, out.Detail, took, len(o.matched))
		}
	})
}

func TestLookUp(t *testing.T) {
	// ghost and sleeper are members who are kept; the group wants c in addition.
	group := func() plan.Group {
		return plan.Group{
			Name: "Sales", ID: "g", DisplayName: "Sales", State: plan.Changes, Add: []plan.Entry{{ID: "c"}},
			Keep:    []plan.Kept{{Entry: plan.Entry{ID: "g"}, Reason: plan.KeptUnseen}, {Entry: plan.Entry{ID: "s", UserName: "s@x"}, Reason: plan.KeptInactive}, {Entry: plan.Entry{ID: "a"}, Reason: plan.KeptProtected, Active: true}},
			Members: []string{"a", "c", "g", "s"},
		}
	}
	// refuseWith refuses every PUT that has one of these members.
	refuseWith := func(ids string) func(*org, []string) error {
		return func(o *org, members []string) error {
			if strings.ContainsAny(strings.Join(members, ""), ids) {
				return refused("unknown member")
			}
			return apply(o, members)
		}
	}
	for _, test := range []struct {
		name string
		org  org
		want push.Status
		log  string
		text string
	}{
		{"who does not exist stays, and a person decides", org{nobody: "g", asleep: "s", puts: always(refuseWith("g"))}, push.Refused,
			"GET, PUT acgs, GET, USER g, USER s", "unknown g, inactive s@x: unknown member"},
		{"inactive members are kept and refused: a person", org{nobody: "g", asleep: "s", puts: always(refuseWith("s"))}, push.Refused,
			"GET, PUT acgs, GET, USER g, USER s", "inactive s@x: unknown member"},
		{"who is in no listing and can be looked up", org{asleep: "s", puts: always(refuseWith("g"))}, push.Incomplete,
			"GET, PUT acgs, GET, USER g", "the lists of users do not have account g, and its look-up shows it"},
		{"who is in no listing and can be looked up as inactive", org{asleep: "gs", puts: always(refuseWith("g"))}, push.Incomplete,
			"GET, PUT acgs, GET, USER g", "the lists of users do not have account g, and its look-up shows it"},
		{"who is listed as inactive and looked up as active", org{nobody: "g", puts: always(refuseWith("g"))}, push.Incomplete,
			"GET, PUT acgs, GET, USER g, USER s", "look-up shows it as an active one"},
		{"who is listed as inactive and does not exist", org{nobody: "gs", puts: always(refuseWith("s"))}, push.Incomplete,
			"GET, PUT acgs, GET, USER g, USER s", "look-up says that it does not exist"},
		{"whose look-up fails is nobody to blame", org{asleep: "s", mute: "g", puts: always(refuseWith("g"))}, push.Unavailable,
			"GET, PUT acgs, GET, USER g", "503 (after unknown member)"},
		{"the refusal is about something else", org{nobody: "g", puts: always(says("pending rule evaluation"))}, push.Rejected,
			"GET, PUT acgs, GET", "pending rule evaluation"},
		{"the refusal says nothing of members", org{nobody: "g", puts: always(says("bad.request: Bad Request"))}, push.Rejected, "GET, PUT acgs, GET", "Bad Request"},
		{"the refusal is not the service's own", org{nobody: "g", puts: always(clear(membership.Rejected))}, push.Rejected, "GET, PUT acgs, GET", "rejected"},
		{"the refusal names one of them, and all are looked up", org{nobody: "g", asleep: "s", puts: always(says("user g does not exist"))}, push.Refused, "GET, PUT acgs, GET, USER g, USER s", "unknown g, inactive s@x: user g does not exist"},
		{"the words could be about something else, and name a member", org{nobody: "g", asleep: "s", puts: always(says("locked: member g"))}, push.Refused,
			"GET, PUT acgs, GET, USER g, USER s", "unknown g, inactive s@x: locked: member g"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := test.org
			o.members, o.name = []string{"a", "g", "s"}, "Sales"
			out := push.Run(t.Context(), []plan.Group{group()}, options(&o, replanned))[0]
			if got := strings.Join(o.members, ""); got != "ags" {
				t.Errorf("the group has %s now", got)
			}
			if out.Status != test.want || strings.Join(o.log, ", ") != test.log || !strings.Contains(why(out), test.text) {
				t.Errorf("ended as %q (%s) with %q\nwant %q with %q", out.Status, why(out), strings.Join(o.log, ", "), test.want, test.log)
			}
		})
	}
}

// A release lets go who is in no listing, where nothing else keeps them.
func TestTheWayOutOfARefusal(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*plan.Group)
		want string
	}{
		"mirror":      {func(*plan.Group) {}, "x"},
		"add-only":    {func(g *plan.Group) { g.Mode = plan.AddOnly }, ""},
		"no removals": {func(g *plan.Group) { g.NoRemovals = true }, ""},
		"protected":   {func(g *plan.Group) { g.Keep[0].Reason = plan.KeptProtected }, ""},
	} {
		g := planned()
		g.Keep, g.Members = []plan.Kept{{Entry: plan.Entry{ID: "x"}, Reason: plan.KeptUnseen}}, []string{"a", "c", "x"}
		test.edit(&g)
		o := org{members: []string{"a", "b", "x"}, name: "Sales", nobody: "x", puts: always(says("unknown member"))}
		out := push.Run(t.Context(), []plan.Group{g}, options(&o, replanned))[0]
		if out.Status != push.Refused || len(o.matched) != 1 || len(out.Group.Refusals) != 1 || released(out.Group) != test.want {
			t.Errorf("%s: %q after %v: %+v", name, out.Status, o.log, out.Group.Refusals)
		}
		o = org{members: []string{"a", "b", "x"}, name: "Sales", nobody: "x", puts: always(says("unknown member"))}
		exactly := push.Run(t.Context(), []plan.Group{g}, options(&o, nil))[0] // a plan file, in which a release would have to be
		if released(exactly.Group) != "" || strings.Contains(exactly.Hint, "make a new plan") != (test.want != "") {
			t.Errorf("%s, exactly: %q, %+v", name, exactly.Hint, exactly.Group.Refusals)
		}
	}
}

// What the group is called says nothing of what a refusal is about.
func TestTheNameOfTheGroupExplainsNothing(t *testing.T) {
	for _, test := range []struct {
		group, said string
		want        push.Status
	}{
		{"Blocked Calls", "invalid member of Blocked Calls", push.Refused},
		{"Evaluations", `Evaluations: invalid member`, push.Refused},
		{"Locks", "invalid member of Locks", push.Refused},
		{"Member Support", "Member Support is read-only", push.Rejected},
		{"Users", `group "Users" is read-only`, push.Rejected},
		{"User Desk (Users)", "not now: [User Desk (Users)]", push.Rejected},
		{"Desk", "Desk is locked for users", push.Rejected},
		{"&", "invalid member of &", push.Refused},
		{"a", "a member is invalid", push.Refused},
		{"x", "x is no good", push.Refused}, // the id of a member
	} {
		g := planned()
		g.DisplayName, g.Members = test.group, []string{"a", "c", "x"}
		g.Keep = []plan.Kept{{Entry: plan.Entry{ID: "x"}, Reason: plan.KeptUnseen}}
		o := org{members: []string{"a", "b", "x"}, name: test.group, nobody: "x", puts: always(says(test.said))}
		if out := push.Run(t.Context(), []plan.Group{g}, options(&o, nil))[0]; out.Status != test.want || len(o.matched) != 1 {
			t.Errorf("%s: %q after %q: %q, want %q", test.group, out.Status, test.said, out.Detail, test.want)
		}
	}
}

// refused is a refusal in the service's own words.
func refused(text string) error {
	return &membership.Error{Cause: membership.Rejected, Err: errors.New(text), Said: text}
}

func says(text string) func(*org, []string) error {
	return func(*org, []string) error { return refused(text) }
}

// why says why a group did not end well.
func why(out push.Outcome) string {
	text := out.Detail
	for _, r := range out.Group.Refusals {
		text += fmt.Sprintf("unknown %s, inactive %s: %s", strings.Join(r.Who, " "), strings.Join(r.Inactive, " "), r.Said)
	}
	return text
}

// released names whom the first refusal would let go.
func released(g plan.Group) string {
	if g.Refusals[0].Allow == nil {
		return ""
	}
	return strings.Join(g.Refusals[0].Allow.Release, " ")
}

// A plan whose members to be are not the present ones with its changes is a bug, and nothing is sent.
func TestMembersWhomNoChangeNames(t *testing.T) {
	g := planned()
	g.Remove, g.Members = nil, []string{"a", "b", "c", "x"} // found: a b x, and the group has another version of it
	o := org{members: []string{"a", "b", "x"}, name: "Sales"}
	replan := func(context.Context, membership.Group) (plan.Group, error) {
		again := g
		again.Members = []string{"a", "c"}
		return again, nil
	}
	g.DisplayName = "Sales EMEA" // so that it is planned again
	out := push.Run(t.Context(), []plan.Group{g}, options(&o, replan))[0]
	if out.Status != push.Internal || len(o.matched) != 0 {
		t.Errorf("%q (%s) after %v", out.Status, out.Detail, o.log)
	}
}

// A bug in one group does not take the others with it.
func TestPanicInOneGroup(t *testing.T) {
	o := org{members: []string{"a", "b"}, name: "Sales", puts: []func(*org, []string) error{func(*org, []string) error { panic("boom") }}}
	got := push.Run(t.Context(), []plan.Group{planned(), planned()}, options(&o, nil))
	if got[0].Status != push.Internal || !strings.Contains(got[0].Detail, "a panic with a value of type string (readback_test.go") || got[1].Status != push.Done {
		t.Errorf("%q (%s), %q", got[0].Status, got[0].Detail, got[1].Status)
	}
}

// ledger is a journal that a test reads.
type ledger struct {
	log  *[]string
	full bool
}

func (l ledger) Intent(before membership.Group, g plan.Group) error {
	*l.log = append(*l.log, "INTENT "+strings.Join(before.Members, "")+" to "+strings.Join(g.Members, ""))
	if l.full {
		return errors.New("no space left on device")
	}
	return nil
}

func (l ledger) Outcome(o push.Outcome) error {
	*l.log = append(*l.log, "OUTCOME "+string(o.Status))
	return nil
}

// The intent is kept before the PUT leaves, and without it nothing is sent.
func TestJournal(t *testing.T) {
	for full, want := range map[bool]string{false: "GET, INTENT ab to ac, PUT ac, OUTCOME changed", true: "GET, INTENT ab to ac, OUTCOME unavailable"} {
		o := org{members: []string{"a", "b"}, name: "Sales"}
		opts := options(&o, nil)
		opts.Journal = ledger{&o.log, full}
		out := push.Run(t.Context(), []plan.Group{planned()}, opts)[0]
		if got := strings.Join(o.log, ", "); got != want || (out.Status == push.Done) == full {
			t.Errorf("full %v: %q with %q, want %q", full, out.Status, got, want)
		}
	}
}

// A run that is stopped while the intent is written sends nothing. The intent stays, and says itself that nothing came of it.
func TestStoppedWhileTheIntentIsWritten(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	o := org{members: []string{"a", "b"}, name: "Sales"}
	opts := options(&o, nil)
	opts.Journal = stopping{ledger{&o.log, false}, func() { stop(errStopped) }}
	out := push.Run(ctx, []plan.Group{planned()}, opts)[0]
	if got, want := strings.Join(o.log, ", "), "GET, INTENT ab to ac, OUTCOME not started"; got != want || out.Status != push.NotStarted {
		t.Errorf("%q with %q, want %q", out.Status, got, want)
	}
}

// stopping is a journal in whose intent the run is stopped.
type stopping struct {
	ledger
	stop func()
}

func (s stopping) Intent(before membership.Group, g plan.Group) error {
	s.stop()
	return s.ledger.Intent(before, g)
}

// A yes that shows nothing was a yes: the group is read back, also where no others are, and the write is sent once more if it
// does not show. After that it is not applied, and those whose change does not show are named.
func TestA200ThatDoesNotShowTheGroup(t *testing.T) {
	unshown := func(do func(*org, []string) error) func(*org, []string) error {
		return func(o *org, members []string) error {
			_ = do(o, members)
			return &membership.Error{Cause: membership.Unclear, Err: errors.New("200 without the group"), Accepted: true}
		}
	}
	for _, test := range []struct {
		name string
		puts []func(*org, []string) error
		want push.Status
		log  string
		text string
	}{
		{"it was carried out", always(unshown(apply)), push.Done, "GET, PUT ac, GET", ""},
		{"it was not, and then it was", []func(*org, []string) error{unshown(forgotten), unshown(apply)}, push.Done, "GET, PUT ac, GET, PUT ac, GET", ""},
		{"it never is", always(unshown(forgotten)), push.NotApplied, "GET, PUT ac, GET, PUT ac, GET", "for c, b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := org{members: []string{"a", "b"}, name: "Sales", puts: test.puts}
				out := push.Run(t.Context(), []plan.Group{planned()}, options(&o, replanned))[0]
				if got := strings.Join(o.log, ", "); out.Status != test.want || got != test.log || !strings.Contains(out.Detail, test.text) {
					t.Errorf("%q (%s) with %q", out.Status, out.Detail, got)
				}
			})
		})
	}
}

// If the group cannot be read after a refusal, nobody knows whether it was one: a later run has to look.
func TestARefusalThatCannotBeLookedInto(t *testing.T) {
	o := org{
		members: []string{"a", "b"}, name: "Sales", puts: always(clear(membership.Rejected)),
		onRead: func(_ *org, n int) error {
			if n > 1 {
				return membership.Fail(membership.Unavailable, errors.New("503"))
			}
			return nil
		},
	}
	out := push.Run(t.Context(), []plan.Group{planned()}, options(&o, replanned))[0]
	if out.Status != push.Unavailable || out.Cause != membership.Unclear || !strings.Contains(out.Detail, "503 (after rejected)") {
		t.Errorf("%q by %q: %s", out.Status, out.Cause, out.Detail)
	}
}

// A list that shows a write saves a reading; one that is older than the write is not believed, and neither is one that leaves
// the group out.
func TestReadBackByAList(t *testing.T) {
	shows := func(ids ...string) map[string]membership.Group {
		return map[string]membership.Group{"g": {ID: "g", Members: ids}}
	}
	for name, test := range map[string]struct {
		listed map[string]membership.Group
		log    string
	}{
		"shown":        {shows("a", "c"), "GET, PUT ac"},
		"not yet":      {shows("a", "b"), "GET, PUT ac, GET"},
		"without it":   {nil, "GET, PUT ac, GET"},
		"members left": {map[string]membership.Group{"g": {ID: "g", MembersAbsent: true}}, "GET, PUT ac, GET"},
	} {
		synctest.Test(t, func(t *testing.T) {
			o := org{members: []string{"a", "b"}, name: "Sales", listed: test.listed}
			opts := options(&o, replanned)
			opts.ReadBack = 30 * time.Second
			if out := push.Run(t.Context(), []plan.Group{planned()}, opts)[0]; out.Status != push.Done || strings.Join(o.log, ", ") != test.log {
				t.Errorf("%s: %q with %q, want %q", name, out.Status, strings.Join(o.log, ", "), test.log)
			}
		})
	}
}

// A bug that shows only when groups are read back does not take away what the run has done.
func TestPanicWhileReadingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := org{members: []string{"a", "b"}, name: "Sales", onRead: func(_ *org, n int) error {
			if n == 2 {
				panic("boom")
			}
			return nil
		}}
		opts := options(&o, replanned)
		opts.ReadBack = 30 * time.Second
		out := push.Run(t.Context(), []plan.Group{planned()}, opts)[0]
		if out.Status != push.Internal || !strings.Contains(out.Detail, "written, and reading it back: internal error: a panic with a value of type string (readback_test.go:") {
			t.Errorf("%q (%s)", out.Status, out.Detail)
		}
	})
}
