package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// change returns a planned group that keeps, adds and removes so many people.
func change(name string, keep, add, remove int) plan.Group {
	k, a, r := many("k"+name, keep), many("a"+name, add), many("r"+name, remove)
	g := compare(plan.Rule{Name: name}, policy(), k+" "+a, k+" "+r, k+" "+a+" "+r)
	g.ID = "id-" + name
	g.Key = plan.IdempotencyKey(g.ID, g.Members)
	return g
}

// unresolved adds people without an account to a group.
func unresolved(g plan.Group, n int) plan.Group {
	for i := range n {
		g.Unresolved = append(g.Unresolved, plan.Unresolved{UserPrincipalName: fmt.Sprintf("u%d@x", i), Reason: string(membership.NoAccount)})
	}
	return g
}

func limit(t *testing.T, s string) plan.Limit {
	t.Helper()
	l, err := plan.ParseLimit(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestRemovalLimit(t *testing.T) {
	for _, test := range []struct {
		remove       string
		floor        int
		found, going int
		refused      string
	}{
		{"25%", 5, 40, 10, ""},         // at the share
		{"25%", 5, 40, 11, "removals"}, // above the share
		{"25%", 5, 43, 10, ""},         // rounded down: 10.75
		{"25%", 5, 43, 11, "removals"},
		{"25%", 5, 8, 5, ""},         // at the floor
		{"25%", 5, 8, 6, "removals"}, // above the floor
		{"25%", 5, 1, 1, "empty"},    // would be empty
		{"25%", 5, 2, 1, ""},
		{"25%", 5, 2, 2, "empty"}, // would be empty, whatever the floor is
		{"25%", 5, 4, 3, ""},
		{"25%", 5, 4, 4, "empty"},
		{"25%", 0, 4, 1, ""},
		{"25%", 0, 4, 2, "removals"},
		{"10", 5, 40, 10, ""},          // a number has no floor
		{"10", 50, 40, 11, "removals"}, //
		{"3", 5, 8, 4, "removals"},
		{"0", 5, 8, 1, "removals"}, // zero refuses every removal (incident 8)
		{"0%", 5, 8, 1, "removals"},
		{"0.0%", 5, 8, 1, "removals"},
		{"0", 5, 8, 0, ""},
		{"100%", 5, 40, 39, ""},
		{"100%", 5, 40, 40, "empty"}, // the rule about empty groups applies whatever the share is
		{"1.5%", 0, 200, 3, ""},
		{"1.5%", 0, 200, 4, "removals"},
		{"1.5%", 0, 66, 1, "removals"}, // 0.99 rounded down
	} {
		t.Run(fmt.Sprintf("%s of %d, %d go", test.remove, test.found, test.going), func(t *testing.T) {
			p := policy()
			p.Limits.Remove, p.Limits.RemoveFloor, p.Limits.RemoveTotal = limit(t, test.remove), test.floor, limit(t, "100%")
			groups := []plan.Group{change("a", test.found-test.going, 0, test.going)}
			plan.Judge(groups, nil, p)
			if got := rules(groups[0]); got != test.refused {
				t.Errorf("refused by %q, want %q", got, test.refused)
			}
		})
	}
}

func TestAdditionLimit(t *testing.T) {
	for _, test := range []struct {
		add             string
		floor, empty    int
		found, newcomer int
		refused         string
	}{
		{"100%", 50, 1000, 60, 60, ""},
		{"100%", 50, 1000, 60, 61, "additions"},
		{"100%", 50, 1000, 4, 50, ""},
		{"100%", 50, 1000, 4, 51, "additions"},
		{"100%", 50, 1000, 1, 50, ""},
		{"100%", 50, 1000, 0, 1000, ""}, // an empty group has its own limit
		{"100%", 50, 1000, 0, 1001, "additions"},
		{"100%", 50, 2, 0, 3, "additions"},
		{"20", 50, 1000, 60, 20, ""},
		{"20", 50, 1000, 60, 21, "additions"},
		{"0", 50, 1000, 60, 1, "additions"},
		{"0%", 50, 1000, 60, 1, "additions"},
		{"0%", 50, 0, 0, 1, "additions"},
		{"200%", 0, 1000, 4, 8, ""},
		{"200%", 0, 1000, 4, 9, "additions"},
	} {
		t.Run(fmt.Sprintf("%s of %d, %d come", test.add, test.found, test.newcomer), func(t *testing.T) {
			p := policy()
			p.Limits.Add, p.Limits.AddFloor, p.Limits.AddEmpty = limit(t, test.add), test.floor, test.empty
			groups := []plan.Group{change("a", test.found, test.newcomer, 0)}
			plan.Judge(groups, nil, p)
			if got := rules(groups[0]); got != test.refused {
				t.Errorf("refused by %q, want %q", got, test.refused)
			}
		})
	}
}

func TestEmptyGroup(t *testing.T) {
	mayEmpty := []plan.Rule{{Name: "a", AllowEmpty: true}}
	for _, test := range []struct {
		name  string
		group plan.Group
		rules []plan.Rule
		allow map[string]int
		want  string
	}{
		{"all go and others come", change("a", 0, 4, 4), nil, nil, "empty"},
		{"one goes and another comes", change("a", 0, 1, 1), nil, nil, ""},
		{"two go and two come", change("a", 0, 2, 2), nil, nil, "empty"},
		{"allow_empty", change("a", 0, 0, 4), mayEmpty, nil, ""},
		{"allow_empty for the last one", change("a", 0, 0, 1), mayEmpty, nil, ""},
		{"allow_empty does not lift the limit", change("a", 0, 0, 6), mayEmpty, nil, "removals"},
		{"the allowance lifts both", change("a", 0, 0, 6), nil, map[string]int{"a": 6}, ""},
		{"an empty group that stays empty", change("a", 0, 0, 0), nil, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := policy()
			p.AllowRemovals = test.allow
			groups := []plan.Group{test.group}
			plan.Judge(groups, test.rules, p)
			if got := rules(groups[0]); got != test.want {
				t.Errorf("refused by %q, want %q", got, test.want)
			}
		})
	}
}

// A source without people is empty, even if members are kept for other reasons (incident 1).
func TestEmptySourceIsRefusedWhoeverIsKept(t *testing.T) {
	for _, test := range []struct {
		name            string
		rule            plan.Rule
		wanted, members string
		want            string
	}{
		{"protected", plan.Rule{Protect: pattern(t, "svc*")}, "", "ann bob carl svc", "empty"},
		{"unseen", plan.Rule{}, "", "ann bob carl ghost", "empty"},
		{"a nested group", plan.Rule{}, "", "ann bob carl group:team", "empty"},
		{"one goes, and one is protected", plan.Rule{Protect: pattern(t, "svc*")}, "", "ann svc", "empty"},
		{"somebody in Entra is a member", plan.Rule{Protect: pattern(t, "svc*")}, "ann", "ann bob svc", ""},
		{"somebody in Entra is a member, inactive", plan.Rule{}, "dora", "dora bob", ""},
		{"somebody in Entra comes", plan.Rule{Protect: pattern(t, "svc*")}, "carl", "ann svc", ""},
		{"it may be empty", plan.Rule{Protect: pattern(t, "svc*"), AllowEmpty: true}, "", "ann bob carl svc", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.rule.Name = "a"
			groups := []plan.Group{compare(test.rule, policy(), test.wanted, test.members, "ann bob carl svc dora!")}
			plan.Judge(groups, []plan.Rule{test.rule}, policy())
			if got := rules(groups[0]); got != test.want {
				t.Errorf("refused by %q, want %q", got, test.want)
			}
		})
	}
}

