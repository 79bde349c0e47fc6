package plan_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

func TestAllowChanges(t *testing.T) {
	two := []plan.Entry{{ID: "1"}, {ID: "2"}}
	for _, test := range []struct {
		group plan.Group
		want  plan.Allowance
	}{
		{plan.Group{Remove: two, Add: two[:1]}, plan.Allowance{Removals: 2}},
		{plan.Group{Remove: two[:1], Add: two}, plan.Allowance{Removals: 1}},
		{plan.Group{Add: two}, plan.Allowance{Additions: 2}},
	} {
		if diff := cmp.Diff(&test.want, plan.AllowChanges(test.group)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

// A release is offered only if everybody whom Genesys does not know would be removed by it.
func TestRefuseMembers(t *testing.T) {
	kept := func(id string, reason plan.KeepReason) plan.Kept {
		return plan.Kept{Entry: plan.Entry{ID: id, UserName: id + "@x"}, Reason: reason}
	}
	noName := plan.Kept{Entry: plan.Entry{ID: "3"}, Reason: plan.KeptUnseen}
	for _, test := range []struct {
		name              string
		group             plan.Group
		missing, inactive []plan.Kept
		want              plan.Refusal
	}{
		{"in no listing", plan.Group{}, []plan.Kept{kept("1", plan.KeptUnseen), noName}, nil,
			plan.Refusal{Who: []string{"1@x", "3"}, Allow: &plan.Allowance{Release: []string{"1", "3"}}}},
		{"one is protected", plan.Group{}, []plan.Kept{kept("1", plan.KeptUnseen), kept("2", plan.KeptProtected)}, nil,
			plan.Refusal{Who: []string{"1@x", "2@x"}, Stays: []plan.Kept{kept("2", plan.KeptProtected)}}},
		{"add-only", plan.Group{Mode: plan.AddOnly}, []plan.Kept{noName}, nil, plan.Refusal{Who: []string{"3"}}},
		{"without removals", plan.Group{NoRemovals: true}, []plan.Kept{noName}, nil, plan.Refusal{Who: []string{"3"}}},
		{"inactive", plan.Group{}, nil, []plan.Kept{kept("4", plan.KeptInactive)}, plan.Refusal{Inactive: []string{"4@x"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			g, want := test.group, test.want
			plan.RefuseMembers(&g, test.missing, test.inactive, "no such member")
			want.Rule, want.Said = plan.BadMembers, "no such member"
			if diff := cmp.Diff([]plan.Refusal{want}, g.Refusals); diff != "" || g.State != plan.Refused {
				t.Errorf("%s: -want +got\n%s", g.State, diff)
			}
		})
	}
}

func TestRefuseSaysNothingTwice(t *testing.T) {
	var g plan.Group
	for _, r := range []plan.Refusal{{Rule: "a"}, {Rule: "b", Who: []string{"1"}}, {Rule: "a"}, {Rule: "b", Who: []string{"2"}}} {
		g.Refuse(r)
	}
	if rules(g) != "a, b, b" {
		t.Errorf("refused by %q", rules(g))
	}
	g.HintRefusals("first")
	g.HintRefusals("second")
	if g.Refusals[0].Hint != "first" || g.Refusals[1].Hint != "" {
		t.Errorf("hints %q, %q", g.Refusals[0].Hint, g.Refusals[1].Hint)
	}
	given := plan.Group{Refusals: []plan.Refusal{{Rule: "a"}, {Rule: "b", Hint: "of b"}}}
	given.HintRefusals("first")
	if given.Refusals[0].Hint != "" {
		t.Errorf("a second hint: %q", given.Refusals[0].Hint)
	}
	var none plan.Group
	none.HintRefusals("first")
	if len(none.Refusals) != 0 || none.State != "" {
		t.Errorf("a hint makes a refusal: %+v", none.Refusals)
	}
}

func TestUndoneNote(t *testing.T) {
	note := plan.UndoneNote([]string{"ann@x", "bob@x"})
	if want := "somebody, or another program, keeps undoing what callroll does with ann@x, bob@x"; note != want {
		t.Errorf("%q, want %q", note, want)
	}
	if !plan.IsUndoneNote(note) || plan.IsUndoneNote("ann@x") {
		t.Error("the note is not told apart")
	}
}

// Whatever ends a group without changes shows none, in the shape of every plan.
func TestGroupsWithoutChanges(t *testing.T) {
	compared := compare(plan.Rule{Name: "a"}, policy(), "ann carl", "ann bob", "ann bob carl")
	reason := membership.Reason{Cause: membership.Unavailable, Detail: "no answer"}
	incomplete, left := plan.Incomplete(compared, reason), plan.Skip(plan.Rule{Name: "b"}, "g2")
	if incomplete.State != plan.Unreadable || *incomplete.Incomplete != reason || incomplete.ID != compared.ID {
		t.Errorf("%s %+v", incomplete.State, incomplete.Incomplete)
	}
	if left.State != plan.Skipped || left.ID != "g2" || left.Name != "b" {
		t.Errorf("left alone: %s %s %s", left.State, left.ID, left.Name)
	}
	for _, g := range []plan.Group{incomplete, left} {
		if g.Add == nil || g.Remove == nil || g.Members == nil || len(g.Add)+len(g.Remove)+len(g.Members) > 0 || g.Key != "" {
			t.Errorf("%s: +%v -%v %v key %q", g.State, g.Add, g.Remove, g.Members, g.Key)
		}
		if g.WasCompared() {
			t.Errorf("%s counts as compared", g.State)
		}
		if asked := plan.ToConfirm(g); len(asked) > 0 {
			t.Errorf("%s: asked about %v", g.State, asked)
		}
	}
	if !compared.WasCompared() {
		t.Errorf("%s does not count as compared", compared.State)
	}
	refused := compared
	refused.Add = slices.Clone(compared.Add)
	refused.Add[0].Person = "carl.new@x"
	refused.State = plan.Refused
	if asked := plan.ToConfirm(refused); len(asked) > 0 {
		t.Errorf("a refused group is asked about: %v", asked)
	}
}
