package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// Each rule says what it has compared.
func TestRefusals(t *testing.T) {
	read := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	share := plan.Bound{Limit: "25%", Of: 20, Floor: 5, Most: 5}
	gone := plan.Kept{Entry: plan.Entry{ID: "g-1"}, Reason: plan.KeptProtected}
	for _, test := range []struct {
		refusal plan.Refusal
		want    string
	}{
		{plan.Refusal{Rule: plan.NoMatch, People: 1}, "Entra names 1 person, and they have no account in Genesys"},
		{plan.Refusal{Rule: plan.NoMatch, Why: plan.FirstRun, People: 9, Matched: 3},
			"Entra names 9 people, and only 3 of them have an account in Genesys, on the first run for this group"},
		{plan.Refusal{Rule: plan.BrokenMatch, Lost: 5, Members: 12, People: 6},
			"5 of 12 members have no person in Entra while 6 people find no account: it looks as if the names changed"},
		{plan.Refusal{Rule: plan.OtherAllowance, Removals: 9, Members: 12, Allowed: 8}, "would remove 9 of 12 members, and --allow-removals lets exactly 8 through"},
		{plan.Refusal{Rule: plan.OtherAllowance, Additions: 1, Members: 12, Allowed: 8}, "would add 1 person, and --allow-additions lets exactly 8 through"},
		{plan.Refusal{Rule: plan.WouldBeEmpty, Why: plan.Emptied, Removals: 1, Members: 1}, "would lose the only member and be empty"},
		{plan.Refusal{Rule: plan.WouldBeEmpty, Why: plan.NobodyWanted, Removals: 2, Members: 3},
			"would remove 2 of 3 members, while Entra names nobody who has an account"},
		{plan.Refusal{Rule: plan.WouldBeEmpty, Why: plan.AllReplaced, Removals: 3, Members: 3}, "would lose all 3 members that it has"},
		{plan.Refusal{Rule: plan.TooManyRemovals, Removals: 6, Members: 20, Limit: share},
			"would remove 6 of 20 members; the limit is 25% of 20, at least 5: 5"},
		{plan.Refusal{Rule: plan.TooManyRemovals, Removals: 1, Members: 20, Limit: plan.Bound{Limit: "0%"}}, "would remove 1 of 20 members; the limit is 0%"},
		{plan.Refusal{Rule: plan.TooManyAdded, Additions: 2, Limit: plan.Bound{Limit: "1", Most: 1}}, "would add 2 people to an empty group; the limit is 1"},
		{plan.Refusal{Rule: plan.TooManyAdded, Additions: 6, Members: 20, Limit: share}, "would add 6 people to 20 members; the limit is 25% of 20, at least 5: 5"},
		{plan.Refusal{Rule: plan.OverTotal, Removals: 2, Members: 9, Run: plan.RunTotal{Removals: 6, Members: 20}, Limit: share},
			"would remove 2 of 9 members, and the run would remove 6 of 20 members in all its groups; the limit is 25% of 20, at least 5: 5"},
		{plan.Refusal{Rule: plan.TooLarge, Members: 4, Bytes: 30, MaxBytes: 20}, "its 4 members would take 30 bytes, and Genesys takes 20 at most"},
		{plan.Refusal{Rule: plan.Unsettled, Count: 2}, "the last 2 runs have written just these members, and Genesys did not show them"},
		{plan.Refusal{Rule: plan.OlderFile, Read: read, LastRead: read.Add(time.Hour)},
			"who belongs was read at 2026-11-24T06:00:00Z, and the group was last made to have what was read at 2026-11-24T07:00:00Z"},
		{plan.Refusal{Rule: plan.DuplicateMapping, Count: 2}, "2 entries of the configuration are this one Genesys group"},
		{plan.Refusal{Rule: plan.DuplicateMapping, Count: 2, Who: []string{"A", "B"}}, "2 entries of the configuration are this one Genesys group: A, B"},
		{plan.Refusal{Rule: plan.OtherMapping, Why: plan.NoEntry}, "no entry of the present configuration leads to this group"},
		{plan.Refusal{Rule: plan.OtherMapping, Why: plan.OtherGroups}, "the present configuration feeds it from other Entra groups than the plan"},
		{plan.Refusal{Rule: plan.OtherMapping, Why: plan.OtherSource, Source: "nested", Filed: "direct"},
			"the present configuration takes people in another way (nested) than the plan (direct)"},
		{plan.Refusal{Rule: plan.OtherMode, Why: plan.IsPaused}, "the present configuration has it paused"},
		{plan.Refusal{Rule: plan.OtherMode, Why: plan.IsAddOnly, Removals: 3}, "the plan removes 3 members, and the present mode is add-only"},
		{plan.Refusal{Rule: plan.OtherMode, Why: plan.NoRemovals, Removals: 3}, "the plan removes 3 members, and this run removes nobody"},
		{plan.Refusal{Rule: plan.IsExcluded, Who: []string{"a@x", "b@x"}}, "the plan adds a@x, b@x, and exclude names them now"},
		{plan.Refusal{Rule: plan.IsProtected, Who: []string{"a@x"}}, "the plan removes a@x, and protect names them now"},
		{plan.Refusal{Rule: plan.IsNotUser, Who: []string{"t"}}, "the plan removes t, and that is no user"},
		{plan.Refusal{Rule: plan.IsUnseen, Who: []string{"u"}}, "the plan removes u, and no listing of users has them"},
		{plan.Refusal{Rule: plan.BadMembers, Who: []string{"g-1"}, Inactive: []string{"s@x"}, Stays: []plan.Kept{gone}, Said: "400"},
			"Genesys refuses the members: Genesys does not know these members: g-1; these members are inactive: s@x; make them active, or take " +
				"them out of the group in Genesys; g-1 stays (protected); this run removes nobody from the group; it says: 400"},
		{plan.Refusal{Rule: "a rule to come", Text: "its words"}, "its words"},
	} {
		o := standing("Sales", push.Refused, plan.Group{Mode: plan.AddOnly, Refusals: []plan.Refusal{test.refusal}})
		if got, want := printed(t, report.Text{}, o), "Sales: refused: "+test.want+"\n"; !strings.HasPrefix(got, want) {
			t.Errorf("%s %s: got\n%swant\n%s", test.refusal.Rule, test.refusal.Why, got, want)
		}
	}
	o := standing("Sales", push.Refused, plan.Group{Refusals: []plan.Refusal{{Rule: plan.IsNotUser, Who: []string{"t"}}, {Rule: plan.Unsettled, Count: 2}}})
	o.Detail = "before that this run had added 1 and removed 1"
	want := "Sales: refused: the plan removes t, and that is no user; the last 2 runs have written just these members, and Genesys did not " +
		"show them; before that this run had added 1 and removed 1\n"
	if got := printed(t, report.Text{}, o); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