// Incident 6: a source of fifty people of whom none matches counts as empty.
func TestPeopleWhoDoNotMatchDoNotCount(t *testing.T) {
	members := many("m", 50)
	var strangers []*membership.Person
	for i := range 4 {
		strangers = append(strangers, &membership.Person{ID: fmt.Sprint(i), UserPrincipalName: fmt.Sprintf("s%d@x", i)})
	}
	g := plan.Compare(plan.Rule{Name: "a"}, policy(), strangers, group(members), membership.NewDirectory(accounts(members), membership.DefaultKeys()))
	groups := []plan.Group{g}
	plan.Judge(groups, nil, policy())
	if got := rules(groups[0]); got != "no match" {
		t.Errorf("refused by %q, want no match", got)
	}
}

func TestBrokenMatch(t *testing.T) {
	for _, test := range []struct {
		name                        string
		keep, add, remove, nameless int
		want                        bool
	}{
		{"five of twenty and five nameless", 15, 0, 5, 5, true},
		{"four are too few", 4, 0, 4, 9, false},
		{"less than a quarter", 16, 0, 5, 9, false},
		{"fewer nameless than lost", 15, 0, 5, 4, false},
		{"all of them: a domain was renamed", 0, 0, 50, 50, true},
		{"newcomers do not hide it", 15, 30, 5, 5, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := policy()
			p.Limits.Remove, p.Limits.RemoveTotal = limit(t, "100%"), limit(t, "100%")
			p.AllowRemovals = map[string]int{"a": test.remove} // no allowance lifts it
			groups := []plan.Group{unresolved(change("a", test.keep, test.add, test.remove), test.nameless)}
			plan.Judge(groups, nil, p)
			if got := rules(groups[0]) == "broken match"; got != test.want {
				t.Errorf("refused by %q, want broken match: %v", rules(groups[0]), test.want)
			}
			if test.want && groups[0].Refusals[0].Allow != nil {
				t.Errorf("the refusal names a way out: %+v", groups[0].Refusals[0].Allow)
			}
		})
	}
	inactive := change("a", 15, 0, 5)
	for range 5 {
		inactive.Unresolved = append(inactive.Unresolved, plan.Unresolved{Reason: plan.Inactive})
	}
	groups := []plan.Group{inactive}
	plan.Judge(groups, nil, policy())
	if got := rules(groups[0]); got != "" {
		t.Errorf("people whose accounts are inactive have been matched, and yet %q refuses", got)
	}
}

