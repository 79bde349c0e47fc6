package journal_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/push"
)

// Incident 22: what a run that died left open, the next one closes by what it reads.
func TestOpenIntentsAreClosed(t *testing.T) {
	for _, test := range []struct {
		seen string
		want journal.Closing
	}{
		{"a c", journal.Applied},
		{"a c x", journal.Applied}, // somebody else has added x since
		{"a b", journal.NotApplied},
		{"b x", journal.NotApplied},
		{"a b c", journal.Mixed},
		{"a", journal.Mixed},
	} {
		j := open(t, t.TempDir())
		dead := begin(t, j)
		must(t, dead.Intent(group("a", "b"), change("c", "b", "a c")))
		open := read(t, j).OpenIntents(host, client)
		if len(open) != 1 {
			t.Fatalf("open intents: %+v", open)
		}
		next := begin(t, j)
		became, err := next.Close(open[0], strings.Fields(test.seen))
		must(t, err)
		h := read(t, j)
		run, found := h.Run(dead.ID())
		if !found || became != test.want || run.Groups[0].Became != test.want || run.Groups[0].ClosedBy != next.ID() {
			t.Errorf("seen %q: %s, %+v; want %s by %s", test.seen, became, run.Groups, test.want, next.ID())
		}
		if n := len(h.OpenIntents(host, client)); n != 0 {
			t.Errorf("seen %q: %d intents are open still", test.seen, n)
		}
		if got, want := len(run.Inverse()), test.want == journal.Applied; (got == 1) != want {
			t.Errorf("seen %q: the inverse is %+v", test.seen, run.Inverse())
		}
	}
}

func TestOpenIntents(t *testing.T) {
	j := open(t, t.TempDir())
	g := change("b", "", "a b")
	if open := read(t, j).OpenIntents(host, client); len(open) != 0 {
		t.Errorf("nothing has happened, and open is %+v", open)
	}
	write(t, j, "a", g, push.Done)
	write(t, j, "a", g, push.Conflict)
	told(t, j, push.Refused, 4)
	write(t, j, "a", g, push.InStep) // nothing to tell, but of a group that was to be written
	if open := read(t, j).OpenIntents(host, client); len(open) != 0 {
		t.Errorf("all has an outcome, and open is %+v", open)
	}
	// Nobody knows: that is no outcome.
	unknown := begin(t, j)
	must(t, unknown.Intent(group("a"), g))
	must(t, unknown.Outcome(push.Outcome{Group: g, Status: push.Unavailable, Cause: membership.Unclear}))
	// Another org's is not ours to close.
	other := info()
	other.ClientID = "22bb"
	theirs := j.Begin(other)
	must(t, theirs.Intent(group("a"), g))
	elsewhere := info()
	elsewhere.Host = "api.mypurecloud.de"
	inAnotherRegion := j.Begin(elsewhere)
	must(t, inAnotherRegion.Intent(group("a"), g))
	h := read(t, j)
	if open := h.OpenIntents(strings.ToUpper(host), client); len(open) != 1 || open[0].Run != unknown.ID() {
		t.Errorf("open: %+v; want that of %s", open, unknown.ID())
	}
	must(t, begin(t, j).CloseGone(h.OpenIntents(host, client)[0]))
	h = read(t, j)
	if open := h.OpenIntents(host, client); len(open) != 0 {
		t.Errorf("the group is gone, and open is %+v", open)
	}
	if r, _ := h.Run(unknown.ID()); r.Groups[0].Became != journal.Gone || r.Groups[0].Outcome != push.Unavailable {
		t.Errorf("the group: %+v", r.Groups[0])
	}
	if open := h.OpenIntents(host, "22bb"); len(open) != 1 || open[0].Run != theirs.ID() {
		t.Errorf("open of the other org: %+v", open)
	}
}

