package plan_test

import (
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// As many removals as additions are left after a doubt is settled: there is still something to do.
func TestAskLeavesChanges(t *testing.T) {
	g := compare(plan.Rule{Name: "a"}, policy(), "carl new", "ann bob", "ann bob carl")
	plan.Ask(&g, policy(), map[string][]string{"bob@x": {"p-z"}}, nil)
	if got, want := short(g), "+carl -bob =ann(held) ?new(none)"; got != want || g.State != plan.Changes {
		t.Errorf("%q (%s), want %q (changes)", got, g.State, want)
	}
}

func TestRefusalsInNumbers(t *testing.T) {
	p := policy()
	p.Limits.Add, p.Limits.Remove = plan.Count(0), limit(t, "0%")
	groups := []plan.Group{change("a", 20, 1, 1)}
	plan.Judge(groups, nil, p)
	var texts []string
	for _, r := range groups[0].Refusals {
		texts = append(texts, r.Text)
	}
	got := strings.Join(texts, "; ")
	if want := "would remove 1 of 21 members; the limit is 0%; would add 1 person to 21 members; the limit is 0"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := plan.ParseLimit("9999999"); err != nil {
		t.Error(err)
	}
}

// Whoever is renamed or inactive is in Entra, and does not make a source look empty.
func TestTheRenamedAndTheInactiveAreInEntra(t *testing.T) {
	renamed := compare(plan.Rule{Name: "a"}, policy(), "carl new", "ann bob carl", "ann bob carl")
	plan.Ask(&renamed, policy(), map[string][]string{"ann@x": {"p-new"}, "bob@x": {"p-z"}}, nil)
	inactive := compare(plan.Rule{Name: "b"}, policy(), "carl dora", "bob carl dora", "bob carl dora!")
	groups := []plan.Group{renamed, inactive}
	plan.Judge(groups, nil, policy())
	if rules(groups[0])+rules(groups[1]) != "" {
		t.Errorf("refused by %q and %q", rules(groups[0]), rules(groups[1]))
	}
}

func TestDropped(t *testing.T) {
	g := compare(plan.Rule{Name: "a"}, policy(), "carl ann", "ann ghost", "ann carl")
	g.Drop([]string{"id-ghost"})
	if g.Found() != 2 || strings.Join(g.FoundIDs(), " ") != "id-ann id-ghost" || len(g.Dropped) != 1 {
		t.Errorf("found %d (%v), dropped %v", g.Found(), g.FoundIDs(), g.Dropped)
	}
}

// What could not be read stays so when a plan is looked at again, and an old refusal without changes is in step.
func TestRecheckKeepsWhatIsKnown(t *testing.T) {
	unread := plan.Unread(plan.Rule{Name: "a", Genesys: "A"}, membership.Reason{Cause: membership.Denied})
	refused := change("b", 3, 0, 0)
	refused.State, refused.Genesys = plan.Refused, "B"
	same := change("c", 3, 1, 1)
	same.Genesys = "C"
	rs := []plan.Rule{{Name: "a", Genesys: "A"}, {Name: "b", Genesys: "B"}, {Name: "c", Genesys: "C"}}
	got := plan.Recheck([]plan.Group{unread, refused, same}, rs, policy())
	for i, want := range []plan.State{plan.Unreadable, plan.InStep, plan.Changes} {
		if got[i].State != want {
			t.Errorf("%s: %q, want %q", got[i].Name, got[i].State, want)
		}
	}
}

// Changes that were decided elsewhere are made as far as they are still to be made.
func TestGiven(t *testing.T) {
	e := func(name string) plan.Entry { return plan.Entry{ID: "id-" + name, UserName: name + "@x"} }
	rule := plan.Rule{Name: "a", Protect: pattern(t, "svc@x")}
	g := plan.Given(rule, plan.Policy{}, group("ann bob svc"), []plan.Entry{e("zoe"), e("ann"), e("carl")}, []plan.Entry{e("svc"), e("bob"), e("gone")})
	if got, want := short(g), "+carl +zoe -bob =svc(protected)"; got != want || g.State != plan.Changes {
		t.Errorf("%q (%s), want %q", got, g.State, want)
	}
	if g.Found() != 3 || g.Key != plan.IdempotencyKey("g", []string{"id-ann", "id-carl", "id-svc", "id-zoe"}) {
		t.Errorf("found %d, members %v", g.Found(), g.MemberIDs())
	}
	if g := plan.Given(rule, plan.Policy{}, group("ann bob"), []plan.Entry{e("carl")}, []plan.Entry{e("bob")}); g.State != plan.Changes {
		t.Errorf("one comes and one goes, and the state is %q", g.State)
	}
	if g := plan.Given(rule, plan.Policy{}, group("ann"), []plan.Entry{e("ann")}, []plan.Entry{e("bob")}); g.State != plan.InStep {
		t.Errorf("nothing is left to do, and the state is %q", g.State)
	}
	if g := plan.Given(rule, plan.Policy{NoRemovals: true}, group("ann bob"), nil, []plan.Entry{e("bob")}); g.State != plan.InStep || len(g.Keep) != 1 {
		t.Errorf("a run that removes nobody: %+v", g)
	}
	if got, want := plan.AllowFlag(plan.Given(rule, plan.Policy{}, group("ann"), []plan.Entry{e("bob")}, nil)), "--allow-additions a=1"; got != want {
		t.Errorf("AllowFlag = %s, want %s", got, want)
	}
	if got, want := plan.AllowFlag(plan.Given(rule, plan.Policy{}, group("ann bob"), nil, []plan.Entry{e("bob")})), "--allow-removals a=1"; got != want {
		t.Errorf("AllowFlag = %s, want %s", got, want)
	}
}
