package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/rest"
)

// mails plays runs a quarter of an hour apart on one journal. It returns what was said in each.
func mails(t *testing.T, runs ...map[string][]string) []string {
	t.Helper()
	said, _ := mailsAndGrowth(t, runs...)
	return said
}

// mailsAndGrowth is mails, with the bytes by which each run has made the journal longer.
func mailsAndGrowth(t *testing.T, runs ...map[string][]string) (out []string, growth []int64) {
	t.Helper()
	dir := t.TempDir()
	j, err := journal.Open(dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := int64(0)
	for _, people := range runs {
		w := &world{groups: map[string]push.Outcome{}, people: people}
		for _, name := range []string{"Billing", "Sales"} {
			w.groups[name] = push.Outcome{Group: plan.Group{ID: "id of " + name, Name: name}, Status: push.InStep}
		}
		if _, denied := people["denied"]; denied {
			w.groups["Sales"] = push.Outcome{Group: plan.Group{ID: "id of Sales", Name: "Sales"}, Status: push.Denied, Cause: membership.Denied}
		}
		_, mail, _ := strings.Cut(w.play(t, j), "\n")
		out = append(out, strings.TrimSpace(strings.ReplaceAll(mail, "callroll: ", "")))
		time.Sleep(25 * time.Hour)
		size := int64(0)
		months, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range months {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			size += info.Size()
		}
		growth, before = append(growth, size-before), size
	}
	return out, growth
}

// Whoever did not get in is told once: not for each group, not again as long as it lasts, and once more when it is over
// (incident 56).
func TestPeopleAreToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ann := map[string][]string{"Sales": {"unresolved: ann@x"}}
		both := map[string][]string{"Sales": {"unresolved: ann@x", "renamed: old@x", "held: gone@x"}, "Billing": {"unresolved: ann@x"}}
		denied := map[string][]string{"denied": nil}
		want := []string{
			"", "new: unresolved: ann@x", "", "new: held: gone@x\nnew: renamed: old@x", "still: held: gone@x",
			"over: held: gone@x\nover: renamed: old@x", "new: denied: Sales", "over: unresolved: ann@x\nover: denied: Sales", "new: unresolved: ann@x",
		}
		got := mails(t, nil, ann, ann, both, both, ann, denied, nil, ann)
		for i := range want {
			if len(strings.Split(want[i], "\n")) != len(strings.Split(got[i], "\n")) {
				t.Errorf("run %d said %q, want %q", i, got[i], want[i])
				continue
			}
			for line := range strings.Lines(want[i]) {
				if !strings.Contains(got[i]+"\n", strings.TrimSpace(line)+"\n") {
					t.Errorf("run %d said %q, want %q", i, got[i], want[i])
				}
			}
		}
	})
}

// While Entra does not answer, nobody knows who is in doubt: that is the problem, and no person is new or over.
func TestWhileEntraDoesNotAnswer(t *testing.T) {
	g := plan.Group{Name: "Sales", Keep: []plan.Kept{{Entry: plan.Entry{ID: "1", UserName: "ann@x"}, Reason: plan.KeptHeld}}}
	for cause, want := range map[membership.Cause]string{
		membership.Unavailable: "unavailable: Sales", membership.Denied: "denied: Sales", "": "held: ann@x",
	} {
		g.Doubt = &membership.Reason{Cause: cause, Detail: "no"}
		e := ending{outcomes: []push.Outcome{{Group: g, Status: push.InStep}}}
		m := &mail{app: &app{}, all: true, memory: journal.Memory{Told: map[journal.Cause]time.Time{{What: held, Where: "bob@x"}: time.Now()}}}
		var got []string
		for _, p := range m.problems(e) {
			got = append(got, p.What+": "+p.Where)
		}
		if diff := cmp.Diff([]string{want}, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", cause, diff)
		}
		if over := m.over(m.problems(e), e); (len(over) == 0) != (cause != "") {
			t.Errorf("%q: over are %v", cause, over)
		}
	}
}

