package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/plan"
)

// After the answer of Entra, as many removals as additions are left. The group still has changes.
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
	want := []plan.Refusal{
		{Rule: plan.TooManyRemovals, Removals: 1, Members: 21, Limit: plan.Bound{Limit: "0%"}, Allow: &plan.Allowance{Removals: 1}},
		{Rule: plan.TooManyAdded, Additions: 1, Members: 21, Limit: plan.Bound{Limit: "0"}, Allow: &plan.Allowance{Additions: 1}},
	}
	if diff := cmp.Diff(want, groups[0].Refusals); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := plan.ParseLimit("9999999"); err != nil {
		t.Error(err)
	}
}

// Renamed people and people with inactive accounts are in Entra. They do not make a source look empty.
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

// Changes that were decided elsewhere are planned only if they are still needed.
func TestFromChanges(t *testing.T) {
	e := func(name string) plan.Entry { return plan.Entry{ID: "id-" + name, UserName: name + "@x"} }
	rule := plan.Rule{Name: "a", Protect: pattern(t, "svc@x")}
	g := plan.FromChanges(rule, plan.Policy{}, present("ann bob svc", "ann bob svc zoe carl"), []plan.Entry{e("zoe"), e("ann"), e("carl")}, []plan.Entry{e("svc"), e("bob"), e("gone")})
	if got, want := short(g), "+carl +zoe -bob =svc(protected)"; got != want || g.State != plan.Changes {
		t.Errorf("%q (%s), want %q", got, g.State, want)
	}
	if g.Found() != 3 || g.Key != plan.IdempotencyKey("g", []string{"id-ann", "id-carl", "id-svc", "id-zoe"}) {
		t.Errorf("found %d, members %v", g.Found(), g.Members)
	}
	if g := plan.FromChanges(rule, plan.Policy{}, present("ann bob", "ann bob carl"), []plan.Entry{e("carl")}, []plan.Entry{e("bob")}); g.State != plan.Changes {
		t.Errorf("one comes and one goes, and the state is %q", g.State)
	}
	if g := plan.FromChanges(rule, plan.Policy{}, present("ann", "ann bob"), []plan.Entry{e("ann")}, []plan.Entry{e("bob")}); g.State != plan.InStep {
		t.Errorf("nothing is left to do, and the state is %q", g.State)
	}
	if g := plan.FromChanges(rule, plan.Policy{NoRemovals: true}, present("ann bob", "ann bob"), nil, []plan.Entry{e("bob")}); g.State != plan.InStep || len(g.Keep) != 1 {
		t.Errorf("a run that removes nobody: %+v", g)
	}
	if got := plan.AllowChanges(plan.FromChanges(rule, plan.Policy{}, present("ann", "ann bob"), []plan.Entry{e("bob")}, nil)); got.Additions != 1 || got.Removals != 0 {
		t.Errorf("AllowChanges = %+v, want one addition", got)
	}
	if got := plan.AllowChanges(plan.FromChanges(rule, plan.Policy{}, present("ann bob", "ann bob carl"), nil, []plan.Entry{e("bob")})); got.Removals != 1 || got.Additions != 0 {
		t.Errorf("AllowChanges = %+v, want one removal", got)
	}
}
