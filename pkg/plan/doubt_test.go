package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// doubtful returns a group with the members ann and bob, who are not in Entra, and the person new, who has no account.
func doubtful(p plan.Policy) plan.Group {
	g := compare(plan.Rule{Name: "a"}, p, "carl new", "ann bob carl", "ann bob carl")
	g.Name = "a"
	return g
}

func TestAsk(t *testing.T) {
	denied := &membership.Reason{Cause: membership.Denied, Detail: "403"}
	for _, test := range []struct {
		name    string
		known   map[string][]string
		failure *membership.Reason
		release []string
		want    string
		held    int
	}{
		{"known as an unresolved person: renamed", map[string][]string{"ann@x": {"p-new"}, "bob@x": {"p-z"}}, nil, nil, "-bob =ann(renamed) ?new(none)", 0},
		{"known as somebody else: a leaver", map[string][]string{"ann@x": {"p-y"}, "bob@x": {"p-z"}}, nil, nil, "-ann -bob ?new(none)", 0},
		{"known to nobody: held", map[string][]string{"bob@x": {"p-z"}}, nil, nil, "-bob =ann(held) ?new(none)", 1},
		{"several of that name, one of them unresolved: renamed", map[string][]string{"ann@x": {"p-y", "p-new"}, "bob@x": {"p-z"}}, nil, nil, "-bob =ann(renamed) ?new(none)", 0},
		{"Entra could not say: all are held", map[string][]string{"bob@x": {"p-z"}}, denied, nil, "=ann(held) =bob(held) ?new(none)", 2},
		{"released: a leaver, once", map[string][]string{"bob@x": {"p-z"}}, nil, []string{"ANN@x"}, "-ann -bob ?new(none)", 0},
		{"released although Entra could not say", nil, denied, []string{"id-ann"}, "-ann =bob(held) ?new(none)", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := policy()
			p.Release = map[string][]plan.Pattern{"a": pattern(t, test.release...)}
			g := doubtful(p)
			plan.Ask(&g, p, test.known, test.failure)
			if got := short(g); got != test.want || g.Held() != test.held || !g.Asked {
				t.Errorf("%q with %d held, want %q with %d", got, g.Held(), test.want, test.held)
			}
			if g.Key != plan.IdempotencyKey(g.ID, g.Members) || g.Found() != 3 {
				t.Errorf("the members to be do not fit the changes: %v", g.Members)
			}
			if test.held > 0 && g.Doubt != test.failure {
				t.Errorf("why they are held: %v", g.Doubt)
			}
		})
	}
}

// Without unresolved people, nobody is in doubt. A person with an inactive account is not unresolved in this sense.
func TestNobodyIsInDoubt(t *testing.T) {
	g := compare(plan.Rule{Name: "a"}, policy(), "carl dora", "ann carl", "ann carl dora!")
	if doubts := plan.InDoubt(g, policy()); len(doubts) != 0 {
		t.Errorf("in doubt: %v", doubts)
	}
	before := short(g)
	plan.Ask(&g, policy(), nil, nil)
	if short(g) != before || g.Asked {
		t.Errorf("%q, want %q as before", short(g), before)
	}
}

func TestHeldGroupIsInStep(t *testing.T) {
	p := policy()
	g := compare(plan.Rule{Name: "Night Shift"}, p, "carl new", "ann carl", "ann carl")
	plan.Ask(&g, p, nil, nil)
	if g.State != plan.InStep {
		t.Errorf("state %q, want in step: there is nothing to write", g.State)
	}
	if diff := cmp.Diff([]string{"id-ann"}, g.HeldIDs()); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}

func TestRenamedSaysTheNewName(t *testing.T) {
	g := doubtful(policy())
	plan.Ask(&g, policy(), map[string][]string{"ann@x": {"p-new"}}, nil)
	for _, k := range g.Keep {
		if k.Reason == plan.KeptRenamed && k.Person != "new@x" {
			t.Errorf("renamed to %q, want new@x", k.Person)
		}
	}
}

// A broken match is found whatever Entra answers: renamed and held members count, known leavers do not.
func TestBrokenMatchAfterAsking(t *testing.T) {
	members := many("m", 20)
	news := many("n", 6)
	for _, test := range []struct {
		name  string
		known func(i int) []string
		want  string
	}{
		{"nobody knows them", func(int) []string { return nil }, "broken match"},
		{"all are renamed", func(i int) []string { return []string{"p-n" + string(rune('1'+i))} }, "broken match"},
		{"all have left", func(int) []string { return []string{"p-left"} }, "removals"},
	} {
		stay := strings.Join(strings.Fields(members)[6:], " ")
		g := compare(plan.Rule{Name: "a"}, policy(), stay+" "+news, members, members)
		known := map[string][]string{}
		for i, e := range g.Remove {
			if ids := test.known(i); ids != nil {
				known[e.UserName] = ids
			}
		}
		plan.Ask(&g, policy(), known, nil)
		groups := []plan.Group{g}
		plan.Judge(groups, nil, policy())
		if got := rules(groups[0]); got != test.want {
			t.Errorf("%s: refused by %q, want %q", test.name, got, test.want)
		}
	}
}

// Renamed people are in Entra. A group whose last members are renamed does not have an empty source.
func TestRenamedPeopleAreWanted(t *testing.T) {
	g := compare(plan.Rule{Name: "a"}, policy(), "new", "ann bob carl", "ann bob carl")
	plan.Ask(&g, policy(), map[string][]string{"ann@x": {"p-new"}, "bob@x": {"p-left"}, "carl@x": {"p-left"}}, nil)
	groups := []plan.Group{g}
	plan.Judge(groups, nil, policy())
	if got := rules(groups[0]); got != "" {
		t.Errorf("refused by %q", got)
	}
}

// A kept member is active or inactive as in the listing, because a refused PUT is explained by this state.
func TestWhoIsHeldKeepsTheirState(t *testing.T) {
	g := compare(plan.Rule{Name: "a"}, policy(), "carl new", "ann bob carl", "ann! bob carl")
	plan.Ask(&g, policy(), nil, nil)
	if len(g.Keep) != 2 || g.Keep[0].Active || !g.Keep[1].Active {
		t.Errorf("got %+v", g.Keep)
	}
	bob := []plan.Entry{{ID: "id-bob"}}
	for _, p := range []plan.Policy{{NoRemovals: true}, {}} {
		rule := plan.Rule{Protect: pattern(t, "bob@x")}
		awake, asleep := plan.FromChanges(rule, p, present("bob", "bob"), nil, bob), plan.FromChanges(rule, p, present("bob", "bob!"), nil, bob)
		if len(awake.Keep) != 1 || !awake.Keep[0].Active || len(asleep.Keep) != 1 || asleep.Keep[0].Active {
			t.Errorf("an undo: got %+v and %+v", awake.Keep, asleep.Keep)
		}
	}
	rule := plan.Rule{}
	if undo := plan.FromChanges(rule, plan.Policy{NoRemovals: true}, present("bob", "bob"), nil, bob); len(undo.Keep) != 1 || !undo.Keep[0].Active {
		t.Errorf("an undo that removes nobody: got %+v", undo.Keep)
	}
}
