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
		if took := time.Since(began); took != 2*time.Second || len(o.matched) != 1 || !strings.Contains(out.Detail, "not read back") {
			t.Errorf("%q (%s) after %s with %d PUTs", out.Status, out.Detail, took, len(o.matched))
		}
	})
}

func TestLookUp(t *testing.T) {
	// ghost and sleeper are members who are kept; the group wants c in addition.
	group := func() plan.Group {
		return plan.Group{
			Name: "Sales", ID: "g", DisplayName: "Sales", State: plan.Changes, Add: []plan.Entry{{ID: "c"}},
			Keep:    []plan.Kept{{Entry: plan.Entry{ID: "g"}, Reason: plan.KeptUnseen}, {Entry: plan.Entry{ID: "s"}, Reason: plan.KeptInactive}, {Entry: plan.Entry{ID: "a"}, Reason: plan.KeptProtected, Active: true}},
			Members: []string{"a", "c", "g", "s"},
		}
	}
	// refuseWith refuses every PUT that has one of these members.
	refuseWith := func(ids string) func(*org, []string) error {
		return func(o *org, members []string) error {
			if strings.ContainsAny(strings.Join(members, ""), ids) {
				return membership.Fail(membership.Rejected, errors.New("400 unknown member"))
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
		{"who does not exist is dropped, and one more PUT follows", org{nobody: "g", puts: always(refuseWith("g"))}, push.Done,
			"GET, PUT acgs, GET, USER g, USER s, PUT acs", ""},
		{"inactive members are kept and refused: a person", org{asleep: "s", puts: always(refuseWith("s"))}, push.Refused,
			"GET, PUT acgs, GET, USER g, USER s", "these are inactive: s"},
		{"all exist: it stands", org{puts: always(refuseWith("a"))}, push.Rejected, "GET, PUT acgs, GET, USER g, USER s", "unknown member"},
		{"a second refusal stands", org{nobody: "g", puts: always(refuseWith("a"))}, push.Rejected,
			"GET, PUT acgs, GET, USER g, USER s, PUT acs, GET", "unknown member"},
		{"who does not exist is dropped, and the inactive ones are refused: a person", org{nobody: "g", asleep: "s", puts: always(refuseWith("gs"))}, push.Refused,
			"GET, PUT acgs, GET, USER g, USER s, PUT acs, GET", "these are inactive: s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := test.org
			o.members, o.name = []string{"a", "g", "s"}, "Sales"
			out := push.Run(t.Context(), []plan.Group{group()}, options(&o, replanned))[0]
			if out.Status != test.want || strings.Join(o.log, ", ") != test.log || !strings.Contains(out.Detail, test.text) {
				t.Errorf("ended as %q (%s) with %q\nwant %q with %q", out.Status, out.Detail, strings.Join(o.log, ", "), test.want, test.log)
			}
		})
	}
}

// Who is dropped stays no longer, so that the limits have to be asked again: else a group could lose everybody it has.
func TestDroppingIsJudged(t *testing.T) {
	g := planned()
	g.Keep, g.Members = []plan.Kept{{Entry: plan.Entry{ID: "x"}, Reason: plan.KeptUnseen}}, []string{"c", "x"}
	o := org{members: []string{"b", "x"}, name: "Sales", nobody: "x", puts: always(clear(membership.Rejected))}
	opts := options(&o, nil)
	opts.Rejudge = func(g plan.Group) plan.Group {
		groups := []plan.Group{g}
		return plan.Rejudge(groups, 0, g, nil, plan.Policy{Limits: plan.DefaultLimits()})
	}
	out := push.Run(t.Context(), []plan.Group{g}, opts)[0]
	if out.Status != push.Refused || len(o.matched) != 1 || !strings.Contains(out.Detail, "all 2 members that it has; 1 of its members do not exist") {
		t.Errorf("%q (%s) after %v", out.Status, out.Detail, o.log)
	}
}

func TestDroppedAreReported(t *testing.T) {
	g := plan.Group{ID: "g", Members: []string{"a", "c", "x"}, Add: []plan.Entry{{ID: "c"}}, Keep: []plan.Kept{{Entry: plan.Entry{ID: "x"}}}}
	g.Drop([]string{"x"})
	if len(g.Dropped) != 1 || g.Dropped[0].ID != "x" || len(g.Keep) != 0 || g.Found() != 2 || strings.Join(g.FoundIDs(), "") != "ax" {
		t.Errorf("%+v", g)
	}
}

// A bug in one group does not take the others with it.
func TestPanicInOneGroup(t *testing.T) {
	o := org{members: []string{"a", "b"}, name: "Sales", puts: []func(*org, []string) error{func(*org, []string) error { panic("boom") }}}
	got := push.Run(t.Context(), []plan.Group{planned(), planned()}, options(&o, nil))
	if got[0].Status != push.Internal || !strings.Contains(got[0].Detail, "boom (readback_test.go") || got[1].Status != push.Done {
		t.Errorf("%q (%s), %q", got[0].Status, got[0].Detail, got[1].Status)
	}
}

// ledger is a journal that a test reads.
type ledger struct {
	log  *[]string
	full bool
}

func (l ledger) Intent(before membership.Group, g plan.Group) error {
	*l.log = append(*l.log, "INTENT "+strings.Join(before.MemberIDs(), "")+" to "+strings.Join(g.Members, ""))
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

// A list that shows a write saves a reading; one that is older than the write is not believed, and neither is one that leaves
// the group out.
func TestReadBackByAList(t *testing.T) {
	shows := func(ids ...string) map[string]membership.Group {
		g := membership.Group{ID: "g"}
		for _, id := range ids {
			g.Members = append(g.Members, membership.Member{ID: id, Type: "User"})
		}
		return map[string]membership.Group{"g": g}
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
		if out.Status != push.Internal || !strings.Contains(out.Detail, "written, and reading it back: internal error: boom") {
			t.Errorf("%q (%s)", out.Status, out.Detail)
		}
	})
}
