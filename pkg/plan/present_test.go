package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// filed returns a group of a plan file: carl is added, bob is removed, ann and svc are kept.
func filed() plan.Group {
	e := func(name string) plan.Entry { return plan.Entry{ID: "id-" + name, UserName: name + "@x"} }
	g := plan.Group{
		Name: "a", Genesys: "Sales", ID: "g", DisplayName: "Sales", Entra: []string{"e1", "e2"}, State: plan.Changes,
		Add: []plan.Entry{e("carl")}, Remove: []plan.Entry{e("bob")}, Members: []string{"id-ann", "id-carl", "id-svc"},
	}
	g.Key = plan.IdempotencyKey(g.ID, g.Members)
	return g
}

func filedRule() plan.Rule {
	return plan.Rule{Name: "a", Genesys: "Sales", Entra: []string{"e1", "e2"}, Mode: plan.Mirror}
}

// A plan is checked against the present configuration.
func TestRecheck(t *testing.T) {
	for _, test := range []struct {
		name   string
		group  func(*plan.Group)
		rule   func(*plan.Rule)
		policy func(*plan.Policy)
		want   string
	}{
		{name: "nothing has changed"},
		{name: "another name", rule: func(r *plan.Rule) { r.Name = "b" }},
		{name: "people taken in another way", rule: func(r *plan.Rule) { r.Source = "nested" }, want: "mapping"},
		{name: "fed by other groups", rule: func(r *plan.Rule) { r.Entra = []string{"e1"} }, want: "mapping"},
		{name: "fed by as many others", rule: func(r *plan.Rule) { r.Entra = []string{"e1", "e3"} }, want: "mapping"},
		{name: "the same groups in another order", rule: func(r *plan.Rule) { r.Entra = []string{"e2", "e1"} }},
		{name: "paused since", rule: func(r *plan.Rule) { r.Mode = plan.Paused }, want: "mode"},
		{name: "add-only since", rule: func(r *plan.Rule) { r.Mode = plan.AddOnly }, want: "mode"},
		{name: "protected since", rule: func(r *plan.Rule) { r.Protect = pattern(t, "bo*@x") }, want: "protect"},
		{name: "somebody else protected since", rule: func(r *plan.Rule) { r.Protect = pattern(t, "carl@x") }},
		{name: "no removals in this run", policy: func(p *plan.Policy) { p.NoRemovals = true }, want: "mode"},
		{name: "a stricter limit since", policy: func(p *plan.Policy) { p.Limits.Remove = plan.Count(0) }, want: "removals"},
		{name: "a stricter limit on additions", policy: func(p *plan.Policy) { p.Limits.Add = plan.Count(0) }, want: "additions"},
		{name: "an old refusal is information", group: func(g *plan.Group) { g.State, g.Refusals = plan.Refused, []plan.Refusal{{Rule: "old"}} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, rule, p := filed(), filedRule(), policy()
			if test.group != nil {
				test.group(&g)
			}
			if test.rule != nil {
				test.rule(&rule)
			}
			if test.policy != nil {
				test.policy(&p)
			}
			got := []plan.Group{plan.Recheck(g, rule, p, present("ann bob svc", "ann bob carl svc"))}
			plan.Judge(got, []plan.Rule{rule}, p)
			if rules(got[0]) != test.want || got[0].Name != rule.Name {
				t.Errorf("%s is refused by %q, want %q", got[0].Name, rules(got[0]), test.want)
			}
			if test.want == "" && (got[0].State != plan.Changes || short(got[0]) != "+carl -bob") {
				t.Errorf("%s %q", got[0].State, short(got[0]))
			}
		})
	}
}

