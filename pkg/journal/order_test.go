package journal_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/push"
)

// A clock can be set back between two of these, as it cannot be within a bubble.
func at(t *testing.T, date string, f func(t *testing.T)) {
	t.Helper()
	clock, err := time.Parse("2006-01-02 15:04", date)
	must(t, err)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(clock))
		f(t)
	})
}

// withClock opens a journal in a run of which it is known whether its clock is right.
func withClock(t *testing.T, dir string, clock journal.Clock) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, journal.Options{Clock: func() journal.Clock { return clock }})
	must(t, err)
	return j
}

// files names what is in a folder, but for locks.
func files(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	must(t, err)
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	return names
}

func ids(runs []journal.RunRecord) []string {
	var out []string
	for _, r := range runs {
		out = append(out, r.Info.ID)
	}
	return out
}

// Incident 39: one run of a clock that is nine years ahead, with the one before it and the one after it.
func TestAClockThatRanAhead(t *testing.T) {
	for name, test := range map[string]struct {
		ahead, after journal.Clock // what is known in the run that is ahead, and in the one after it
		files        []string
	}{
		"found out":         {journal.ClockWrong, journal.ClockRight, []string{"2026-11.jsonl"}},
		"not found out":     {journal.ClockUnknown, journal.ClockRight, []string{"2026-11.jsonl", "2026-11_2.jsonl", "2036-01.jsonl"}},
		"nothing was known": {journal.ClockUnknown, journal.ClockUnknown, []string{"2026-11.jsonl", "2036-01.jsonl"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cause := journal.Cause{What: "refused", Where: "Sales"}
			var first, ahead, last string
			at(t, "2026-11-24 06:00", func(t *testing.T) {
				first = write(t, withClock(t, dir, journal.ClockRight), "a", change("b", "", "a b"), push.Done).ID()
			})
			at(t, "2036-01-01 00:00", func(t *testing.T) {
				j := withClock(t, dir, test.ahead)
				of := info()
				of.Live = true
				r := j.Begin(of)
				g := change("c", "", "a b c")
				must(t, r.Intent(group("a", "b"), g))
				must(t, r.Outcome(push.Outcome{Group: g, Status: push.NotApplied}))
				must(t, r.Told([]journal.Cause{cause}, nil))
				r.Causes([]journal.Cause{cause})
				must(t, r.End(8, nil))
				ahead = r.ID()
			})
			at(t, "2026-11-24 06:15", func(t *testing.T) {
				h, err := journal.ReadDir(dir)
				must(t, err)
				if now := time.Now(); h.Memory(info()).Told[cause].After(now) || h.Memory(info()).Told[cause].Before(now.Add(-time.Minute)) {
					t.Errorf("told at %s; want now", h.Memory(info()).Told[cause])
				}
				if ahead := h.Ahead(); ahead.Year() != 2036 {
					t.Errorf("ahead: %s", ahead)
				}
				j := withClock(t, dir, test.after)
				r := write(t, j, "a b", change("d", "", "a b d"), push.Done)
				last = r.ID()
				must(t, r.Noted(h.Ahead()))
			})
			at(t, "2026-11-24 06:30", func(t *testing.T) {
				j := withClock(t, dir, test.after)
				told(t, j, push.Refused, 4)
				if diff := cmp.Diff(test.files, files(t, dir)); diff != "" {
					t.Errorf("files: -want +got\n%s", diff)
				}
				h := read(t, j)
				if got, want := ids(h.Runs())[1:], []string{last, ahead, first}; !slices.Equal(got, want) {
					t.Errorf("runs: %v; want those before this one %v", got, want)
				}
				s := h.LastStates(host, client)
				if !slices.Equal(s, []int{4, 0, 8, 0}) || s.InARow(4) != 1 {
					t.Errorf("statuses: %v", s)
				}
				if n := h.Unsettled(host, client, "g1", []string{"a", "b", "c"}); n != 0 {
					t.Errorf("unsettled: %d; a later run has written the group", n)
				}
				if got := h.Memory(info()).Told[cause]; got.Format("2006-01-02 15:04") != "2026-11-24 06:15" {
					t.Errorf("told at %s; want when the next run wrote", got)
				}
				if !h.Ahead().IsZero() {
					t.Errorf("ahead: %s; it was noted", h.Ahead())
				}
			})
			at(t, "2026-12-01 00:00", func(t *testing.T) {
				must(t, begin(t, withClock(t, dir, journal.ClockRight)).End(0, nil))
				if !exists(filepath.Join(dir, "2026-12.jsonl")) {
					t.Errorf("files: %v; want the month", files(t, dir))
				}
			})
		})
	}
}

