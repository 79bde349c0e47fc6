package pipeline_test

import (
	"math/rand/v2"
	"slices"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/sandbox"
)

// simLimit is a limit in the oracle's own arithmetic: a number of people, or a share of the members and at least a floor.
type simLimit struct {
	share    bool
	n, floor int
}

func (l simLimit) most(members int) int {
	switch {
	case l.n == 0:
		return 0
	case !l.share:
		return l.n
	}
	return max(members*l.n/100, l.floor)
}

func (l simLimit) limit() plan.Limit {
	if l.share {
		return plan.Percent(l.n)
	}
	return plan.Count(l.n)
}

func (w *simWorld) limits(r *rand.Rand) {
	w.remove = pick(r, simLimit{n: 1 + r.IntN(4)}, simLimit{share: true, n: 30, floor: 1})
	w.total = pick(r, simLimit{n: 3 + r.IntN(8)}, simLimit{n: 1 + r.IntN(3)}, simLimit{share: true, n: 10, floor: 2})
	w.add, w.addEmpty = simLimit{share: true, n: 100, floor: 50}, 1000
	if one(r, 4) {
		w.add, w.addEmpty = pick(r, simLimit{n: 1 + r.IntN(5)}, simLimit{share: true, n: 40, floor: 2}), 3+r.IntN(8)
	}
	w.dropped, w.noRemovals = one(r, 5), one(r, 12)
}

func (w *simWorld) planLimits() plan.Limits {
	return plan.Limits{
		Remove: w.remove.limit(), RemoveFloor: w.remove.floor, RemoveTotal: w.total.limit(), RemoveTotalFloor: w.total.floor,
		Add: w.add.limit(), AddFloor: w.add.floor, AddEmpty: w.addEmpty,
	}
}

// flags decides what somebody types for one run: that it removes nobody, or what it lets through, which is now and then not
// what is to be done.
func (s *sim) flags(run *simRun) {
	run.noRemovals = s.spec.noRemovals || one(s.r, 15)
	if !one(s.r, 5) {
		return
	}
	run.allow, run.allowAdd = map[string]int{}, map[string]int{}
	entra, org := s.world.Entra(), s.world.Genesys()
	o := newOracle(s.spec, &entra, &org)
	for _, rule := range some(s.r, 5, s.spec.rules) {
		is := simMembers(org, o.target(rule))
		wish := o.wish(rule, is)
		if one(s.r, 2) {
			run.allow[rule.name] = len(without(is, wish)) + pick(s.r, 0, 0, 0, 1)
		}
		if one(s.r, 2) {
			run.allowAdd[rule.name] = len(without(wish, is)) + pick(s.r, 0, 0, 0, 1)
		}
	}
}

// judgeLimits holds one change against the limits of its group. removed are those who exist, of all who went.
func (s *sim) judgeLimits(run *simRun, rule simRule, c sandbox.Change, removed, gone, added []string) {
	if run.noRemovals && len(removed) > 0 {
		s.fail("%v were removed from %s by a run that removes nobody", removed, c.Name)
	}
	before := len(c.Before)
	if n, ok := run.allow[rule.name]; ok && len(gone) > 0 {
		s.met["change with an allowance"]++
		if len(removed) > n || len(gone) < n && len(removed) > 0 {
			s.fail("%d of %d members were removed from %s, and exactly %d were allowed", len(removed), before, c.Name, n)
		}
	} else {
		all := len(removed) == before && before > 1
		if !rule.allowEmpty && len(gone) > 0 && (len(c.After) == 0 || all) {
			s.fail("%s was emptied: %v, then %v", c.Name, c.Before, c.After)
		}
		if most := s.spec.remove.most(before); len(removed) > most {
			s.fail("%d of %d members were removed from %s, and the limit is %d", len(removed), before, c.Name, most)
		}
	}
	most := s.spec.add.most(before)
	if before == 0 {
		most = s.spec.addEmpty
	}
	if n, ok := run.allowAdd[rule.name]; ok {
		most = n
	}
	if len(added) > most {
		s.fail("%d were added to the %d members of %s, and the limit is %d", len(added), before, c.Name, most)
	}
}

// judgeTotal holds everybody whom a run has removed so far against the limit of the run. Its share is one of all members of
// all groups at most, whichever of these were refused.
func (s *sim) judgeTotal(run *simRun, nobodys func(string) bool) {
	removed, members := map[string]bool{}, map[string]int{}
	for _, m := range s.momentsOf(run) {
		o := newOracle(s.spec, &m.entra, &m.org)
		for _, rule := range run.rules {
			if group := o.target(rule); group != "" {
				members[group] = max(members[group], len(simMembers(m.org, group)))
			}
		}
	}
	for _, c := range s.world.History() {
		if _, ours := members[c.Group]; ours { // no moment has what a run has written
			members[c.Group] = max(members[c.Group], len(c.Before), len(c.After))
		}
		if c.Who != "put" && c.Who != "late" || s.sender(c.RequestID) != run {
			continue
		}
		if s.letThrough(run, c) {
			continue
		}
		for _, who := range without(c.Before, c.After) {
			removed[c.Group+who] = removed[c.Group+who] || !nobodys(who)
		}
	}
	n, all := 0, 0
	for _, really := range removed {
		if really {
			n++
		}
	}
	for _, m := range members {
		all += m
	}
	if most := s.spec.total.most(all); n > most {
		s.fail("the run has removed %d of at most %d members, and its limit is %d", n, all, most)
	}
}

// letThrough says whether an allowance keeps the removals of a change out of the total.
func (s *sim) letThrough(run *simRun, c sandbox.Change) bool {
	return slices.ContainsFunc(run.rules, func(rule simRule) bool {
		_, ok := run.allow[rule.name]
		return ok && s.leads(run, rule, c.Group)
	})
}
