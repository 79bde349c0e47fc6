package plan_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// Each row of the table in the package comment is tested.
func TestCompare(t *testing.T) {
	const all = "ann bob carl dora! eve svc-bot"
	for _, test := range []struct {
		name            string
		rule            plan.Rule
		noRemovals      bool
		wanted, members string
		want            string
		state           plan.State
	}{
		{name: "found and a member: keep", wanted: "ann", members: "ann", want: "", state: plan.InStep},
		{name: "found and no member: add", wanted: "ann", members: "", want: "+ann", state: plan.Changes},
		{name: "inactive and a member: keep, reported", wanted: "dora", members: "dora", want: "=dora(inactive)", state: plan.InStep},
		{name: "inactive and no member: reported", wanted: "dora", members: "ann", want: "-ann ?dora(inactive)", state: plan.Changes},
		{name: "no account: reported", wanted: "ann zoe", members: "ann", want: "?zoe(none)", state: plan.InStep},
		{name: "protected by name: keep", rule: plan.Rule{Protect: pattern(t, "BOB@x")}, wanted: "ann", members: "ann bob", want: "=bob(protected)", state: plan.InStep},
		{name: "protected by id: keep", rule: plan.Rule{Protect: pattern(t, "id-bob")}, wanted: "ann", members: "ann bob", want: "=bob(protected)", state: plan.InStep},
		{name: "protected by pattern: keep", rule: plan.Rule{Protect: pattern(t, "svc-*@x")}, wanted: "ann", members: "ann svc-bot bob", want: "-bob =svc-bot(protected)", state: plan.Changes},
		{name: "protected although unseen", rule: plan.Rule{Protect: pattern(t, "id-ghost")}, wanted: "ann", members: "ann ghost", want: "=ghost(protected)", state: plan.InStep},
		{name: "a nested group: keep", wanted: "ann", members: "ann group:team", want: "=team(not a user)", state: plan.InStep},
		{name: "in no listing: keep, unseen", wanted: "ann", members: "ann ghost", want: "=ghost(unseen)", state: plan.InStep},
		{name: "any other: remove", wanted: "ann", members: "ann bob carl", want: "-bob -carl", state: plan.Changes},
		{name: "any other, inactive: remove", wanted: "ann", members: "ann dora", want: "-dora", state: plan.Changes},
		{name: "add-only: keep", rule: plan.Rule{Mode: plan.AddOnly}, wanted: "ann", members: "bob", want: "+ann =bob(add-only)", state: plan.Changes},
		{name: "no removals: keep", noRemovals: true, wanted: "ann", members: "bob", want: "+ann =bob(no removals)", state: plan.Changes},
		{name: "a member twice, once as a group: not a user", wanted: "", members: "ann group:ann", want: "=ann(not a user)", state: plan.InStep},
		{name: "the other way round", wanted: "", members: "group:ann ann", want: "=ann(not a user)", state: plan.InStep},
		{name: "a member twice counts once", wanted: "", members: "ann ann", want: "-ann", state: plan.Changes},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := policy()
			p.NoRemovals = test.noRemovals
			g := compare(test.rule, p, test.wanted, test.members, all)
			if got := short(g); got != test.want || g.State != test.state {
				t.Errorf("wanted %q, members %q: %q (%s), want %q (%s)", test.wanted, test.members, got, g.State, test.want, test.state)
			}
		})
	}
}

func TestCompareKeepsWhoIsPointedAt(t *testing.T) {
	dir := membership.NewDirectory(accounts("ann bob carl"), membership.DefaultKeys())
	both := &membership.Person{ID: "p", UserPrincipalName: "ann@x", Mail: "bob@x"}
	g := plan.Compare(plan.Rule{}, policy(), []*membership.Person{both}, group("ann"), dir)
	if got, want := short(g), "=ann(contested) ?ann(ambiguous)"; got != want {
		t.Errorf("an ambiguous person: %q, want %q", got, want)
	}
	swapped := membership.NewDirectory([]membership.Account{{ID: "1", UserName: "bob@x"}, {ID: "2", UserName: "ann@x"}}, membership.DefaultKeys())
	if got := plan.Compare(plan.Rule{}, policy(), []*membership.Person{both}, group(""), swapped).Unresolved[0].Accounts; got[0] != "ann@x" {
		t.Errorf("the accounts are not sorted: %v", got)
	}
	if diff := cmp.Diff([]string{"ann@x", "bob@x"}, g.Unresolved[0].Accounts); diff != "" {
		t.Errorf("the accounts that he points at: -want +got\n%s", diff)
	}
	x, y := &membership.Person{ID: "x", UserPrincipalName: "x@x", Mail: "carl@x"}, &membership.Person{ID: "y", UserPrincipalName: "y@x", Mail: "carl@x"}
	g = plan.Compare(plan.Rule{}, policy(), []*membership.Person{x, y}, group("carl"), dir)
	if got, want := short(g), "=carl(contested) ?x(shared) ?y(shared)"; got != want {
		t.Errorf("two people for one member: %q, want %q", got, want)
	}
	g = plan.Compare(plan.Rule{}, policy(), []*membership.Person{x, y}, group(""), dir)
	if got, want := short(g), "?x(shared) ?y(shared)"; got != want {
		t.Errorf("two people for one account: %q, want %q", got, want)
	}
}