// That Entra does not answer about people is a problem beside the rule that refuses their group, and not another name for it.
func TestARefusalAndNoAnswer(t *testing.T) {
	g := plan.Group{
		Name: "Sales", Refusals: []plan.Refusal{{Rule: "twins"}}, Doubt: &membership.Reason{Cause: membership.Denied},
		Keep: []plan.Kept{{Entry: plan.Entry{ID: "1", UserName: "ann@x"}, Reason: plan.KeptHeld}},
	}
	m := &mail{app: &app{}, all: true}
	var got []string
	for _, p := range m.problems(ending{outcomes: []push.Outcome{{Group: g, Status: push.Refused}}}) {
		got = append(got, p.What+": "+p.Where)
	}
	if diff := cmp.Diff([]string{"refused (twins): Sales", "denied: Sales"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A run that does not have each group of the configuration cannot say that somebody is no problem any more.
func TestARunOfSomeGroupsEndsNobody(t *testing.T) {
	e := ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Sales"}, Status: push.InStep}}}
	for _, groups := range [][]string{{"Sales"}, {"Sales", "Billing"}} {
		m := &mail{app: &app{}, all: true, groups: groups, memory: journal.Memory{Told: map[journal.Cause]time.Time{{What: unresolved, Where: "bob@x"}: time.Now()}}}
		if over := m.over(m.problems(e), e); len(over) != 2-len(groups) {
			t.Errorf("%v: over are %v", groups, over)
		}
	}
}

// A mail about thousands of people is short, each of them is remembered, and a run without change is one short line still.
func TestThousandsOfPeopleUnderQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		many := map[string][]string{}
		for i := range 3000 {
			many["Sales"] = append(many["Sales"], fmt.Sprintf("unresolved: p%d@x", i))
		}
		got, growth := mailsAndGrowth(t, many, many, many, map[string][]string{"Sales": append([]string{"unresolved: ann@x"}, many["Sales"]...)}, nil)
		if n := strings.Count(got[0], "\n"); n != 20 || !strings.HasSuffix(got[0], "new: unresolved: and 2980 more") {
			t.Errorf("the first mail has %d lines and ends in %.200s", n+1, got[0][len(got[0])-min(200, len(got[0])):])
		}
		if got[1] != "" || got[2] != "" || got[3] != "new: unresolved: ann@x" || !strings.HasSuffix(got[4], "over: unresolved: and 2981 more") {
			t.Errorf("then %.200q, %.200q, %.200q, %.2000q", got[1], got[2], got[3], got[4])
		}
		if growth[0] < 3000*20 || growth[2] > 200 || growth[2] <= 0 || growth[3] > 2000 {
			t.Errorf("the journal grew by %v bytes", growth)
		}
	})
}

// A run that did not ask a host cannot say that its trouble is over, and one that did not read who belongs cannot say so of people.
func TestAHostThatWasNotAsked(t *testing.T) {
	denied := journal.Cause{What: ofRun + "denied", Where: "login.microsoftonline.com"}
	lost := journal.Cause{What: unresolved, Where: "bob@x"}
	told := map[journal.Cause]time.Time{denied: time.Now(), lost: time.Now()}
	inStep := ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Sales"}, Status: push.InStep}}}
	m := &mail{app: &app{tally: newTally()}, groups: []string{"Sales"}, entra: []string{denied.Where}, memory: journal.Memory{Told: told}}
	if over := m.over(nil, inStep); len(over) != 0 {
		t.Errorf("without a question: %v", over)
	}
	m.all = true
	trace := m.app.tally.count(entraSide, rest.Trace{Exchange: func(rest.Exchange) {}, Wait: func(rest.Wait) {}})
	trace.Exchange(rest.Exchange{Host: denied.Where})
	if over := m.over(nil, inStep); slices.Contains(over, denied) {
		t.Errorf("with a question and no answer: %v", over)
	}
	trace.Exchange(rest.Exchange{Host: denied.Where, Status: 200})
	trace.Exchange(rest.Exchange{Host: denied.Where})
	if over := m.over(nil, inStep); len(over) != 2 {
		t.Errorf("with an answer: %v", over)
	}
	// Whoever else has failed a run, such as a proxy, is not asked by name.
	proxy := journal.Cause{What: ofRun + "denied", Where: "proxy.corp:3128"}
	through := &mail{app: &app{}, memory: journal.Memory{Told: map[journal.Cause]time.Time{proxy: time.Now()}}}
	if over := through.over(nil, inStep); len(over) != 1 {
		t.Errorf("the proxy: %v", over)
	}
	empty := plan.Group{Name: "Sales", Refusals: []plan.Refusal{{Rule: "empty"}}}
	for _, o := range []push.Outcome{{Group: empty, Status: push.Refused}, {Group: plan.Group{Name: "Sales"}, Status: push.Missing}} {
		if over := m.over(nil, ending{outcomes: []push.Outcome{o}}); len(over) != 1 {
			t.Errorf("%s: %v", o.Status, over)
		}
	}
}

// One cause of many groups is one line, and the groups stand in it.
func TestOneCauseIsOneLine(t *testing.T) {
	n := news{causes: map[string][]journal.Cause{}}
	for i := range 60 {
		n.add("new", journal.Cause{What: "denied", Where: fmt.Sprintf("G%02d", i)})
	}
	for i := range 5 {
		n.add("new", journal.Cause{What: "refused (empty)", Where: fmt.Sprint("H", i)})
	}
	for i := range 6 {
		n.add("over", journal.Cause{What: "denied", Where: fmt.Sprint("I", i)})
	}
	got := n.bounded()
	if len(got) != 7 || !strings.HasPrefix(got[0], "new: denied: 60 groups: G00, G01, ") || !strings.HasSuffix(got[0], ", G19 and 40 more") ||
		got[5] != "new: refused (empty): H4" || got[6] != "over: denied: 6 groups: I0, I1, I2, I3, I4, I5" {
		t.Errorf("said:\n%s", strings.Join(got, "\n"))
	}
}