func TestRunTotal(t *testing.T) {
	twenty := func(p *plan.Policy) { p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 20 }
	for _, test := range []struct {
		name   string
		policy func(*plan.Policy)
		groups []plan.Group
		want   string // rules by group
	}{
		{"each below its own limit and together at the floor", twenty,
			[]plan.Group{change("a", 15, 0, 5), change("b", 15, 0, 5), change("c", 15, 0, 5), change("d", 15, 0, 5)}, "///"},
		{"together above it (incident 7)", twenty,
			[]plan.Group{change("a", 15, 0, 5), change("b", 15, 0, 5), change("c", 15, 0, 5), change("d", 15, 0, 5), change("e", 15, 0, 5)},
			"run total/run total/run total/run total/run total"},
		{"pure additions go on", twenty,
			[]plan.Group{change("a", 10, 0, 5), change("b", 10, 0, 5), change("c", 10, 0, 5), change("d", 10, 0, 5), change("e", 10, 1, 1), change("f", 10, 3, 0)},
			"run total/run total/run total/run total/run total/"},
		{"at the share of the members", func(p *plan.Policy) { p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 0 },
			[]plan.Group{change("a", 18, 0, 2), change("b", 20, 0, 2)}, "/"},
		{"above the share of the members", func(p *plan.Policy) { p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 0 },
			[]plan.Group{change("a", 17, 0, 3), change("b", 18, 0, 1)}, "run total/run total"},
		{"members of groups without removals count", func(p *plan.Policy) { p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 0 },
			[]plan.Group{change("a", 17, 0, 3), change("b", 10, 0, 0)}, "/"},
		{"a refused group leaves the plan, removals and members", func(p *plan.Policy) { p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 0 },
			[]plan.Group{change("a", 0, 0, 100), change("b", 18, 0, 2)}, "empty/"},
		{"its members are not there for the others", func(p *plan.Policy) { p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 0 },
			[]plan.Group{change("a", 0, 0, 100), change("b", 17, 0, 3)}, "empty/run total"},
		{"an allowed group stays out of the total", func(p *plan.Policy) {
			p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 0
			p.AllowRemovals = map[string]int{"a": 90}
		}, []plan.Group{change("a", 10, 0, 90), change("b", 18, 0, 2)}, "/"},
		{"its members too", func(p *plan.Policy) {
			p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 0
			p.AllowRemovals = map[string]int{"a": 90}
		}, []plan.Group{change("a", 10, 0, 90), change("b", 17, 0, 3)}, "/run total"},
		{"zero refuses every removal", func(p *plan.Policy) { p.Limits.RemoveTotal = plan.Count(0) },
			[]plan.Group{change("a", 18, 0, 1), change("b", 18, 1, 0)}, "run total/"},
		{"a number", func(p *plan.Policy) { p.Limits.RemoveTotal = plan.Count(3) },
			[]plan.Group{change("a", 18, 0, 2), change("b", 18, 0, 1)}, "/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := policy()
			test.policy(&p)
			plan.Judge(test.groups, nil, p)
			var got []string
			for _, g := range test.groups {
				got = append(got, rules(g))
			}
			if strings.Join(got, "/") != test.want {
				t.Errorf("refused by %q, want %q", strings.Join(got, "/"), test.want)
			}
		})
	}
}

