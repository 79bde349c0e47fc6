//go:build unix

package journal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// played lets a run end with outcomes for groups that were not written, and returns how much it wrote.
func played(t *testing.T, dir string, of journal.RunInfo, status int, outcomes ...push.Outcome) int64 {
	t.Helper()
	j := open(t, dir)
	read(t, j)
	before := sizeOf(t, dir)
	r := j.Begin(of)
	for _, o := range outcomes {
		must(t, r.Outcome(o))
	}
	must(t, r.End(status, nil))
	time.Sleep(quarter)
	return sizeOf(t, dir) - before
}

func results(n int, status push.Status) []push.Outcome {
	var out []push.Outcome
	for i := range n {
		out = append(out, push.Outcome{Group: plan.Group{ID: fmt.Sprint("g", i), Name: fmt.Sprint("Group ", i)}, Status: status})
	}
	return out
}

// The journal grows with change (incident 42): the end of a refusal is one, and takes no more than the group that it is about.
func TestTheEndOfARefusalIsAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		outcomes := results(500, push.InStep)
		outcomes[7].Status, outcomes[7].Detail = push.Refused, "would remove 9 of 10 members"
		played(t, dir, info(), 4, outcomes...)
		if read(t, open(t, dir)).Knows(host, client, "g7") {
			t.Error("a group is known that was always refused")
		}
		outcomes[7].Status, outcomes[7].Detail = push.InStep, ""
		if n := played(t, dir, info(), 0, outcomes...); n > 1000 {
			t.Errorf("the end of a refusal took %d bytes", n)
		}
		h := read(t, open(t, dir))
		for i := range 500 {
			if !h.Knows(host, client, fmt.Sprint("g", i)) {
				t.Fatalf("g%d is not known", i)
			}
		}
		if n := played(t, dir, info(), 0, outcomes...); n > 100 {
			t.Errorf("the run after it took %d bytes", n)
		}
	})
}

// What differs is written: another status, another mapping, another group, fewer groups, other words, another reading.
func TestARunThatIsNotLikeTheOneBefore(t *testing.T) {
	refused := func(detail string) []push.Outcome {
		out := results(3, push.InStep)
		out[1].Status, out[1].Detail = push.Refused, detail
		return out
	}
	removals := func(n int) []push.Outcome {
		out := results(3, push.InStep)
		out[1].Status = push.Refused
		out[1].Group.Refusals = []plan.Refusal{{
			Rule: plan.TooManyRemovals, Removals: n, Members: 10, Limit: plan.Bound{Limit: "2", Most: 2}, Allow: &plan.Allowance{Removals: n},
		}}
		return out
	}
	down := func(detail string) []push.Outcome {
		out := results(3, push.InStep)
		out[1].Status, out[1].Cause, out[1].Detail = push.Unavailable, membership.Unavailable, detail
		return out
	}
	other := info()
	other.Digest = "d2"
	for name, test := range map[string]struct {
		first, second []push.Outcome
		of            journal.RunInfo
		status        int
		like          bool
	}{
		"the same":                       {refused("3 of 10"), refused("3 of 10"), info(), 0, true},
		"another number":                 {refused("3 of 10"), refused("4 of 10"), info(), 0, false},
		"the same refusal":               {removals(3), removals(3), info(), 0, true},
		"another refusal":                {removals(3), removals(4), info(), 0, false},
		"another status":                 {refused("3 of 10"), refused("3 of 10"), info(), 4, false},
		"another mapping":                {refused("3 of 10"), refused("3 of 10"), other, 0, false},
		"one group less":                 {results(3, push.InStep), results(2, push.InStep), info(), 0, false},
		"one group more":                 {results(2, push.InStep), results(3, push.InStep), info(), 0, false},
		"no group":                       {results(2, push.InStep), nil, info(), 0, false},
		"paused":                         {results(2, push.InStep), results(2, push.Paused), info(), 0, false},
		"no answer, with another id":     {down("request 4711"), down("request 4712"), info(), 0, true},
		"an answer where there was none": {down("request 4711"), results(3, push.InStep), info(), 0, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			played(t, dir, info(), 0, test.first...)
			played(t, dir, test.of, test.status, test.second...)
			run := read(t, open(t, dir)).Runs()[0]
			if (run.Like != "") != test.like || run.Status != test.status || run.Info.Digest != test.of.Digest {
				t.Errorf("%s: %+v; want a run that is like the one before: %v", name, run, test.like)
			}
		})
	}
}

