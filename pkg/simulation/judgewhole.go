package simulation

import (
	"slices"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// judgeSource checks that nothing is written for a mapping whose source was not readable at any moment, or whose match is
// broken.
func (s *sim) judgeSource(p *putRequest, m oracle.Mapping) {
	if p.run.verb == verbPushPlan {
		return // diff refused such groups, and the changes were checked one by one
	}
	flags := p.run.effectiveFlags()
	if reason := s.forbids(p.run, m, func(v *oracle.View) string { return v.Problem() }); reason != "" {
		s.errorf("%s is written: %s", p.name, reason)
	}
	broken := s.forbids(p.run, m, func(v *oracle.View) string {
		if v.Broken(p.before, flags) {
			return "the match is broken"
		}
		return ""
	})
	if broken != "" {
		s.errorf("%s is written: %s", p.name, broken)
	}
	unmatched := s.forbids(p.run, m, func(v *oracle.View) string {
		if v.Unmatched() {
			return "nobody of the people who belong finds an account"
		}
		return ""
	})
	if unmatched != "" {
		s.errorf("%s is written: %s", p.name, unmatched)
	}
}

// judgeTotal compares all removals of a run with the limit of the run. It uses the last PUT to each group, unless the
// service has refused it, and the earlier ones that were carried out. A share is of the members of all groups that the run
// handles.
func (s *sim) judgeTotal(p *putRequest, m oracle.Mapping) {
	run := p.run
	if _, allowed := run.flags.AllowRemovals[m.Name]; allowed {
		return
	}
	removed, members := map[string]bool{}, map[string]int{}
	last := map[string]*putRequest{}
	for _, q := range s.puts {
		if q.run == run {
			last[q.group] = q
		}
	}
	for _, q := range s.puts {
		own, ok := s.mappingOf(q)
		_, allowed := run.flags.AllowRemovals[own.Name]
		if q.run != run || !ok || allowed || q.wasRefused() || last[q.group] != q && q.status != 200 {
			continue
		}
		for _, id := range q.change("").Remove {
			removed[q.group+id] = true
		}
		members[q.group] = max(members[q.group], len(q.before.Members))
	}
	for _, at := range s.momentsOf(run) {
		for _, other := range run.mappings {
			if g, ok := at.Org.Target(other); ok && (other.Mode != oracle.Paused || run.verb == verbUndo) {
				members[g.ID] = max(members[g.ID], len(g.Members))
			}
		}
	}
	all := 0
	for _, n := range members {
		all += n
	}
	if most := s.spec.config.Total.Most(all); len(removed) > most {
		s.errorf("the run removes %d of at most %d members, and its limit is %d", len(removed), all, most)
	}
}

// judgePlan checks that a plan is carried out exactly, from the members that it found.
func (s *sim) judgePlan(p *putRequest, m oracle.Mapping, change oracle.Change) {
	plan := readReport(p.run.in)
	g, ok := plan.of(m.Name)
	if !ok {
		s.errorf("%s is written, and is not in the plan", p.name)
		return
	}
	if extra := oracle.Without(change.Remove, ids(g.Remove)); len(extra) > 0 {
		s.errorf("%v are taken out of %s, and the plan does not remove them", extra, p.name)
	}
	if extra := oracle.Without(change.Add, ids(g.Add)); len(extra) > 0 {
		s.errorf("%v are put into %s, and the plan does not add them", extra, p.name)
	}
	s.met["change by a plan"]++
	if p.run.forged != "" {
		return
	}
	found := append(oracle.Without(g.Members, ids(g.Add)), ids(g.Remove)...)
	slices.Sort(found)
	if !slices.Equal(found, p.before.IDs()) {
		s.errorf("%s is written by a plan that is stale: it found %v, and there are %v", p.name, found, p.before.IDs())
	}
}