func TestCompareSaysForWhomAnAccountWasFound(t *testing.T) {
	guest := &membership.Person{ID: "p", UserPrincipalName: "ann_x#EXT#@t.onmicrosoft.com", Mail: "ann@x"}
	g := plan.Compare(plan.Rule{}, policy(), []*membership.Person{guest}, group(""), membership.NewDirectory(accounts("ann"), membership.DefaultKeys()))
	if len(g.Add) != 1 || g.Add[0].Person != guest.UserPrincipalName {
		t.Errorf("Add = %+v, want ann for the guest", g.Add)
	}
	plain := compare(plan.Rule{}, policy(), "ann", "", "ann")
	if len(plain.Add) != 1 || plain.Add[0].Person != "" {
		t.Errorf("Add = %+v, want ann and nothing more", plain.Add)
	}
}

// A group in step must not look like an empty group, in memory or in a file.
func TestAGroupInStepShowsItsMembers(t *testing.T) {
	for _, people := range []string{"ann bob", "ann bob zoe"} {
		g := compare(plan.Rule{Name: "Sales"}, policy(), people, "bob ann", "ann bob")
		want := []string{"id-ann", "id-bob"}
		if g.State != plan.InStep || !slices.Equal(g.Members, want) || g.Key != plan.IdempotencyKey("g", want) {
			t.Errorf("%s: %s, members %v, key %q", people, g.State, g.Members, g.Key)
		}
		if text, err := json.Marshal(g); err != nil || !strings.Contains(string(text), `"members":["id-ann","id-bob"]`) {
			t.Errorf("%s: written as %s, %v", people, text, err)
		}
	}
}

func TestCompareCarriesTheWholeList(t *testing.T) {
	g := compare(plan.Rule{Name: "Sales"}, policy(), "ann bob", "bob carl group:team ghost", "ann bob carl")
	want := []string{"id-ann", "id-bob", "id-ghost", "id-team"}
	if diff := cmp.Diff(want, g.Members); diff != "" {
		t.Errorf("Members: -want +got\n%s", diff)
	}
	if g.Key != plan.IdempotencyKey("g", want) {
		t.Errorf("Key is not that of Members")
	}
	if diff := cmp.Diff([]string{"id-bob", "id-carl", "id-ghost", "id-team"}, g.FoundIDs()); diff != "" || g.Found() != 4 {
		t.Errorf("FoundIDs (%d): -want +got\n%s", g.Found(), diff)
	}
	if g.Version != `"7"` || g.ID != "g" || g.DisplayName != "Sales" {
		t.Errorf("the group's own data: %+v", g)
	}
}

func TestUnreadHasTheShapeOfEveryPlan(t *testing.T) {
	data, err := json.Marshal(plan.Unread(plan.Rule{Name: "x"}, membership.Group{}, membership.Reason{Cause: membership.Denied}))
	if err != nil {
		t.Fatal(err)
	}
	var lists map[string]any
	if err := json.Unmarshal(data, &lists); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"entra", "add", "remove", "keep", "unresolved", "members", "refusals"} {
		if _, ok := lists[name].([]any); !ok {
			t.Errorf("%s is %v, not a list", name, lists[name])
		}
	}
}

// drawWorld draws people, members and accounts from a few names, so that they overlap.
func drawWorld(t *rapid.T) (wanted, members, all string) {
	draw := func(label string) string {
		out := ""
		for _, name := range []string{"ann", "bob", "carl", "dora", "eve"} {
			if rapid.Bool().Draw(t, label+" "+name) {
				out += " " + name
			}
		}
		return out
	}
	return draw("wanted"), draw("member"), draw("account")
}

// If a plan is applied and the group is planned again, nothing changes. A missing account never removes anybody. All
// additions are wanted, and no removal is.
func TestCompareProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wanted, members, all := drawWorld(t)
		g := compare(plan.Rule{}, policy(), wanted, members, all)
		after := group("")
		after.Members = g.Members
		dir := membership.NewDirectory(accounts(all), membership.DefaultKeys())
		if again := plan.Compare(plan.Rule{}, policy(), people(wanted), after, dir); again.State != plan.InStep {
			t.Fatalf("wanted %q, members %q, accounts %q: planned again %q", wanted, members, all, short(again))
		}
		for _, e := range g.Remove {
			if _, known := dir.Account(e.ID); !known {
				t.Fatalf("removed %s, who is in no listing", e.ID)
			}
			if slices.Contains(sortedWords(wanted), e.ID[3:]) {
				t.Fatalf("removed %s, who is wanted", e.ID)
			}
		}
		for _, e := range g.Add {
			if !slices.Contains(sortedWords(wanted), e.ID[3:]) {
				t.Fatalf("added %s, who is not wanted", e.ID)
			}
		}
	})
}

func TestOrderChangesNoByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wanted, members, all := drawWorld(t)
		p, m, a := people(wanted), group(members), accounts(all)
		first, err := plan.Plan{Groups: []plan.Group{plan.Compare(plan.Rule{}, policy(), p, m, membership.NewDirectory(a, membership.DefaultKeys()))}}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
		r.Shuffle(len(m.Members), func(i, j int) { m.Members[i], m.Members[j] = m.Members[j], m.Members[i] })
		r.Shuffle(len(a), func(i, j int) { a[i], a[j] = a[j], a[i] })
		again, err := plan.Plan{Groups: []plan.Group{plan.Compare(plan.Rule{}, policy(), p, m, membership.NewDirectory(a, membership.DefaultKeys()))}}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(first), string(again)); diff != "" {
			t.Fatalf("another order, other bytes:\n%s", diff)
		}
	})
}