// What an older version wrote has no numbers: a month that is still to come is taken for older than the present one.
func TestAnOlderJournalWithAClockThatRanAhead(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for _, run := range []struct{ date, file string }{
		{"2026-10-30 06:00", "2026-10.jsonl"}, {"2036-01-01 00:00", "2036-01.jsonl"}, {"2026-11-24 06:00", "2026-11.jsonl"},
	} {
		at(t, run.date, func(t *testing.T) {
			alone := t.TempDir()
			want = append([]string{write(t, open(t, alone), "a", change("b", "", "a b"), push.Done).ID()}, want...)
			_, lines, _ := strings.Cut(content(t, filepath.Join(alone, run.file)), "\n") // without the number
			must(t, os.WriteFile(filepath.Join(dir, run.file), []byte(lines), 0o600))
		})
	}
	at(t, "2026-11-24 06:15", func(t *testing.T) {
		for range 2 {
			want = append([]string{write(t, open(t, dir), "a b", change("c", "", "a b c"), push.Done).ID()}, want...)
			if got := ids(read(t, open(t, dir)).Runs()); !slices.Equal(got, want) {
				t.Errorf("runs: %v; want %v", got, want)
			}
		}
	})
	at(t, "2036-02-01 00:00", func(t *testing.T) { // when the month is not to come any more
		h := read(t, open(t, dir))
		if got := h.Runs()[0].Info.ID; got != want[0] {
			t.Errorf("the last run is %s; want %s", got, want[0])
		}
	})
}

// A clock that is set back writes on where it was, unless it is known to be right.
func TestAClockThatIsBehind(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for _, date := range []string{"2026-11-24 06:00", "2000-01-01 00:01", "2026-11-24 06:30"} {
		at(t, date, func(t *testing.T) {
			want = append([]string{write(t, open(t, dir), "a", change("b", "", "a b"), push.Done).ID()}, want...)
		})
	}
	at(t, "2026-11-24 07:00", func(t *testing.T) {
		if got := ids(read(t, open(t, dir)).Runs()); !slices.Equal(got, want) || len(files(t, dir)) != 1 {
			t.Errorf("runs %v in %v; want %v", got, files(t, dir), want)
		}
	})
}

// A wrong clock costs neither a month nor the memory of what is old (incident 39).
func TestAClockThatRunsAheadDeletesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, date := range []string{"2026-01-10 00:00", "2026-02-10 00:00", "2026-03-10 00:00", "2026-04-10 00:00"} {
		at(t, date, func(t *testing.T) { must(t, begin(t, withClock(t, dir, journal.ClockRight)).End(0, nil)) })
	}
	before := files(t, dir)
	at(t, "2027-07-01 00:00", func(t *testing.T) {
		must(t, begin(t, withClock(t, dir, journal.ClockWrong)).End(0, nil))
		if diff := cmp.Diff(before, files(t, dir)); diff != "" {
			t.Errorf("known to be wrong: -want +got\n%s", diff)
		}
		must(t, begin(t, withClock(t, dir, journal.ClockRight)).End(7, nil))
		if got := files(t, dir); !slices.Equal(got[:4], before) {
			t.Errorf("a run that did not end well left %v", got)
		}
		must(t, begin(t, withClock(t, dir, journal.ClockRight)).End(0, nil))
		if diff := cmp.Diff([]string{"2026-04.jsonl", "2027-07.jsonl"}, files(t, dir)); diff != "" {
			t.Errorf("known to be right: -want +got\n%s", diff)
		}
	})
}

// The month that a wrong clock began goes with those that it stands between.
func TestAMonthOfAWrongClockGoes(t *testing.T) {
	dir := t.TempDir()
	for _, run := range []struct {
		date  string
		clock journal.Clock
	}{
		{"2026-10-01 00:00", journal.ClockRight}, {"2036-01-01 00:00", journal.ClockUnknown}, {"2026-11-01 00:00", journal.ClockRight},
		{"2026-12-01 00:00", journal.ClockRight},
	} {
		at(t, run.date, func(t *testing.T) { must(t, begin(t, withClock(t, dir, run.clock)).End(0, nil)) })
	}
	at(t, "2028-06-01 00:00", func(t *testing.T) {
		must(t, begin(t, withClock(t, dir, journal.ClockRight)).End(0, nil))
		if diff := cmp.Diff([]string{"2026-12.jsonl", "2028-06.jsonl"}, files(t, dir)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// Lines of a run whose clock was known to be wrong stand in a file of an earlier month, and are kept for as long as others.
func TestLinesInAnEarlierMonthAreKept(t *testing.T) {
	dir := t.TempDir()
	for _, run := range []struct {
		date  string
		clock journal.Clock
		want  []string
	}{
		{"2026-01-10 00:00", journal.ClockRight, []string{"2026-01.jsonl"}},
		{"2027-06-12 00:00", journal.ClockWrong, []string{"2026-01.jsonl"}},
		{"2027-06-13 00:00", journal.ClockRight, []string{"2026-01.jsonl", "2027-06.jsonl"}},
		{"2027-07-01 00:00", journal.ClockRight, []string{"2026-01.jsonl", "2027-06.jsonl", "2027-07.jsonl"}},
		{"2028-08-03 00:00", journal.ClockRight, []string{"2026-01.jsonl", "2027-06.jsonl", "2027-07.jsonl", "2028-08.jsonl"}},
		{"2028-08-04 00:00", journal.ClockRight, []string{"2027-06.jsonl", "2027-07.jsonl", "2028-08.jsonl"}}, // 400 days after 1 July
	} {
		at(t, run.date, func(t *testing.T) {
			must(t, begin(t, withClock(t, dir, run.clock)).End(0, nil))
			if diff := cmp.Diff(run.want, files(t, dir)); diff != "" {
				t.Errorf("%s: -want +got\n%s", run.date, diff)
			}
		})
	}
}