// Incident 35: a plan file was trusted about which account an id stands for and which group is meant.
func TestAPlanIsAProposal(t *testing.T) {
	for _, test := range []struct {
		name  string
		group func(*plan.Group)
		now   func(*plan.Present)
		want  string // part of the reason why the group is stale; or, after !, the rule that refuses it
	}{
		{"another group beside a mapped name", func(g *plan.Group) { g.ID = "admins" }, nil, "names Genesys group admins"},
		{"a false userName beside a protected id", func(g *plan.Group) { g.Remove[0].UserName = "mallory@x" }, nil, `removes "mallory@x", and account id-bob is "bob@x"`},
		{"a false userName beside an id to add", func(g *plan.Group) { g.Add[0].UserName = "ann@x" }, nil, `adds "ann@x", and account id-carl is "carl@x"`},
		{"an account to add is inactive", nil, func(p *plan.Present) { *p = present("ann bob svc", "ann bob carl! svc") }, "that account is inactive"},
		{"an account to add is in no listing", nil, func(p *plan.Present) { *p = present("ann bob svc", "ann bob svc") }, "no listing of users has"},
		{"an account to remove is in no listing", nil, func(p *plan.Present) { *p = present("ann bob svc", "ann carl svc") }, "!unseen"},
		{"a member to remove is no user", nil, func(p *plan.Present) { *p = present("ann group:bob svc", "ann bob carl svc") }, "!not a user"},
		{"somebody to add is excluded now", nil, func(p *plan.Present) { p.Excluded = map[string]bool{"id-carl": true} }, "!exclude"},
		{"somebody has joined since", nil, func(p *plan.Present) { *p = present("ann bob eve svc", "ann bob carl eve svc") }, "neither those that the plan found"},
		{"somebody else is excluded now", nil, func(p *plan.Present) { p.Excluded = map[string]bool{"id-ann": true} }, ""},
		{"whoever was added has become inactive", nil, func(p *plan.Present) { *p = present("ann carl svc", "ann carl! svc") }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, now := filed(), present("ann bob svc", "ann bob carl svc")
			if test.group != nil {
				test.group(&g)
			}
			if test.now != nil {
				test.now(&now)
			}
			got := plan.Recheck(g, filedRule(), policy(), now)
			switch rule, refused := strings.CutPrefix(test.want, "!"); {
			case refused && rules(got) != rule:
				t.Errorf("refused by %q", rules(got))
			case refused:
			case test.want == "" && got.State != plan.Changes:
				t.Errorf("%s: %+v", got.State, got.Incomplete)
			case test.want != "" && (got.State != plan.Stale || !strings.Contains(got.Incomplete.Detail, test.want) || len(got.Add)+len(got.Remove) > 0):
				t.Errorf("%s: %+v", got.State, got.Incomplete)
			}
		})
	}
}

// A member who is in no listing is removed only if an admin releases them, and only from the group that the release names.
func TestAPlanWithSomebodyUnseen(t *testing.T) {
	now := present("ann bob svc", "ann carl svc")
	p := policy()
	p.Release = map[string][]plan.Pattern{"other": pattern(t, "id-bob")}
	got := plan.Recheck(filed(), filedRule(), p, now)
	if rules(got) != "unseen" || !slices.Equal(got.Refusals[0].Allow.Release, []string{"id-bob"}) {
		t.Errorf("%+v", got.Refusals)
	}
	p.Release = map[string][]plan.Pattern{"a": pattern(t, "id-bob")}
	if got := plan.Recheck(filed(), filedRule(), p, now); got.State != plan.Changes || short(got) != "+carl -bob" {
		t.Errorf("released: %s %q", got.State, short(got))
	}
}

// The numbers and the kept members are computed again. A file cannot hide that only protected members would be left.
func TestWhoStaysIsCountedAgain(t *testing.T) {
	g, rule := filed(), filedRule()
	g.Add, g.Members = nil, []string{"id-svc"}
	g.Remove = append(g.Remove, plan.Entry{ID: "id-ann", UserName: "ann@x"})
	rule.Protect = pattern(t, "svc@x")
	got := []plan.Group{plan.Recheck(g, rule, policy(), present("ann bob svc", "ann bob svc"))}
	plan.Judge(got, []plan.Rule{rule}, policy())
	if rules(got[0]) != "empty" || len(got[0].Keep) != 1 || got[0].Keep[0].Reason != plan.KeptProtected {
		t.Errorf("refused by %q, kept %+v", rules(got[0]), got[0].Keep)
	}
}

