package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// detailOf says why a group did not end well. For a refused group that is the text of its refusals.
func detailOf(o push.Outcome) string {
	if o.Status != push.Refused {
		return o.Detail
	}
	texts := list.Map(o.Group.Refusals, func(r plan.Refusal) string { return refusalText(o.Group, r) })
	if o.Detail != "" {
		texts = append(texts, o.Detail)
	}
	return strings.Join(texts, "; ")
}

// refusalText returns the text of a refusal.
func refusalText(g plan.Group, r plan.Refusal) string {
	who := strings.Join(r.Who, ", ")
	switch r.Rule {
	case plan.NoMatch:
		return noMatchText(r)
	case plan.BrokenMatch:
		return fmt.Sprintf("%d of %d members have no person in Entra while %d people find no account: it looks as if the names changed",
			r.Lost, r.Members, r.People)
	case plan.OtherAllowance:
		if r.Additions > 0 {
			return fmt.Sprintf("would add %s, and --allow-additions lets exactly %d through", persons(r.Additions), r.Allowed)
		}
		return fmt.Sprintf("%s, and --allow-removals lets exactly %d through", removals(r), r.Allowed)
	case plan.WouldBeEmpty:
		return emptyText(r)
	case plan.TooManyRemovals:
		return fmt.Sprintf("%s; %s", removals(r), limitText(r.Limit))
	case plan.TooManyAdded:
		to := fmt.Sprintf("%d members", r.Members)
		if r.Members == 0 {
			to = "an empty group"
		}
		return fmt.Sprintf("would add %s to %s; %s", persons(r.Additions), to, limitText(r.Limit))
	case plan.OverTotal:
		return fmt.Sprintf("%s, and the run would remove %d of %d members in all its groups; %s",
			removals(r), r.Run.Removals, r.Run.Members, limitText(r.Limit))
	case plan.TooLarge:
		return fmt.Sprintf("its %d members would take %d bytes, and Genesys takes %d at most", r.Members, r.Bytes, r.MaxBytes)
	case plan.Unsettled:
		return fmt.Sprintf("the last %d runs have written just these members, and Genesys did not show them", r.Count)
	case plan.OlderFile:
		return fmt.Sprintf("who belongs was read at %s, and the group was last made to have what was read at %s",
			r.Read.Format(time.RFC3339), r.LastRead.Format(time.RFC3339))
	case plan.DuplicateMapping:
		text := fmt.Sprintf("%d entries of the configuration are this one Genesys group", r.Count)
		if who != "" {
			text += ": " + who
		}
		return text
	case plan.OtherMapping:
		return mappingText(r)
	case plan.OtherMode:
		return modeText(r)
	case plan.IsExcluded:
		return "the plan adds " + who + ", and exclude names them now"
	case plan.IsProtected:
		return "the plan removes " + who + ", and protect names them now"
	case plan.IsNotUser:
		return "the plan removes " + who + ", and that is no user"
	case plan.IsUnseen:
		return "the plan removes " + who + ", and no listing of users has them"
	case plan.BadMembers:
		return badMembersText(g, r)
	case plan.RuleMembers:
		return ruleMembersText(r)
	}
	return r.Text // a rule of another version, in a plan file
}

func removals(r plan.Refusal) string {
	return fmt.Sprintf("would remove %d of %d members", r.Removals, r.Members)
}

func limitText(b plan.Bound) string {
	if b.Of == 0 {
		return "the limit is " + b.Limit
	}
	return fmt.Sprintf("the limit is %s of %d, at least %d: %d", b.Limit, b.Of, b.Floor, b.Most)
}

func noMatchText(r plan.Refusal) string {
	text := fmt.Sprintf("Entra names %s, and %s in Genesys", persons(r.People), haveAccount(r.People, r.Matched))
	if r.Why == plan.FirstRun {
		text += ", on the first run for this group"
	}
	return text
}

// haveAccount says how many of a number of people have an account.
func haveAccount(all, found int) string {
	switch {
	case found <= 0 && all == 1:
		return "they have no account"
	case found <= 0:
		return "none of them has an account"
	case found == 1:
		return "only one of them has an account"
	}
	return fmt.Sprintf("only %d of them have an account", found)
}

