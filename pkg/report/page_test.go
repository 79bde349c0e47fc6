package report_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// printed is what a Text writes.
func printed(t *testing.T, text report.Text, outcomes ...push.Outcome) string {
	t.Helper()
	var b bytes.Buffer
	text.W = &b
	if err := text.Run(report.Run{Outcomes: outcomes}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// without returns people who find no account.
func without(names ...string) []plan.Unresolved {
	var out []plan.Unresolved
	for _, name := range names {
		out = append(out, plan.Unresolved{ID: "id-" + name, UserPrincipalName: name + "@x", DisplayName: "Mx " + name, Reason: string(membership.NoAccount)})
	}
	return out
}

// staying returns a member who stays.
func staying(name string, reason plan.KeepReason, mayBe ...plan.Resemblance) plan.Kept {
	return plan.Kept{Entry: plan.Entry{ID: "id-" + name, UserName: name + "@x", DisplayName: "Mx " + name}, Reason: reason, MayBe: mayBe}
}

func standing(name string, status push.Status, g plan.Group) push.Outcome {
	g.Name, g.ID, g.Members = name, "id of "+name, []string{"1", "2", "3"}
	return push.Outcome{Group: g, Status: status}
}

// Whoever did not get in, and whoever is in doubt, is named whatever came of the group (incident 56).
func TestPeopleAreAlwaysNamed(t *testing.T) {
	for _, status := range []push.Status{
		push.ToDo, push.Done, push.Already, push.InStep, push.Refused, push.Conflict, push.NotApplied, push.Rejected, push.Unavailable, push.NotStarted,
	} {
		renamed := staying("old", plan.KeptRenamed)
		renamed.Person = "new@x"
		g := plan.Group{Unresolved: without("new"), Keep: []plan.Kept{renamed, staying("gone", plan.KeptHeld), staying("svc", plan.KeptProtected)}}
		got := printed(t, report.Text{}, standing("Sales", status, g))
		for _, want := range []string{
			"\n  = old@x   Mx old (renamed: is new@x now)\n", "\n  = gone@x  Mx gone (held: nobody in Entra is known by this name; resembles nobody who finds no account)\n",
			"\n  ? new@x   Mx new (no account in Genesys)\n",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the report lacks %q:\n%s", status, want, got)
			}
		}
	}
}

// Somebody in several groups is named once, with the groups, and each group says that they are at the end.
func TestPeopleOfSeveralGroupsAreNamedOnce(t *testing.T) {
	held := staying("gone", plan.KeptHeld)
	inactive := without("ann")
	inactive[0].Reason = plan.Inactive
	got := printed(t, report.Text{},
		standing("C", push.InStep, plan.Group{Unresolved: inactive}),
		standing("B", push.InStep, plan.Group{Unresolved: without("ann", "bob"), Keep: []plan.Kept{held}}),
		standing("A", push.Done, plan.Group{Unresolved: without("ann"), Keep: []plan.Kept{held}, Add: []plan.Entry{{ID: "1", UserName: "ann@x"}}}))
	want := `A: 1 added, 3 members now
  hint: if whoever is held is one of the people with ?, give the account the new userName, in Genesys
  hint: if they have left, let them go, once: --release A=gone@x
  + ann@x
  = 1 person in several groups, see the end
  ? 1 person in several groups, see the end
B: unchanged, 3 members, 1 held, 2 unresolved
  hint: if whoever is held is one of the people with ?, give the account the new userName, in Genesys
  hint: if they have left, let them go, once: --release B=gone@x
  = 1 person in several groups, see the end
  ? bob@x  Mx bob (no account in Genesys)
  ? 1 person in several groups, see the end
C: in step, 3 members, 1 unresolved
  ? 1 person in several groups, see the end
in several groups:
  = gone@x  Mx gone (held: nobody in Entra is known by this name; resembles nobody who finds no account)
      A, B
  ? ann@x   Mx ann (no account in Genesys)
      A, B
  ? ann@x   Mx ann (the account is inactive)
      C
3 groups: 1 changed (+1 -0), 1 in step, 1 unchanged; 1 held, 2 unresolved
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Each kind is bounded by itself, so that those who come never hide those who go.
func TestALongListIsFolded(t *testing.T) {
	var g plan.Group
	for i := range 300 {
		g.Add = append(g.Add, plan.Entry{ID: fmt.Sprint("a", i), UserName: fmt.Sprint("come", i)})
		g.Unresolved = append(g.Unresolved, without(fmt.Sprint("none", i))...)
		g.Keep = append(g.Keep, staying(fmt.Sprint("held", i), plan.KeptHeld), staying(fmt.Sprint("svc", i), plan.KeptProtected))
	}
	for i := range 25 {
		g.Remove = append(g.Remove, plan.Entry{ID: fmt.Sprint("r", i), UserName: fmt.Sprint("go", i)})
	}
	got := printed(t, report.Text{}, standing("A", push.ToDo, g))
	for sign, want := range map[string]int{"  + come": 20, "  - go": 20, "  = held": 20, "  = svc": 20, "  ? none": 20, "--release ": 20, " and 280 more, -v shows all\n": 5, "  - and 5 more, -v shows all\n": 1} {
		if n := strings.Count(got, sign); n != want {
			t.Errorf("%q is there %d times; want %d\n%s", sign, n, want, got)
		}
	}
	all := printed(t, report.Text{All: true}, standing("A", push.ToDo, g))
	if strings.Contains(all, "-v shows all") || strings.Count(all, "\n") != 4*300+25+4 {
		t.Errorf("-v does not show all:\n%s", all)
	}
}

// A list within a message is bounded as well, and what follows it stays.
func TestAListInAMessageIsFolded(t *testing.T) {
	var names []string
	for i := range 30 {
		names = append(names, fmt.Sprintf("p%d@x", i))
	}
	list := strings.Join(names, ", ")
	o := standing("A", push.Refused, plan.Group{Notes: []string{"a tug of war: with " + list, "few: a, b"}})
	o.Detail = "the plan removes " + list + ", and protect names them now"
	short := strings.Join(names[:20], ", ") + " and 10 more, -v shows all"
	got := printed(t, report.Text{}, o)
	for _, want := range []string{"A: refused: the plan removes " + short + ", and protect names them now\n", "  ! a tug of war: with " + short + "\n", "  ! few: a, b\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
	if all := printed(t, report.Text{All: true}, o); strings.Count(all, list) != 2 {
		t.Errorf("-v does not show all:\n%s", all)
	}
}

// One cause is one message, however many groups it is about; a different cause is another (incident 57).
func TestOneCauseIsOneMessage(t *testing.T) {
	var outcomes []push.Outcome
	var names []string
	for i := range 60 {
		name := fmt.Sprintf("Team %02d", i)
		id := fmt.Sprintf("%08x-0004-4000-8000-000000000000", i)
		o := standing(name, push.Denied, plan.Group{})
		o.Detail = fmt.Sprintf("Genesys group %q (%s): writing its %d members: 403 no (request-id %s)", name, id, i+7, id)
		o.Hint = "grant it"
		outcomes, names = append(outcomes, o), append(names, name)
	}
	other := standing("Other", push.Denied, plan.Group{})
	other.Detail, other.Hint = `Genesys group "Other" (x): 401`, "grant it"
	outcomes = append(outcomes, other)
	got := printed(t, report.Text{}, outcomes...)
	head := "Other: denied: Genesys group \"Other\" (x): 401\n  hint: grant it\n" +
		"60 groups: denied: Genesys group \"…\" (…): writing its … members: 403 no (request-id …)\n  hint: grant it\n  Team 00, Team 01,"
	if !strings.HasPrefix(got, head) || strings.Count(got, "hint: ") != 2 {
		t.Errorf("got\n%s\nwant\n%s…", got, head)
	}
	for _, name := range names {
		if strings.Count(got, name) != 1 {
			t.Errorf("%s is there %d times", name, strings.Count(got, name))
		}
	}
	for line := range strings.Lines(got) {
		if strings.HasPrefix(line, "  Team") && len(line) > 101 {
			t.Errorf("a line of names has %d bytes: %s", len(line), line)
		}
	}
	if all := printed(t, report.Text{All: true}, outcomes...); strings.Count(all, "403 no (request-id 0") != 60 {
		t.Errorf("-v does not show each group's own message:\n%s", all)
	}
}

// A status that differs, or what to do, is another cause.
func TestWhatIsNotOneCause(t *testing.T) {
	first, second, third := standing("A", push.Denied, plan.Group{}), standing("B", push.Unavailable, plan.Group{}), standing("C", push.Denied, plan.Group{})
	first.Detail, second.Detail, third.Detail, third.Hint = "no", "no", "no", "ask"
	if got := printed(t, report.Text{}, first, second, third); strings.Contains(got, "groups: denied") || strings.Count(got, ": no\n") != 3 {
		t.Errorf("got\n%s", got)
	}
}

// What a group has beside a cause that it shares stays with the group.
func TestACauseDoesNotHidePeople(t *testing.T) {
	g := plan.Group{Unresolved: without("ann"), Notes: []string{"new"}}
	first, second := standing("A", push.Denied, g), standing("B", push.Denied, plan.Group{Notes: []string{"new"}})
	first.Detail, second.Detail = "no", "no"
	want := "A: denied: see the end\n  ? ann@x  Mx ann (no account in Genesys)\n2 groups: denied: no\n  A, B\n2 groups: new\n  A, B\n2 groups: 2 denied; 1 unresolved\n"
	if diff := cmp.Diff(want, printed(t, report.Text{}, first, second)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Who may be meant by somebody in doubt is said, and both ways out.
func TestTheWaysOutOfADoubt(t *testing.T) {
	held := staying("ann", plan.KeptHeld, plan.Resemblance{UserPrincipalName: "ann.b@x", By: "same display name"}, plan.Resemblance{UserPrincipalName: "ann.c@x", By: "same employee id"})
	got := printed(t, report.Text{}, standing("A", push.InStep, plan.Group{Keep: []plan.Kept{held}}))
	for _, want := range []string{
		"A: unchanged, 3 members, 1 held\n", "give the account the new userName", "once: --release A=ann@x\n",
		"(held: nobody in Entra is known by this name; may be ann.b@x (same display name) or ann.c@x (same employee id))\n", "1 group: 1 unchanged; 1 held\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "in step") {
		t.Errorf("a group about which somebody has to decide is in step:\n%s", got)
	}
}

// One line a group, and nothing else but the line that sums up.
func TestSummary(t *testing.T) {
	refused := standing("B", push.Refused, plan.Group{Unresolved: without("ann"), Refusals: []plan.Refusal{{Rule: plan.TooManyRemovals, Allow: &plan.Allowance{Removals: 3}}}})
	denied, same := standing("C", push.Denied, plan.Group{Notes: []string{"note"}}), standing("D", push.Denied, plan.Group{})
	denied.Detail, same.Detail = "no", "no"
	changed := standing("A", push.Done, plan.Group{Add: []plan.Entry{{ID: "1", UserName: "x"}}})
	want := "A: 1 added, 3 members now\nB: refused (removals), 1 unresolved\nC: denied\nD: denied\n4 groups: 1 changed (+1 -0), 1 refused, 2 denied; 1 unresolved\n"
	if diff := cmp.Diff(want, printed(t, report.Text{Summary: true}, denied, refused, changed, same)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Two runs compare, whatever the order in which groups came to an end.
func TestTheOrderIsTheSame(t *testing.T) {
	var outcomes []push.Outcome
	for i := range 8 {
		o := standing(fmt.Sprint("G", i), []push.Status{push.InStep, push.Denied}[i%2], plan.Group{Unresolved: without("ann", "bob", fmt.Sprint("c", i)), Notes: []string{fmt.Sprint("n", i%3)}})
		o.Detail = "no"
		outcomes = append(outcomes, o)
	}
	want := printed(t, report.Text{}, outcomes...)
	slices.Reverse(outcomes)
	if diff := cmp.Diff(want, printed(t, report.Text{}, outcomes...)); diff != "" {
		t.Errorf("-one order +the other\n%s", diff)
	}
}