// If nobody is removed, who stays decides nothing, and the file's own list is kept. Otherwise the readings come first, and
// the file is used for members about whom they say nothing.
func TestWhoStays(t *testing.T) {
	kept := func(name string, reason plan.KeepReason) plan.Kept {
		return plan.Kept{Entry: plan.Entry{ID: "id-" + name, UserName: name + "@x"}, Reason: reason, Active: true}
	}
	svc := kept("svc", plan.KeptProtected)
	for _, test := range []struct {
		name     string
		protects string
		keep     []plan.Kept
		removes  bool
		want     string
	}{
		{"nobody is removed", "ann@x", []plan.Kept{svc}, false, "+carl =svc(protected)"},
		{"protected now", "ann@x", nil, true, "+carl -bob =ann(protected)"},
		{"protected in the file only", "", []plan.Kept{kept("ann", plan.KeptInactive)}, true, "+carl -bob =ann(inactive)"},
		{"inactive in the file", "ann@x", []plan.Kept{kept("ann", plan.KeptInactive)}, true, "+carl -bob =ann(inactive)"},
		{"no member", "carl@x", nil, true, "+carl -bob"},
		{"in order", "*@x", []plan.Kept{svc}, true, "+carl -bob =ann(protected) =svc(protected)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, rule, now := filed(), filedRule(), present("ann bob svc", "ann bob carl svc")
			if test.protects != "" {
				rule.Protect = pattern(t, test.protects)
			}
			if g.Keep = test.keep; !test.removes {
				g.Remove, now = nil, present("ann svc", "ann carl svc")
			}
			if got := short(plan.Recheck(g, rule, policy(), now)); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// A member of whom no name is known is named by the id.
func TestUnseenWithoutAName(t *testing.T) {
	g := filed()
	g.Remove[0].UserName = ""
	got := plan.Recheck(g, filedRule(), policy(), present("ann bob svc", "ann carl svc"))
	if rules(got) != "unseen" || !slices.Equal(got.Refusals[0].Who, []string{"id-bob"}) {
		t.Errorf("%+v", got.Refusals)
	}
}

// The changes of an undo are checked against the present accounts and exclusions.
func TestFromChangesObeysThePresent(t *testing.T) {
	e := func(name string) plan.Entry { return plan.Entry{ID: "id-" + name, UserName: "old-" + name + "@x"} }
	now := present("ann bob frank ghost", "ann bob carl dora! eve frank")
	now.Excluded = map[string]bool{"id-eve": true}
	rule := plan.Rule{Name: "a", Mode: plan.AddOnly}
	rule.Protect = pattern(t, "frank@x")
	g := plan.FromChanges(rule, policy(), now, []plan.Entry{e("carl"), e("dora"), e("eve"), e("gone")}, []plan.Entry{e("bob"), e("ghost"), e("frank")})
	if got, want := short(g), "+carl -bob =frank(protected) =ghost(unseen)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	nested := present("ann group:team", "ann")
	if got := short(plan.FromChanges(rule, policy(), nested, nil, []plan.Entry{e("team")})); got != "=team(not a user)" {
		t.Errorf("a member that is not a user: %q", got)
	}
	if g.Add[0].UserName != "carl@x" {
		t.Errorf("carl has the name that the journal knows: %s", g.Add[0].UserName)
	}
	notes := strings.Join(g.Notes, "; ")
	for _, want := range []string{"eve@x (exclude names them)", "dora@x", "old-gone@x", "the mode is add-only, which does not bind an undo"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no word of %s in %q", want, notes)
		}
	}
}

// An account that was found by another key than userPrincipalName may belong to another person.
func TestConfirm(t *testing.T) {
	wanted := []*membership.Person{{ID: "p1", UserPrincipalName: "ann.new@x", Mail: "ann@x"}, {ID: "p2", UserPrincipalName: "bob@x"}}
	g := plan.Compare(filedRule(), policy(), wanted, group("carl"), membership.NewDirectory(accounts("ann bob carl"), membership.DefaultKeys()))
	if asked := plan.ToConfirm(g); len(asked) != 1 || asked[0].UserName != "ann@x" || asked[0].PersonID != "p1" {
		t.Fatalf("asked about %+v", asked)
	}
	same := g
	same.Add = slices.Clone(g.Add)
	plan.Confirm(&same, map[string][]string{"ann@x": {"p1"}, "bob@x": {"p9"}})
	if got := short(same); got != "+ann +bob -carl" {
		t.Errorf("nobody else has the name: %q", got)
	}
	for _, owners := range [][]string{{"p1", "p9"}, {"p9"}, {"p9", "p1"}} {
		other := g
		other.Add, other.Unresolved = slices.Clone(g.Add), nil
		plan.Confirm(&other, map[string][]string{"ann@x": owners})
		if got := short(other); got != "+bob -carl ?ann.new(ambiguous)" || other.Unresolved[0].OtherPerson != "p9" {
			t.Errorf("owners %v: %q: %+v", owners, got, other.Unresolved)
		}
		if !slices.Equal(other.Members, []string{"id-bob"}) || other.Key != plan.IdempotencyKey("g", other.Members) {
			t.Errorf("owners %v: members %v with key %s", owners, other.Members, other.Key)
		}
	}
}

// callroll never writes a plan that contradicts itself.
func TestInconsistentPlans(t *testing.T) {
	for name, edit := range map[string]func(*plan.Group){
		"a removed member stays":        func(g *plan.Group) { g.Members = append(g.Members, "id-zoe"); g.Remove[0].ID = "id-zoe" },
		"somebody is removed twice":     func(g *plan.Group) { g.Remove = append(g.Remove, g.Remove[0]) },
		"somebody is added twice":       func(g *plan.Group) { g.Add = append(g.Add, g.Add[0]) },
		"an added account is no member": func(g *plan.Group) { g.Add[0].ID = "id-zoe" },
		"a member stands twice":         func(g *plan.Group) { g.Members = append(g.Members, "id-svc") },
		"members are not sorted":        func(g *plan.Group) { slices.Reverse(g.Members) },
		"the key is another state's":    func(g *plan.Group) { g.Members = []string{"id-ann", "id-carl"} },
		"paused, with changes":          func(g *plan.Group) { g.State = plan.Skipped },
		"paused, with removals":         func(g *plan.Group) { g.State, g.Add = plan.Skipped, nil },
		"stale, which no diff says":     func(g *plan.Group) { *g = plan.Outdated(*g, "x") },
		"a state that there is not":     func(g *plan.Group) { g.State = "done" },
		"incomplete without a reason":   func(g *plan.Group) { g.State = plan.Unreadable },
	} {
		g := filed()
		edit(&g)
		data, err := plan.Plan{Groups: []plan.Group{g}}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Decode(data); err == nil || !strings.Contains(err.Error(), `group "a"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
	without := filed()
	without.Add, without.Remove = nil, nil
	for name, edit := range map[string]func(*plan.Group){
		"paused, without changes":  func(g *plan.Group) { g.State = plan.Skipped },
		"incomplete with a reason": func(g *plan.Group) { *g = plan.Incomplete(*g, membership.Reason{Detail: "no answer"}) },
		"in step":                  func(g *plan.Group) { g.State = plan.InStep },
	} {
		g := without
		edit(&g)
		data, err := plan.Plan{Groups: []plan.Group{g}}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Decode(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	data, err := plan.Plan{Groups: []plan.Group{filed(), filed()}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Decode(data); err == nil {
		t.Error("one group stands twice")
	}
}
