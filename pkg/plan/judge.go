package plan

// Judge refuses what looks like a disaster, in place: the broken match, then each group's limits, then the run's. It is
// given every group of the run at once, because many small removals are one large one. A group that is refused changes
// nothing and counts in no total.
func Judge(groups []Group, rules []Rule, policy Policy) {
	for i := range groups {
		judgeGroup(&groups[i], ruleOf(rules, groups[i].Name), policy)
	}
	if total := policy.totalOf(groups); policy.isOver(total) {
		for i := range groups {
			if policy.counts(groups[i]) && len(groups[i].Remove) > 0 {
				policy.refuseTotal(&groups[i], total)
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
	if total := policy.totalOf(all); policy.isOver(total) && policy.counts(again) && len(again.Remove) > 0 {
		policy.refuseTotal(&again, total)
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
	if refusal, refused := noMatch(*g); refused && !rule.Unmatched {
		g.Refuse(refusal)
		return
	}
	if brokenMatch(*g) {
		g.Refuse(Refusal{Rule: BrokenMatch, Lost: g.lost(), Members: g.Found(), People: g.missing()})
		return
	}
	judgeRemovals(g, rule.AllowEmpty, policy)
	judgeAdditions(g, policy)
}

// noMatch says whether the people of the source find no accounts, or on the first run most of them do not.
func noMatch(g Group) (Refusal, bool) {
	switch found := g.People - g.missing() + g.kept(KeptRenamed); {
	case g.People == 0:
	case found <= 0:
		return Refusal{Rule: NoMatch, People: g.People}, true
	case g.New && 2*found < g.People:
		return Refusal{Rule: NoMatch, Why: FirstRun, People: g.People, Matched: found}, true
	}
	return Refusal{}, false
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
	refusal := Refusal{Removals: n, Members: found, Allow: &Allowance{Removals: n}}
	if allowed, ok := policy.AllowRemovals[g.Name]; ok {
		if allowed != n {
			refusal.Rule, refusal.Allowed = OtherAllowance, allowed
			g.Refuse(refusal)
		}
		return
	}
	l := policy.Limits
	switch {
	case len(g.Members) == 0 && !mayEmpty:
		refusal.Rule, refusal.Why = WouldBeEmpty, Emptied
	case g.wanted() == 0 && !mayEmpty:
		refusal.Rule, refusal.Why = WouldBeEmpty, NobodyWanted
	case n == found && found > 1 && !mayEmpty:
		refusal.Rule, refusal.Why = WouldBeEmpty, AllReplaced
	case n > l.Remove.allows(found, l.RemoveFloor):
		refusal.Rule, refusal.Limit = TooManyRemovals, l.Remove.bound(found, l.RemoveFloor)
	default:
		return
	}
	g.Refuse(refusal)
}

func judgeAdditions(g *Group, policy Policy) {
	n, found := len(g.Add), g.Found()
	if n == 0 {
		return
	}
	refusal := Refusal{Additions: n, Members: found, Allow: &Allowance{Additions: n}}
	if allowed, ok := policy.AllowAdditions[g.Name]; ok {
		if allowed != n {
			refusal.Rule, refusal.Allowed = OtherAllowance, allowed
			g.Refuse(refusal)
		}
		return
	}
	l := policy.Limits
	switch {
	case found == 0 && n > l.AddEmpty:
		refusal.Rule, refusal.Limit = TooManyAdded, Count(l.AddEmpty).bound(found, 0)
	case found > 0 && n > l.Add.allows(found, l.AddFloor):
		refusal.Rule, refusal.Limit = TooManyAdded, l.Add.bound(found, l.AddFloor)
	default:
		return
	}
	g.Refuse(refusal)
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

// totalOf adds up what counts.
func (p Policy) totalOf(groups []Group) RunTotal {
	var total RunTotal
	for _, g := range groups {
		if p.counts(g) {
			total.Removals += len(g.Remove)
			total.Members += g.Found()
		}
	}
	return total
}

func (p Policy) isOver(total RunTotal) bool {
	return total.Removals > p.Limits.RemoveTotal.allows(total.Members, p.Limits.RemoveTotalFloor)
}

func (p Policy) refuseTotal(g *Group, total RunTotal) {
	g.Refuse(Refusal{
		Rule: OverTotal, Removals: len(g.Remove), Members: g.Found(), Run: total,
		Limit: p.Limits.RemoveTotal.bound(total.Members, p.Limits.RemoveTotalFloor), Allow: &Allowance{Removals: len(g.Remove)},
	})
}