func TestUnsettled(t *testing.T) {
	j := open(t, t.TempDir())
	want := func(n int, members string) {
		t.Helper()
		if got := read(t, j).Unsettled(host, client, "g1", strings.Fields(members)); got != n {
			t.Errorf("Unsettled(%s) = %d, want %d", members, got, n)
		}
	}
	g := change("", "b", "a")
	want(0, "a")
	write(t, j, "a b", g, push.NotApplied)
	want(1, "a")
	want(0, "a b")
	told(t, j, push.Refused, 4)     // wrote nothing, and says nothing about writing
	told(t, j, push.Unavailable, 7) // as little
	write(t, j, "a b x", g, push.NotApplied)
	want(2, "a")
	if n := read(t, j).Unsettled(host, "22bb", "g1", []string{"a"}) + read(t, j).Unsettled(host, client, "g2", []string{"a"}); n != 0 {
		t.Errorf("another org or group: %d", n)
	}
	write(t, j, "a b", change("c", "b", "a c"), push.NotApplied)
	want(0, "a")
	want(1, "c a")
	write(t, j, "a b", change("c", "b", "a c"), push.Done)
	want(0, "a c")
	for _, status := range []push.Status{push.InStep, push.Already} {
		write(t, j, "a b", g, push.NotApplied)
		want(1, "a")
		told(t, j, status, 0)
		want(0, "a")
	}
	write(t, j, "a b", g, push.NotApplied)
	dead := begin(t, j)
	must(t, dead.Intent(group("a", "b"), g))
	_, err := begin(t, j).Close(read(t, j).OpenIntents(host, client)[0], []string{"a"})
	must(t, err)
	want(0, "a")
}

func TestChangesThatAreUndoneEachTime(t *testing.T) {
	j := open(t, t.TempDir())
	want := func(ids ...string) {
		t.Helper()
		if got := read(t, j).Repeated(host, client, "g1"); !slices.Equal(got, append([]string{}, ids...)) {
			t.Errorf("Repeated = %v, want %v", got, ids)
		}
	}
	want()
	// b is added again and again, c is removed again and again; x comes and goes as Entra wants it.
	add := func() { write(t, j, "a c", change("b x", "c", "a b x"), push.Done) }
	add()
	write(t, j, "a b x", change("", "x", "a b"), push.Done)
	add()
	write(t, j, "a b x", change("", "x", "a b"), push.Done)
	write(t, j, "a c", change("b", "c", "a b"), "not applied") // it did not take: nobody undid it
	write(t, j, "a c", change("b", "c", "a b"), push.Conflict)
	want()
	dead := begin(t, j)
	must(t, dead.Intent(group("a", "c"), change("b x", "c", "a b x")))
	want()
	_, err := begin(t, j).Close(read(t, j).OpenIntents(host, client)[0], []string{"a", "b", "x"})
	must(t, err)
	want("b", "c")
	if got := read(t, j).Repeated(host, client, "g2"); len(got) != 0 {
		t.Errorf("another group: %v", got)
	}
	add()
	want("b", "c")
	write(t, j, "a b", change("c", "b", "a c"), push.Done) // the contrary was wanted, as by undo
	want()
}

func TestLastStates(t *testing.T) {
	j := open(t, t.TempDir())
	last := func() journal.LastStates { return read(t, j).LastStates(host, client) }
	if s := last(); len(s) != 0 || s.InARow(7) != 0 {
		t.Errorf("nothing has happened: %+v", s)
	}
	for _, status := range []int{0, 4, 7, 5, 7} {
		told(t, j, push.Refused, status)
	}
	s := last()
	if diff := cmp.Diff(journal.LastStates{7, 5, 7, 4, 0}, s); diff != "" {
		t.Errorf("statuses: -want +got\n%s", diff)
	}
	if s.InARow(7, 5) != 3 || s.InARow(7) != 1 || s.InARow(0) != 0 || s.InARow(0, 4, 5, 7) != 5 {
		t.Errorf("in a row: %d, %d, %d, %d", s.InARow(7, 5), s.InARow(7), s.InARow(0), s.InARow(0, 4, 5, 7))
	}
	if other := read(t, j).LastStates(host, "22bb"); len(other) != 0 {
		t.Errorf("another org: %+v", other)
	}
	for range 300 {
		told(t, j, push.Refused, 4)
	}
	if n := last().InARow(4); n < 100 || n > 301 {
		t.Errorf("after 301 runs, %d in a row", n)
	}
}