func TestAllowances(t *testing.T) {
	for _, test := range []struct {
		name       string
		add, going int
		removals   map[string]int
		additions  map[string]int
		want       string
	}{
		{"exactly as many", 0, 30, map[string]int{"a": 30}, nil, ""},
		{"fewer than there are", 0, 30, map[string]int{"a": 29}, nil, "allowance"},
		{"more than there are", 0, 30, map[string]int{"a": 31}, nil, "allowance"},
		{"nothing left to remove", 0, 0, map[string]int{"a": 30}, nil, ""},
		{"another number, below the limit", 0, 2, map[string]int{"a": 3}, nil, "allowance"},
		{"of another group", 0, 30, map[string]int{"b": 30}, nil, "removals"},
		{"additions, exactly as many", 60, 0, nil, map[string]int{"a": 60}, ""},
		{"additions, another number", 60, 0, nil, map[string]int{"a": 61}, "allowance"},
		{"additions, fewer than there are", 60, 0, nil, map[string]int{"a": 59}, "allowance"},
		{"additions do not allow removals", 60, 30, nil, map[string]int{"a": 60}, "removals"},
		{"both sides need their own", 60, 30, nil, nil, "removals, additions"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := policy()
			p.AllowRemovals, p.AllowAdditions = test.removals, test.additions
			groups := []plan.Group{change("a", 20, test.add, test.going)}
			plan.Judge(groups, nil, p)
			if got := rules(groups[0]); got != test.want {
				t.Errorf("refused by %q, want %q", got, test.want)
			}
		})
	}
}

// The allowance of a refusal, given to the next run, allows exactly this change.
func TestRefusalNamesTheWayOut(t *testing.T) {
	groups := []plan.Group{change("a", 2, 0, 30)}
	groups[0].Name = "Night's Shift"
	plan.Judge(groups, nil, policy())
	if r := groups[0].Refusals; len(r) != 1 || r[0].Allow.Removals != 30 || r[0].Removals != 30 || r[0].Members != 32 || r[0].Limit != (plan.Bound{Limit: "25%", Of: 32, Floor: 5, Most: 8}) {
		t.Errorf("Refusals = %+v, want one that 30 removals lift, with the numbers", r)
	}
	groups = []plan.Group{change("a", 2, 60, 0)}
	plan.Judge(groups, nil, policy())
	if r := groups[0].Refusals; len(r) != 1 || r[0].Allow.Additions != 60 {
		t.Errorf("Refusals = %+v, want --allow-additions a=60", r)
	}
}

func TestRejudge(t *testing.T) {
	p := policy()
	p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor, p.Limits.Remove = plan.Count(10), 0, plan.Count(7)
	groups := []plan.Group{change("a", 20, 0, 5), change("b", 20, 0, 5)}
	plan.Judge(groups, nil, p)
	if rules(groups[0])+rules(groups[1]) != "" {
		t.Fatalf("refused from the start: %q %q", rules(groups[0]), rules(groups[1]))
	}
	for _, test := range []struct {
		name  string
		again plan.Group
		want  string
	}{
		{"the new removals take the place of the old", change("b", 20, 0, 4), ""},
		{"as many as before", change("b", 20, 0, 5), ""},
		{"over the total", change("b", 20, 0, 6), "run total"},
		{"over its own limit", change("b", 40, 0, 8), "removals"},
		{"additions go on", change("b", 20, 3, 0), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := plan.Rejudge(groups, 1, test.again, nil, p)
			if rules(got) != test.want {
				t.Errorf("refused by %q, want %q", rules(got), test.want)
			}
			if rules(groups[0])+rules(groups[1]) != "" {
				t.Error("the others were changed")
			}
		})
	}
}

