package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
)

// factsOf returns what a report says about a group that was examined.
func factsOf(x pipeline.Examination) report.GroupFacts {
	facts := report.GroupFacts{
		Entra: map[string]report.SourceFacts{}, RuleMembers: x.RuleMembers, Accepted: x.Accepted, Undone: x.Undone,
		Unlimited: x.Unlimited, Swapped: x.Swapped, Unknown: x.Unknown,
		Genesys: report.TargetFacts{
			Social: x.Genesys.Social(), Private: x.Genesys.Private(), Skills: x.Genesys.Conditions,
			Bytes: x.Bytes, MaxBytes: x.MaxBytes,
		},
	}
	if x.Genesys.IncludeOwners {
		facts.Genesys.Owners = x.Genesys.Owners
	}
	for id, source := range x.Entra {
		listed := graph.ListedGroup{Kinds: source.Kinds}
		facts.Entra[id] = report.SourceFacts{
			Dynamic: listed.Is(graph.Dynamic), Paused: strings.EqualFold(source.Processing, "Paused"),
			Exchange: listed.Is(graph.MailEnabledSecurity, graph.Distribution),
			Nested:   source.Nested, Taken: x.TakesNested, Others: source.Others,
		}
	}
	return facts
}

// rules says of which groups it is not known whether Genesys computes members by their skills, once for all of them.
func (c *checkup) rules(groups []pipeline.Examination) {
	var names []string
	var first error
	for _, x := range groups {
		if err := x.Genesys.ConditionsErr; err != nil {
			names, first = append(names, x.Plan.Name), cmp.Or(first, err)
		}
	}
	switch {
	case first == nil:
	case membership.CauseOf(first) == membership.Denied:
		c.add(report.CheckSkip, checkRules, "whether these groups get members by their skills is known only with %s: %s",
			genesys.ConditionsPermission, strings.Join(names, ", "))
	default:
		c.add(report.CheckSkip, checkRules, "whether these groups get members by their skills is not known: %s: %v",
			strings.Join(names, ", "), first)
		c.hint(membership.HintOf(first))
	}
}

// keys tells which other keys find people without an account. Whether they should is for the admin to decide.
func (c *checkup) keys(better pipeline.Alternatives) {
	if better.Err != nil {
		c.add(report.CheckWarn, checkMatch, "%v", better.Err)
	}
	for _, key := range better.Keys() {
		found := better.Found[key]
		c.add(report.CheckWarn, checkMatch, "%s finds %d of %d people who have no account by the other keys: %s has %s",
			key, len(found), better.Tried, found[0].UserPrincipalName, found[0].UserName)
		c.hint(fmt.Sprintf("if that is right for all of them, add %s to match", key))
	}
}