// What a person was told belongs to a configuration: two of them may keep groups of one org, and one that is wrong has no org.
func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, t.TempDir())
		refused, denied := journal.Cause{What: "refused", Where: "Sales"}, journal.Cause{What: "denied", Where: host}
		of := info()
		of.Config = "/etc/callroll/callroll.yaml"
		run := func(info journal.RunInfo, told, over []journal.Cause, seen ...journal.Cause) time.Time {
			t.Helper()
			time.Sleep(time.Minute)
			read(t, j)
			r := j.Begin(info)
			must(t, r.Told(told, over))
			r.Causes(seen)
			must(t, r.End(4, nil))
			return time.Now().UTC()
		}
		check := func(info journal.RunInfo, want journal.Memory) {
			t.Helper()
			if diff := cmp.Diff(want, read(t, j).Memory(info)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		}
		type told = map[journal.Cause]time.Time
		type seen = map[journal.Cause]int
		check(of, journal.Memory{Told: told{}, Seen: seen{}})
		at := run(of, []journal.Cause{refused}, nil, refused, denied)
		check(of, journal.Memory{Told: told{refused: at}, Seen: seen{refused: 1, denied: 1}})
		for range 3 {
			run(of, nil, nil, refused)
		}
		check(of, journal.Memory{Told: told{refused: at}, Seen: seen{refused: 4}})
		early := journal.RunInfo{Config: of.Config}
		later := run(early, []journal.Cause{denied}, nil, denied)
		check(of, journal.Memory{Told: told{refused: at, denied: later}, Seen: seen{denied: 1}})
		run(of, nil, nil, refused) // as the run of before the last one, and none of those in a row with it
		check(of, journal.Memory{Told: told{refused: at, denied: later}, Seen: seen{refused: 1}})
		run(of, nil, []journal.Cause{refused})
		check(of, journal.Memory{Told: told{denied: later}, Seen: seen{}})
		check(info(), journal.Memory{Told: told{}, Seen: seen{}})
	})
}

// What a person was told of is remembered whole, however much it is: one line has room for some of it only.
func TestMemoryOfManyCauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, t.TempDir())
		var causes []journal.Cause
		for i := range 2500 {
			causes = append(causes, journal.Cause{What: "unresolved", Where: fmt.Sprintf("p%d@x", i)})
		}
		for _, told := range [][2][]journal.Cause{{causes, nil}, {nil, causes[:2400]}} {
			read(t, j)
			r := j.Begin(info())
			must(t, r.Told(told[0], told[1]))
			must(t, r.End(0, nil))
			time.Sleep(time.Minute)
		}
		for range 2 { // the second time from the checkpoint, if there is one
			if got := read(t, j).Memory(info()).Told; len(got) != 100 || got[causes[2450]].IsZero() {
				t.Errorf("%d causes; want 100", len(got))
			}
		}
	})
}

// What a run that died had written counts as made from its memberships, once a later run has found it.
func TestTakenOfARunThatDied(t *testing.T) {
	j := open(t, t.TempDir())
	taken := time.Now().Add(-time.Hour).Truncate(time.Second)
	pushed := info()
	pushed.Taken = taken
	dead := j.Begin(pushed)
	must(t, dead.Intent(group("a", "c"), change("b", "c", "a b")))
	if got := read(t, j).Taken(host, client, "g1"); !got.IsZero() {
		t.Errorf("before anybody has looked: %s", got)
	}
	_, err := begin(t, j).Close(read(t, j).OpenIntents(host, client)[0], []string{"a", "b"})
	must(t, err)
	if got := read(t, j).Taken(host, client, "g1"); !got.Equal(taken) {
		t.Errorf("taken %s, want %s", got, taken)
	}
}