// A group that an allowance lets through is not part of the total when it is planned again. A group that has only
// additions is not refused because of the removals of others.
func TestRejudgeCountsAsJudge(t *testing.T) {
	p := policy()
	p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Count(4), 0
	p.AllowRemovals = map[string]int{"b": 6}
	groups := []plan.Group{change("a", 20, 0, 4), change("b", 20, 0, 6)}
	plan.Judge(groups, nil, p)
	if got := plan.Rejudge(groups, 1, change("b", 20, 0, 6), nil, p); rules(got) != "" {
		t.Errorf("an allowed group: refused by %q", rules(got))
	}
	groups[0] = change("a", 20, 0, 5) // over the total on its own, as after an edit of the file
	if got := plan.Rejudge(groups, 1, change("b", 20, 2, 0), nil, p); rules(got) != "" {
		t.Errorf("a group that only gains: refused by %q", rules(got))
	}
}

// An allowance for a group that has nothing to remove leaves its members in the total.
func TestUnusedAllowanceCounts(t *testing.T) {
	p := policy()
	p.Limits.RemoveTotal, p.Limits.RemoveTotalFloor = plan.Percent(10), 0
	p.AllowRemovals = map[string]int{"b": 3}
	groups := []plan.Group{change("a", 18, 0, 3), change("b", 9, 0, 0)}
	plan.Judge(groups, nil, p)
	if rules(groups[0]) != "" {
		t.Errorf("refused by %q: 3 of 30 are 10%%", rules(groups[0]))
	}
}

func TestRefuseDuplicates(t *testing.T) {
	groups := []plan.Group{change("a", 1, 0, 0), change("b", 1, 0, 0), change("c", 1, 0, 0), change("d", 0, 0, 0), change("e", 1, 0, 0)}
	groups[1].ID = groups[0].ID
	groups[3].ID, groups[2].ID = "", "" // groups that were not found are not the same group
	groups[1].State = plan.InStep       // the other entry may undo that
	plan.RefuseDuplicates(groups)
	for _, g := range groups[:2] {
		if g.State != plan.Refused {
			t.Errorf("group %s is %q, want it refused", g.Name, g.State)
		}
	}
	for i, want := range []string{"twins", "twins", "", "", ""} {
		if got := rules(groups[i]); got != want {
			t.Errorf("group %d refused by %q, want %q", i, got, want)
		}
	}
}

// Found by the simulation: six members without a person, one of them a leaver, and five people without an account. Entra
// did not answer the question who the leaver is.
func TestBrokenMatchWhereEntraDoesNotAnswer(t *testing.T) {
	for _, failure := range []*membership.Reason{nil, {Cause: membership.Unavailable, Detail: "503"}} {
		g := compare(plan.Rule{Name: "a"}, policy(), "new "+many("k", 4), many("k", 4)+" "+many("m", 6), "new "+many("k", 4)+" "+many("m", 6))
		g = unresolved(g, 5)
		g.People = 10
		plan.Ask(&g, policy(), map[string][]string{"m6@x": {"somebody else"}}, failure)
		groups := []plan.Group{g}
		plan.Judge(groups, nil, policy())
		if rules(groups[0]) != "broken match" {
			t.Errorf("failure %v: refused by %q", failure, rules(groups[0]))
		}
	}
}

// If people find no account, match or the provisioning is wrong, unless the entry accepts this.
func TestNoMatch(t *testing.T) {
	for _, test := range []struct {
		name    string
		people  int
		none    int
		edit    func(*plan.Group)
		rule    plan.Rule
		refused bool
	}{
		{name: "nobody finds one", people: 4, none: 4, refused: true},
		{name: "one of many does", people: 4, none: 3},
		{name: "the source is empty"},
		{name: "fewer than half do on the first run", people: 5, none: 3, edit: func(g *plan.Group) { g.New = true }, refused: true},
		{name: "half do on the first run", people: 4, none: 2, edit: func(g *plan.Group) { g.New = true }},
		{name: "inactive accounts are accounts", people: 1, none: 1, edit: func(g *plan.Group) { g.Unresolved[0].Reason = plan.Inactive }},
		{name: "the entry says that it is meant", people: 4, none: 4, rule: plan.Rule{Unmatched: true}},
	} {
		g := unresolved(change("a", 20, 0, 0), test.none)
		if g.People = test.people; test.edit != nil {
			test.edit(&g)
		}
		groups := []plan.Group{g}
		test.rule.Name = "a"
		plan.Judge(groups, []plan.Rule{test.rule}, policy())
		if got := rules(groups[0]) == "no match"; got != test.refused {
			t.Errorf("%s: refused by %q", test.name, rules(groups[0]))
		}
	}
}