func emptyText(r plan.Refusal) string {
	all := fmt.Sprintf("all %d members", r.Members)
	if r.Members == 1 {
		all = "the only member"
	}
	switch r.Why {
	case plan.Emptied:
		return "would lose " + all + " and be empty"
	case plan.NobodyWanted:
		return removals(r) + ", while Entra names nobody who has an account"
	}
	return "would lose " + all + " that it has"
}

func mappingText(r plan.Refusal) string {
	switch r.Why {
	case plan.NoEntry:
		return "no entry of the present configuration leads to this group"
	case plan.OtherGroups:
		return "the present configuration feeds it from other Entra groups than the plan"
	}
	return fmt.Sprintf("the present configuration takes people in another way (%s) than the plan (%s)", r.Source, r.Filed)
}

func modeText(r plan.Refusal) string {
	switch r.Why {
	case plan.IsPaused:
		return "the present configuration has it paused"
	case plan.IsAddOnly:
		return fmt.Sprintf("the plan removes %d members, and the present mode is add-only", r.Removals)
	}
	return fmt.Sprintf("the plan removes %d members, and this run removes nobody", r.Removals)
}

// badMembersText says which members Genesys rejects, and why they stay if they cannot be released.
func badMembersText(g plan.Group, r plan.Refusal) string {
	var parts []string
	if len(r.Who) > 0 {
		parts = append(parts, "Genesys does not know these members: "+firstNames(r.Who))
	}
	if len(r.Inactive) > 0 {
		parts = append(parts, "these members are inactive: "+firstNames(r.Inactive)+
			"; make them active, or take them out of the group in Genesys")
	}
	for _, k := range r.Stays {
		parts = append(parts, fmt.Sprintf("%s stays (%s)", k.ID, k.Reason))
	}
	if len(r.Who) > 0 && (g.Mode == plan.AddOnly || g.NoRemovals) {
		parts = append(parts, "this run removes nobody from the group")
	}
	return fmt.Sprintf("Genesys refuses the members: %s; it says: %s", strings.Join(parts, "; "), r.Said)
}

// ruleMembersText says who would become an individual member.
func ruleMembersText(r plan.Refusal) string {
	owner, individual := "owners", "them individual members"
	if len(r.Who) == 1 {
		owner, individual = "an owner", "them an individual member"
	}
	return fmt.Sprintf("Genesys has %d of its %d members by a membership rule or as %s, and a write would make %s "+
		"or work against the rule: %s",
		len(r.Who), r.Members, owner, individual, firstNames(r.Who))
}

// firstNames joins names with commas. It names the first 20 (see most) and counts the rest.
func firstNames(names []string) string {
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

// refusalHint says what to do about a refusal, if a flag is not enough.
func refusalHint(r plan.Refusal) string {
	switch r.Rule {
	case plan.NoMatch:
		return "correct match, or the provisioning of accounts; if it is meant, write unmatched: accept into the entry"
	case plan.BrokenMatch:
		return "correct match, or the userNames in Genesys, first"
	case plan.RuleMembers:
		return "take them out of the rule and the owners, or map another group; if it is meant, write rules: accept into the entry"
	case plan.Unsettled:
		return "look whether the group includes its owners, has membership rules, or is kept by another tool"
	case plan.OlderFile:
		return "make a new file: a plan with callroll diff -o FILE, or a membership file with callroll fetch -o FILE"
	}
	return r.Hint
}

// withWords returns a group with the text, the hint and the flags of each refusal.
func withWords(g plan.Group) plan.Group {
	refusals := g.Refusals
	g.Refusals = make([]plan.Refusal, 0, len(refusals))
	for _, r := range refusals {
		r.Text, r.Hint = refusalText(g, r), refusalHint(r)
		if r.Allow != nil {
			r.Flag = strings.Join(allowanceFlags(g, *r.Allow), " ")
		}
		g.Refusals = append(g.Refusals, r)
	}
	return g
}