// When the memberships were read that a group was last made to have is known after a run without change as well.
func TestTakenByARunWithoutChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := info()
		live.Live = true
		for name, of := range map[string]func() journal.RunInfo{
			"live": func() journal.RunInfo { return live },
			"of a file": func() journal.RunInfo {
				file := info()
				file.Taken = time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
				return file
			},
		} {
			dir := t.TempDir()
			var want time.Time
			for range 3 {
				i := of()
				if want = i.Taken; i.Live {
					want = time.Now().Truncate(time.Second)
				}
				time.Sleep(300 * time.Millisecond)
				if i.Live {
					want = time.Now().Truncate(time.Second)
				}
				played(t, dir, i, 0, results(3, push.InStep)...)
			}
			h := read(t, open(t, dir))
			if got := h.Taken(host, client, "g2"); !got.Equal(want) || h.Runs()[0].Like == "" {
				t.Errorf("%s: taken %s, like %q; want %s", name, got, h.Runs()[0].Like, want)
			}
		}
	})
}

// A month can be read without those before it.
func TestEachMonthStandsAlone(t *testing.T) {
	dir := t.TempDir()
	for _, date := range []string{"2026-01-31 23:00", "2026-01-31 23:30", "2026-02-01 00:00", "2026-02-01 00:30"} {
		at(t, date, func(t *testing.T) { played(t, dir, info(), 0, results(3, push.InStep)...) })
	}
	at(t, "2026-02-01 01:00", func(t *testing.T) {
		must(t, os.Remove(filepath.Join(dir, "2026-01.jsonl")))
		h := read(t, open(t, dir))
		if len(h.Runs()) != 2 || !h.Knows(host, client, "g2") || h.Runs()[0].Like != h.Runs()[1].Info.ID {
			t.Errorf("runs: %+v", h.Runs())
		}
	})
}

// A run that began in one month and ended in the next is not one to be like: its beginning goes with the older month.
func TestARunOverTheEndOfAMonthIsNoModel(t *testing.T) {
	dir := t.TempDir()
	at(t, "2026-01-31 23:59", func(t *testing.T) {
		j := open(t, dir)
		r := begin(t, j)
		must(t, r.Noted(time.Now()))
		time.Sleep(time.Minute)
		for _, o := range results(3, push.InStep) {
			must(t, r.Outcome(o))
		}
		must(t, r.End(0, nil))
	})
	at(t, "2026-02-01 00:15", func(t *testing.T) {
		played(t, dir, info(), 0, results(3, push.InStep)...)
		must(t, os.Remove(filepath.Join(dir, "2026-01.jsonl")))
		if h := read(t, open(t, dir)); len(h.Runs()) != 1 || !h.Knows(host, client, "g2") {
			t.Errorf("runs: %+v", h.Runs())
		}
	})
}

// A group that a run does not have is not as in the run before: nothing is known of it.
func TestAGroupThatARunDoesNotHave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		live := info()
		live.Live = true
		first := time.Now()
		played(t, dir, live, 0, results(3, push.InStep)...)
		second := time.Now()
		played(t, dir, live, 0, results(2, push.InStep)...)
		h := read(t, open(t, dir))
		if a, b := h.Taken(host, client, "g1"), h.Taken(host, client, "g2"); !a.Equal(second) || !b.Equal(first) {
			t.Errorf("taken %s and %s; want %s and %s", a, b, second, first)
		}
	})
}

// What is in a row is counted in the order of writing, also where runs are in turn like two earlier ones.
func TestCausesOfRunsThatTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		refused, down := journal.Cause{What: "refused", Where: "Sales"}, journal.Cause{What: "run unavailable", Where: host}
		for _, turn := range []struct {
			cause    journal.Cause
			outcomes []push.Outcome
			want     int
		}{
			{refused, results(3, push.InStep), 1}, {down, nil, 1}, {refused, results(3, push.InStep), 1}, {down, nil, 1},
			{refused, results(3, push.InStep), 1}, {refused, results(3, push.InStep), 2}, {down, nil, 1}, {down, nil, 2},
		} {
			j := open(t, dir)
			read(t, j)
			r := j.Begin(info())
			for _, o := range turn.outcomes {
				must(t, r.Outcome(o))
			}
			r.Causes([]journal.Cause{turn.cause})
			must(t, r.End(4, nil))
			if got := read(t, j).Memory(info()).Seen; len(got) != 1 || got[turn.cause] != turn.want {
				t.Errorf("seen %v; want %v %d times", got, turn.cause, turn.want)
			}
		}
	})
}
