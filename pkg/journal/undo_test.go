package journal_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

func undo(add, remove string) []journal.Undo {
	return []journal.Undo{{GroupID: "g1", Name: "Sales", Add: entries(add), Remove: entries(remove)}}
}

func latest(t *testing.T, j *journal.Journal) []journal.Undo {
	t.Helper()
	return read(t, j).Runs()[0].Inverse()
}

// The inverse of a change, and of its undo.
func TestInverse(t *testing.T) {
	j := open(t, t.TempDir())
	write(t, j, "a b", change("c", "b", "a c"), push.Done)
	if diff := cmp.Diff(undo("b", "c"), latest(t, j)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	write(t, j, "a c x", change("b", "c", "a b x"), push.Done)
	if diff := cmp.Diff(undo("c", "b"), latest(t, j)); diff != "" {
		t.Errorf("of an undo: -want +got\n%s", diff)
	}
}

// What is not known to have been done is not undone.
func TestInverseOfWhatWasNotDone(t *testing.T) {
	g := change("c", "b", "a c")
	for _, status := range []push.Status{push.Conflict, push.Rejected, push.Unavailable, push.NotApplied, push.Already, push.Denied} {
		j := open(t, t.TempDir())
		write(t, j, "a b", g, status)
		if got := latest(t, j); got == nil || len(got) != 0 {
			t.Errorf("%s: %+v; want an empty list", status, got)
		}
	}
	j := open(t, t.TempDir())
	must(t, begin(t, j).Intent(group("a", "b"), g))
	if got := latest(t, j); len(got) != 0 {
		t.Errorf("died: %+v", got)
	}
	told(t, j, push.Refused, 4)
	if got := latest(t, j); len(got) != 0 {
		t.Errorf("refused: %+v", got)
	}
}

// A run that wrote several times: what the readings in between showed is known, whatever the last answer was.
func TestInverseOfSeveralPuts(t *testing.T) {
	first, second := change("b", "z", "a b"), change("c", "y", "a b c")
	for _, test := range []struct {
		name    string
		between membership.Group
		outcome push.Outcome
		want    []journal.Undo
	}{
		{"the first took, the last failed", group("a", "b", "y"), push.Outcome{Group: second, Status: push.Conflict}, undo("z", "b")},
		{"neither took", group("a", "z", "y"), push.Outcome{Group: second, Status: push.Conflict}, []journal.Undo{}},
		{"both took", group("a", "b", "y"), push.Outcome{Group: second, Status: push.Done}, undo("z y", "b c")},
		{"push knows", group("a", "b", "y"), push.Outcome{Group: change("b c", "z y", "a b c"), Status: push.Done}, undo("z y", "b c")},
		{"the second takes the first back", group("a", "b"), push.Outcome{Group: change("z", "b", "a z"), Status: push.Done}, undo("", "")},
		{"sent again as it was", group("a", "z"), push.Outcome{Group: first, Status: push.Done}, undo("z", "b")},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := open(t, t.TempDir())
			r := begin(t, j)
			must(t, r.Intent(group("a", "z"), first))
			must(t, r.Intent(test.between, test.outcome.Group))
			must(t, r.Outcome(test.outcome))
			want := test.want
			if test.name == "the second takes the first back" {
				want = []journal.Undo{}
			}
			if diff := cmp.Diff(want, latest(t, j)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Each group by itself, in the order of the run; an unclear one counts from the moment that it is known.
func TestInverseOfSeveralGroups(t *testing.T) {
	j := open(t, t.TempDir())
	r := begin(t, j)
	for _, id := range []string{"g2", "g3"} {
		g := plan.Group{ID: id, Name: "group " + id, Add: entries("n"), Members: []string{"n"}}
		must(t, r.Intent(membership.Group{ID: id}, g))
		out := push.Outcome{Group: g, Status: push.Done}
		if id == "g2" {
			out.Status, out.Cause = push.Unavailable, membership.Unclear
		}
		must(t, r.Outcome(out))
	}
	g3 := journal.Undo{GroupID: "g3", Name: "group g3", Add: []plan.Entry{}, Remove: entries("n")}
	if diff := cmp.Diff([]journal.Undo{g3}, latest(t, j)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	_, err := r.Close(read(t, j).OpenIntents(host, client)[0], []string{"n"})
	must(t, err)
	g2 := journal.Undo{GroupID: "g2", Name: "group g2", Add: []plan.Entry{}, Remove: entries("n")}
	if diff := cmp.Diff([]journal.Undo{g2, g3}, latest(t, j)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
