package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// advised is how many individually added members a group may have at most by the advice of the vendor (Genesys Cloud Resource
// Center, "Groups overview").
const advised = 1000

// GroupFacts is what is known of a group beyond its plan.
type GroupFacts struct {
	Entra       map[string]SourceFacts // by Entra group
	Genesys     TargetFacts
	RuleMembers []string // members who are no individual members, if the plan does not refuse the group for them
	Accepted    bool     // the entry has rules: accept
	Undone      []string // accounts whose change somebody else undoes again and again
	Provisioned []string // enterprise applications of Entra that manage the group too
	Unlimited   bool     // the limit of removals is a number that is not smaller than the group
	Swapped     bool     // there is no such Genesys group, and its id is that of an Entra group
	Unknown     []error  // what could not be found out
}

// SourceFacts is what is known of an Entra group beside its members.
type SourceFacts struct {
	Dynamic  bool
	Paused   bool           // Entra does not compute its members at present
	Exchange bool           // Exchange manages its members
	Nested   int            // groups that are nested in it
	Taken    bool           // the entry takes their members
	Others   map[string]int // objects that are neither users nor groups, by their type
}

// TargetFacts is what is known of a Genesys group beside its members.
type TargetFacts struct {
	Social, Private, Skills bool
	Owners                  int // who are members as owners
	Bytes, MaxBytes         int // of a PUT of its members
}

// GroupChecks returns the checks of one group, from what a run would do about it. The first one is about its plan.
func GroupChecks(o push.Outcome, f GroupFacts) []Check {
	g := o.Group
	check := func(result CheckResult, text, hint string) Check {
		one := Check{Name: g.Name, Result: result, Text: text, Hint: hint}
		if result == CheckWarn || result == CheckFail {
			one.shape = text
		}
		return one
	}
	checks := append([]Check{planCheck(o, check)}, peopleChecks(g, check)...)
	if n := len(g.Members); n > advised {
		text := fmt.Sprintf("it would have %d members, and Genesys advises %d at most", n, advised)
		checks = append(checks, check(CheckWarn, text, ""))
	}
	for _, id := range slices.Sorted(maps.Keys(f.Entra)) {
		checks = append(checks, f.Entra[id].checks("Entra group "+id, check)...)
	}
	checks = append(checks, f.Genesys.checks(check)...)
	if f.Unlimited {
		text := fmt.Sprintf("limits.remove is a number, and the group has only %s, so that the limit stops no removal",
			members(g.Found()))
		unlimited := check(CheckWarn, text, "a share, such as 25%, fits groups of every size")
		unlimited.shape = outlined(text, o)
		checks = append(checks, unlimited)
	}
	if f.Swapped {
		checks = append(checks,
			check(CheckWarn, "the id under genesys is that of an Entra group", "swap entra and genesys of the entry"))
	}
	checks = append(checks, f.masterChecks(check)...)
	if len(f.RuleMembers) > 0 {
		r := plan.Refusal{Rule: plan.RuleMembers, Members: g.Found(), Who: f.RuleMembers}
		rules := check(CheckWarn, refusalText(g, r), "")
		if !f.Accepted {
			rules.Result, rules.Status, rules.Hint = CheckFail, Refused, refusalHint(r)
		}
		checks = append(checks, rules)
	}
	for _, err := range f.Unknown {
		unknown := check(CheckWarn, err.Error(), membership.HintOf(err))
		unknown.shape = outlined(unknown.Text, o)
		checks = append(checks, unknown)
	}
	return checks
}

// planCheck returns the check of what a run would do about the group.
func planCheck(o push.Outcome, check newCheck) Check {
	one := check(CheckOK, head(o, false), o.Hint)
	if status := OfOutcomes([]push.Outcome{o}); status != OK {
		one.Result, one.Status, one.shape = CheckFail, status, one.Text
		if failed(o.Status) {
			one.shape = outlined(one.Text, o)
		}
		var hints []string
		for _, m := range newSection(o, false).messages {
			hints = append(hints, strings.Join(append([]string{m.text}, m.flags...), " "))
		}
		one.Hint = strings.Join(hints, "\n")
	}
	if o.Status == push.Paused {
		one.Result = CheckSkip
	}
	return one
}

// masterChecks returns the checks that show a second master of the group.
func (f GroupFacts) masterChecks(check newCheck) []Check {
	var checks []Check
	if len(f.Provisioned) > 0 {
		text := "Entra's own provisioning also manages this group: enterprise application " + strings.Join(f.Provisioned, ", ")
		checks = append(checks, check(CheckWarn, text, "take the group out of the scope of that application; otherwise both undo "+
			"each other's changes"))
	}
	if len(f.Undone) > 0 {
		text := fmt.Sprintf("somebody else keeps undoing what callroll does about %s: %s",
			persons(len(f.Undone)), firstNames(f.Undone))
		checks = append(checks, check(CheckWarn, text,
			"look for a second master of the group: the provisioning app of Entra, another tool, or an admin"))
	}
	return checks
}

// peopleChecks returns the checks about people who belong to the group and cannot be added.
func peopleChecks(g plan.Group, check newCheck) []Check {
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
