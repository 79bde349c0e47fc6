package plan

// Judge refuses groups, in place, whose changes look like a mistake. It checks the broken match first, then the limits of
// each group, then the limit of the run. It needs all groups of the run, because many small removals together are one
// large one. A refused group changes nothing and is not part of the total.
func Judge(groups []Group, rules []Rule, policy Policy) {
	for i := range groups {
		judgeGroup(&groups[i], ruleOf(rules, groups[i].Name), policy)
	}
	total := policy.totalOf(groups)
	for i := range groups {
		policy.judgeTotal(&groups[i], total)
	}
}

// Rejudge judges one group that was planned again during a run. Its removals replace those of groups[i] in the total of
// the run. If the total is over the limit then, only this group is refused. groups is not changed.
func Rejudge(groups []Group, i int, replanned Group, rules []Rule, policy Policy) Group {
	judgeGroup(&replanned, ruleOf(rules, replanned.Name), policy)
	all := append([]Group{}, groups...)
	all[i] = replanned
	policy.judgeTotal(&replanned, policy.totalOf(all))
	return replanned
}

// ruleOf returns the rule with a name, or a rule that allows nothing.
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
		g.Refuse(Refusal{Rule: BrokenMatch, Lost: g.membersWithoutPerson(), Members: g.Found(), People: g.peopleWithoutAccount()})
		return
	}
	judgeRemovals(g, rule.AllowEmpty, policy)
	judgeAdditions(g, policy)
}

// noMatch says whether none of the people of the source have accounts, or, on the first run, most of them have none.
func noMatch(g Group) (Refusal, bool) {
	switch found := g.People - g.peopleWithoutAccount() + g.kept(KeptRenamed); {
	case g.People == 0:
	case found <= 0:
		return Refusal{Rule: NoMatch, People: g.People}, true
	case g.New && 2*found < g.People:
		return Refusal{Rule: NoMatch, Why: FirstRun, People: g.People, Matched: found}, true
	}
	return Refusal{}, false
}

// brokenMatch says whether so many members have no person, and so many people no account, that a matching attribute must
// have changed: at least five members, and at least a quarter of all members, have no person and are not known to be
// leavers, and at least as many people have no account.
//
// If Entra did not answer, some of these members may be leavers. Then at most as many of them count as there are people
// without an account. An unanswered look-up must not lead to fewer refusals.
func brokenMatch(g Group) bool {
	lost := g.membersWithoutPerson()
	if g.Doubt != nil {
		lost = min(lost, g.peopleWithoutAccount())
	}
	return lost >= 5 && 4*lost >= g.Found() && g.peopleWithoutAccount() >= lost
}

// membersWithoutPerson counts the members who have no person and are not known to have left.
func (g Group) membersWithoutPerson() int {
	n := g.kept(KeptRenamed) + g.kept(KeptHeld)
	if !g.Asked {
		n += len(g.Remove)
	}
	return n
}

func judgeRemovals(g *Group, allowEmpty bool, policy Policy) {
	n, found := len(g.Remove), g.Found()
	if n == 0 {
		return
	}
	refusal := Refusal{Removals: n, Members: found, Allow: &Allowance{Removals: n}}
	l := policy.Limits
	switch allowed, ok := policy.AllowRemovals[g.Name]; {
	case ok && allowed == n:
		return
	case ok:
		refusal.Rule, refusal.Allowed = OtherAllowance, allowed
	case len(g.Members) == 0 && !allowEmpty:
		refusal.Rule, refusal.Why = WouldBeEmpty, Emptied
	case g.membersInEntra() == 0 && !allowEmpty:
		refusal.Rule, refusal.Why = WouldBeEmpty, NobodyWanted
	case n == found && found > 1 && !allowEmpty:
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
	l := policy.Limits
	switch allowed, ok := policy.AllowAdditions[g.Name]; {
	case ok && allowed == n:
		return
	case ok:
		refusal.Rule, refusal.Allowed = OtherAllowance, allowed
	case found == 0 && n > l.AddEmpty:
		refusal.Rule, refusal.Limit = TooManyAdded, Count(l.AddEmpty).bound(found, 0)
	case found > 0 && n > l.Add.allows(found, l.AddFloor):
		refusal.Rule, refusal.Limit = TooManyAdded, l.Add.bound(found, l.AddFloor)
	default:
		return
	}
	g.Refuse(refusal)
}

// counts says whether a group is part of the total of the run. A group whose removals are let through by an allowance is
// not.
func (p Policy) counts(g Group) bool {
	if g.State != Changes && g.State != InStep {
		return false
	}
	_, allowed := p.AllowRemovals[g.Name]
	return !allowed || len(g.Remove) == 0
}

// totalOf adds up the removals and members of the groups that count.
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

// judgeTotal refuses a group that is part of the total and has removals, if the total is over the limit.
func (p Policy) judgeTotal(g *Group, total RunTotal) {
	limit := p.Limits.RemoveTotal.bound(total.Members, p.Limits.RemoveTotalFloor)
	if n := len(g.Remove); n > 0 && p.counts(*g) && total.Removals > limit.Most {
		g.Refuse(Refusal{
			Rule: OverTotal, Removals: n, Members: g.Found(), Run: total, Limit: limit, Allow: &Allowance{Removals: n},
		})
	}
}
