package simulation

import (
	"slices"

	"github.com/callroll/callroll/pkg/oracle"
)

// judgeSource wants nothing to be written for a mapping whose source could be read at no moment, or whose match is broken.
func (s *sim) judgeSource(p *put, m oracle.Mapping) {
	if p.run.verb == pushesPlan {
		return // that the plan refuses, and its changes were judged one by one
	}
	flags := p.run.deciding()
	if reason := s.forbids(p.run, m, func(v *oracle.View) string { return v.Problem() }); reason != "" {
		s.fail("%s is written: %s", p.name, reason)
	}
	broken := s.forbids(p.run, m, func(v *oracle.View) string {
		if v.Broken(p.before, flags) {
			return "the match is broken"
		}
		return ""
	})
	if broken != "" {
		s.fail("%s is written: %s", p.name, broken)
	}
	unmatched := s.forbids(p.run, m, func(v *oracle.View) string {
		if v.Unmatched() {
			return "nobody of the people who belong finds an account"
		}
		return ""
	})
	if unmatched != "" {
		s.fail("%s is written: %s", p.name, unmatched)
	}
}

// judgeTotal holds everybody whom a run removes against the limit of the run: by the last PUT to each group, and by those
// before it that were carried out. Its share is one of all members of the groups that are worked on.
func (s *sim) judgeTotal(p *put, m oracle.Mapping) {
	run := p.run
	if _, allowed := run.flags.AllowRemovals[m.Name]; allowed {
		return
	}
	removed, members := map[string]bool{}, map[string]int{}
	last := map[string]*put{}
	for _, q := range s.puts {
		if q.run == run {
			last[q.group] = q
		}
	}
	for _, q := range s.puts {
		own, ok := s.mappingOf(q)
		if _, allowed := run.flags.AllowRemovals[own.Name]; q.run != run || !ok || allowed || last[q.group] != q && q.status != 200 {
			continue
		}
		for _, id := range q.change("").Remove {
			removed[q.group+id] = true
		}
		members[q.group] = max(members[q.group], len(q.before.Members))
	}
	for _, at := range s.momentsOf(run) {
		for _, other := range run.mappings {
			if g, ok := at.Org.Target(other); ok && (other.Mode != oracle.Paused || run.verb == undoes) {
				members[g.ID] = max(members[g.ID], len(g.Members))
			}
		}
	}
	all := 0
	for _, n := range members {
		all += n
	}
	if most := s.spec.config.Total.Most(all); len(removed) > most {
		s.fail("the run removes %d of at most %d members, and its limit is %d", len(removed), all, most)
	}
}

// judgePlan wants a plan to be carried out exactly: from what it found, and as it says.
func (s *sim) judgePlan(p *put, m oracle.Mapping, change oracle.Change) {
	plan := readReport(p.run.in)
	g, ok := plan.of(m.Name)
	if !ok {
		s.fail("%s is written, and is not in the plan", p.name)
		return
	}
	if extra := oracle.Without(change.Remove, ids(g.Remove)); len(extra) > 0 {
		s.fail("%v are taken out of %s, and the plan does not remove them", extra, p.name)
	}
	if extra := oracle.Without(change.Add, ids(g.Add)); len(extra) > 0 {
		s.fail("%v are put into %s, and the plan does not add them", extra, p.name)
	}
	s.met["change by a plan"]++
	if p.run.forged != "" {
		return
	}
	found := append(oracle.Without(g.Members, ids(g.Add)), ids(g.Remove)...)
	slices.Sort(found)
	if !slices.Equal(found, p.before.IDs()) {
		s.fail("%s is written by a plan that is stale: it found %v, and there are %v", p.name, found, p.before.IDs())
	}
}
