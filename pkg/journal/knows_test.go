package journal_test

import (
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Incident 14: a mapping is new as long as no run has made its group as it was to be, or found it so. A run that was
// refused, or came to nothing, has proven nothing about the mapping.
func TestKnows(t *testing.T) {
	for _, test := range []struct {
		status push.Status
		cause  membership.Cause
		want   bool
	}{
		{push.Done, "", true},
		{push.InStep, "", true},
		{push.Already, "", true},
		{push.Refused, "", false},
		{push.Paused, "", false},
		{push.Unavailable, membership.Unclear, false},
		{push.NotApplied, "", false},
		{push.NotStarted, "", false},
		{push.Missing, membership.Missing, false},
	} {
		j := open(t, t.TempDir())
		run := begin(t, j)
		must(t, run.Outcome(push.Outcome{Group: change("", "", "a"), Status: test.status, Cause: test.cause, Detail: "said"}))
		must(t, run.End(0, nil))
		h := read(t, j)
		if got := h.Knows(host, client, "g1"); got != test.want {
			t.Errorf("after %q the group is known: %v, want %v", test.status, got, test.want)
		}
		for _, other := range [][3]string{{host, client, "g2"}, {host, "another", "g1"}, {"api.other.example", client, "g1"}} {
			if h.Knows(other[0], other[1], other[2]) {
				t.Errorf("after %q of another group or org, %v is known", test.status, other)
			}
		}
	}
}

// A group in step without anything to tell stands in the last line of its run alone.
func TestKnowsAQuietGroup(t *testing.T) {
	j := open(t, t.TempDir())
	run := begin(t, j)
	must(t, run.Outcome(push.Outcome{Group: plan.Group{ID: "g1", Name: "Sales"}, Status: push.InStep}))
	if read(t, j).Knows(host, client, "g1") {
		t.Error("it is known before the run has ended")
	}
	must(t, run.End(0, nil))
	if !read(t, j).Knows(host, client, "g1") {
		t.Error("it is not known after the run")
	}
}

// What a later run finds out about a write counts as if the run itself had known it.
func TestKnowsWhatWasClosed(t *testing.T) {
	for seen, want := range map[string]bool{"a c": true, "a b": false} {
		j := open(t, t.TempDir())
		must(t, begin(t, j).Intent(group("a", "b"), change("c", "b", "a c")))
		if read(t, j).Knows(host, client, "g1") {
			t.Error("known of a write of which nobody knows what became")
		}
		ids := map[string][]string{"a c": {"a", "c"}, "a b": {"a", "b"}}[seen]
		became, err := begin(t, j).Close(read(t, j).OpenIntents(host, client)[0], ids)
		must(t, err)
		if got := read(t, j).Knows(host, client, "g1"); got != want {
			t.Errorf("the change was %s, and known: %v, want %v", became, got, want)
		}
	}
	h := read(t, open(t, t.TempDir()))
	if h.Knows(host, client, "g1") {
		t.Error("an empty journal knows a group")
	}
}
