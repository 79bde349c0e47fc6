package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// advised is how many individually added members a group may have at most by the advice of the vendor (Genesys Cloud Resource
// Center, "Groups overview").
const advised = 1000

// GroupFacts is what is known of a group beyond its plan.
type GroupFacts struct {
	Nested      map[string]int // by Entra group: how many groups are nested in it, and not taken
	RuleMembers []string       // members who are no individual members, if the plan does not refuse the group for them
	Accepted    bool           // the entry has rules: accept
	Unknown     []error        // what could not be found out
}

// GroupChecks returns the checks of one group, from what a run would do about it. The first one is about its plan.
func GroupChecks(o push.Outcome, f GroupFacts) []Check {
	g := o.Group
	check := func(result CheckResult, text, hint string) Check {
		return Check{Name: g.Name, Result: result, Text: text, Hint: hint}
	}
	first := check(CheckOK, head(o, false), o.Hint)
	if status := OfOutcomes([]push.Outcome{o}); status != OK {
		first.Result, first.Status = CheckFail, status
		var hints []string
		for _, m := range newSection(o, false).messages {
			hints = append(hints, strings.Join(append([]string{m.text}, m.flags...), " "))
		}
		first.Hint = strings.Join(hints, "\n")
	}
	if o.Status == push.Paused {
		first.Result = CheckSkip
	}
	checks := []Check{first}
	checks = append(checks, peopleChecks(g, check)...)
	if n := len(g.Members); n > advised {
		text := fmt.Sprintf("it would have %d members, and Genesys advises %d at most", n, advised)
		checks = append(checks, check(CheckWarn, text, ""))
	}
	for _, id := range slices.Sorted(maps.Keys(f.Nested)) {
		text := "1 group is"
		if n := f.Nested[id]; n > 1 {
			text = fmt.Sprintf("%d groups are", n)
		}
		checks = append(checks, check(CheckWarn, text+" nested in Entra group "+id+", and the entry does not take its members",
			"nested: true in the entry takes them"))
	}
	if len(f.RuleMembers) > 0 {
		r := plan.Refusal{Rule: plan.RuleMembers, Members: g.Found(), Who: f.RuleMembers}
		rules := check(CheckWarn, refusalText(g, r), "")
		if !f.Accepted {
			rules.Result, rules.Status, rules.Hint = CheckFail, Refused, refusalHint(r)
		}
		checks = append(checks, rules)
	}
	for _, err := range f.Unknown {
		checks = append(checks, check(CheckWarn, err.Error(), ""))
	}
	return checks
}

// peopleChecks returns the checks about people who belong to the group and cannot be added.
func peopleChecks(g plan.Group, check func(CheckResult, string, string) Check) []Check {
	byReason := map[string][]string{}
	for _, u := range g.Unresolved {
		byReason[u.Reason] = append(byReason[u.Reason], u.UserPrincipalName)
	}
	var checks []Check
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		who := byReason[reason]
		text := fmt.Sprintf("%s: %s: %s", persons(len(who)), unresolvedText(plan.Unresolved{Reason: reason}), firstNames(who))
		checks = append(checks, check(CheckWarn, text, "callroll explain "+who[0]+" says what was looked for"))
	}
	return checks
}
