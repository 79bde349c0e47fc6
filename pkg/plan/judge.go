package plan

import (
	"fmt"
)

// Judge refuses what looks like a disaster, in place: the broken match, then each group's limits, then the run's. It is
// given every group of the run at once, because many small removals are one large one. A group that is refused changes
// nothing and counts in no total.
func Judge(groups []Group, rules []Rule, policy Policy) {
	for i := range groups {
		judgeGroup(&groups[i], ruleOf(rules, groups[i].Name), policy)
	}
	if text, over := policy.overTotal(groups); over {
		for i := range groups {
			if policy.counts(groups[i]) && len(groups[i].Remove) > 0 {
				refuseTotal(&groups[i], text)
			}
		}
	}
}

// Rejudge judges one group that was planned again in the course of a run. Its removals take the place of those of
// groups[i] in the run's total; if that is then too much, this group alone is refused. groups is not changed.
func Rejudge(groups []Group, i int, again Group, rules []Rule, policy Policy) Group {
	judgeGroup(&again, ruleOf(rules, again.Name), policy)
	all := append([]Group{}, groups...)
	all[i] = again
	if text, over := policy.overTotal(all); over && policy.counts(again) && len(again.Remove) > 0 {
		refuseTotal(&again, text)
	}
	return again
}

// ruleOf returns the rule of a name; one that allows nothing if there is none.
func ruleOf(rules []Rule, name string) Rule {
	for _, r := range rules {
		if r.Name == name {
			return r
		}
	}
	return Rule{Name: name}
}

func judgeGroup(g *Group, rule Rule, policy Policy) {
	if g.State != Changes && g.State != InStep {
		return
	}
	if text := noMatch(*g); text != "" && !rule.Unmatched {
		g.Refuse("no match", text, nil)
		return
	}
	if brokenMatch(*g) {
		g.Refuse("broken match", fmt.Sprintf("%d of %d members have no person in Entra while %d people find no account: "+
			"it looks as if the names changed",
			g.lost(), g.Found(), g.missing()), nil)
		return
	}
	judgeRemovals(g, rule.AllowEmpty, policy)
	judgeAdditions(g, policy)
}

// noMatch says that the people of the source find no accounts, or on the first run that most of them do not; empty if they do.
func noMatch(g Group) string {
	switch found := g.People - g.missing() + g.kept(KeptRenamed); {
	case g.People == 0:
		return ""
	case found <= 0:
		return fmt.Sprintf("Entra names %s, and %s in Genesys", people(g.People), haveAccount(g.People, 0))
	case g.New && 2*found < g.People:
		return fmt.Sprintf("Entra names %s, and %s in Genesys, on the first run for this group", people(g.People), haveAccount(g.People, found))
	}
	return ""
}

// haveAccount says how many of some people find an account.
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

// brokenMatch says whether members and people miss each other in such numbers that a key must have changed: at least
// five, and at least a quarter, of the members have no person and are not known as leavers, while as many people find no
// account.
//
// Where Entra did not answer, some of the members may be leavers. Then as many count as there are people without an account: to know
// less must not refuse less.
func brokenMatch(g Group) bool {
	lost := g.lost()
	if g.Doubt != nil {
		lost = min(lost, g.missing())
	}
	return lost >= 5 && 4*lost >= g.Found() && g.missing() >= lost
}

// lost counts the members who have no person and are not known to have left.
func (g Group) lost() int {
	n := g.kept(KeptRenamed) + g.kept(KeptHeld)
	if !g.Asked {
		n += len(g.Remove)
	}
	return n
}

func judgeRemovals(g *Group, mayEmpty bool, policy Policy) {
	n, found := len(g.Remove), g.Found()
	if n == 0 {
		return
	}
	allow := &Allowance{Removals: n}
	if allowed, ok := policy.AllowRemovals[g.Name]; ok {
		if allowed != n {
			g.Refuse("allowance", fmt.Sprintf("would remove %d of %d members, and --allow-removals lets exactly %d through", n, found, allowed), allow)
		}
		return
	}
	l := policy.Limits
	switch {
	case len(g.Members) == 0 && !mayEmpty:
		g.Refuse("empty", fmt.Sprintf("would lose %s and be empty", all(found)), allow)
	case g.wanted() == 0 && !mayEmpty:
		g.Refuse("empty", fmt.Sprintf("would remove %d of %d members, while Entra names nobody who has an account", n, found), allow)
	case n == found && found > 1 && !mayEmpty:
		g.Refuse("empty", fmt.Sprintf("would lose %s that it has", all(found)), allow)
	case n > l.Remove.allows(found, l.RemoveFloor):
		g.Refuse("removals", fmt.Sprintf("would remove %d of %d members; %s", n, found, l.Remove.describe(found, l.RemoveFloor)), allow)
	}
}

func judgeAdditions(g *Group, policy Policy) {
	n, found := len(g.Add), g.Found()
	if n == 0 {
		return
	}
	allow := &Allowance{Additions: n}
	if allowed, ok := policy.AllowAdditions[g.Name]; ok {
		if allowed != n {
			g.Refuse("allowance", fmt.Sprintf("would add %s, and --allow-additions lets exactly %d through", people(n), allowed), allow)
		}
		return
	}
	l := policy.Limits
	switch {
	case found == 0 && n > l.AddEmpty:
		g.Refuse("additions", fmt.Sprintf("would add %s to an empty group; the limit is %d", people(n), l.AddEmpty), allow)
	case found > 0 && n > l.Add.allows(found, l.AddFloor):
		g.Refuse("additions", fmt.Sprintf("would add %s to %d members; %s", people(n), found, l.Add.describe(found, l.AddFloor)), allow)
	}
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// counts says whether a group's members and removals are part of the run's total. A group whose removals an allowance
// lets through is not.
func (p Policy) counts(g Group) bool {
	if g.State != Changes && g.State != InStep {
		return false
	}
	_, allowed := p.AllowRemovals[g.Name]
	return !allowed || len(g.Remove) == 0
}

func (p Policy) overTotal(groups []Group) (text string, over bool) {
	removals, members := 0, 0
	for _, g := range groups {
		if p.counts(g) {
			removals += len(g.Remove)
			members += g.Found()
		}
	}
	l := p.Limits
	text = fmt.Sprintf("the run would remove %d of %d members in all its groups; %s",
		removals, members, l.RemoveTotal.describe(members, l.RemoveTotalFloor))
	return text, removals > l.RemoveTotal.allows(members, l.RemoveTotalFloor)
}

func refuseTotal(g *Group, text string) {
	g.Refuse("run total", fmt.Sprintf("would remove %d of %d members, and %s", len(g.Remove), g.Found(), text),
		&Allowance{Removals: len(g.Remove)})
}

// AllowChanges is the allowance for a group's removals, or for its additions where there are no removals.
func AllowChanges(g Group) *Allowance {
	if len(g.Remove) > 0 {
		return &Allowance{Removals: len(g.Remove)}
	}
	return &Allowance{Additions: len(g.Add)}
}

// all names all members of a group.
func all(n int) string {
	if n == 1 {
		return "the only member"
	}
	return fmt.Sprintf("all %d members", n)
}
