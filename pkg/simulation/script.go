package simulation

import (
	"maps"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
)

// script decides what is to happen to a run. clean is what a run of the same seed asks for while nothing happens.
func (s *sim) script(run *run, clean []request) *run {
	if !one(s.r, 4) {
		s.plant(run, clean)
	}
	s.disturb(run, len(clean))
	s.types(run)
	if run.since == nil && run.verb == syncs && one(s.r, 6) {
		s.invite(run, max(1, len(clean)))
	}
	s.misset(run, len(clean))
	return run
}

// disturb lets things happen between the requests of a run, and perhaps kills it.
func (s *sim) disturb(run *run, clean int) {
	if !one(s.r, 3) {
		for range 1 + s.r.IntN(3) {
			run.upsets[s.r.IntN(clean+5)]++
		}
	}
	if one(s.r, 2) {
		run.atPut = s.r.IntN(2)
	}
	run.atAgain = one(s.r, 2)
	if s.chance(Bytes, 5) {
		kinds := slices.Sorted(maps.Keys(misbehaviours()))
		for range 1 + s.r.IntN(4) {
			run.spoils[s.r.IntN(clean+5)] = pick(s.r, kinds...)
		}
	}
	if one(s.r, 20) {
		run.asleep, run.asleepAfter = s.r.IntN(clean+5), one(s.r, 2)
	}
	switch s.r.IntN(8) {
	case 0:
		run.kill.put, run.kill.after, run.kill.torn = s.r.IntN(2), one(s.r, 2), one(s.r, 2)
	case 1:
		run.kill.atEnd = run.writes()
	case 2:
		run.kill.request, run.kill.after, run.kill.torn = s.r.IntN(clean+5), one(s.r, 2), one(s.r, 2)
	case 3:
		run.cancelAt = s.r.IntN(clean + 5)
	}
}

// types decides what somebody types for one run: that it removes nobody, what it lets through, which is now and then not
// what is to be done, and who is let go.
func (s *sim) types(run *run) {
	f := &run.flags
	f.NoRemovals = s.spec.noRemovals || one(s.r, 15)
	f.AllowRemovals, f.AllowAdditions, f.Release = map[string]int{}, map[string]int{}, map[string][]string{}
	now := s.now()
	foreseen := oracle.Foresee(s.spec.mappings, s.spec.config, now.Tenant, now.Org, oracle.Flags{NoRemovals: f.NoRemovals})
	if one(s.r, 8) && run.since == nil {
		f.Only = []string{pick(s.r, foreseen...).Mapping.Name}
	}
	for _, g := range some(s.r, 5, foreseen) {
		if len(f.Only) > 0 && f.Only[0] != g.Mapping.Name {
			continue
		}
		if one(s.r, 8) {
			f.AllowRemovals[g.Mapping.Name] = len(g.Remove) + pick(s.r, 0, 0, 0, 1)
		}
		if one(s.r, 8) {
			f.AllowAdditions[g.Mapping.Name] = len(g.Add) + pick(s.r, 0, 0, 0, 1)
		}
		if one(s.r, 4) {
			s.releases(f, g, now)
		}
	}
}

// releases lets some members go who stay only because nobody knows about them. They are named by id or by userName.
func (s *sim) releases(f *oracle.Flags, g oracle.Forecast, now oracle.Moment) {
	for _, m := range some(s.r, 5, g.Group.Members) {
		a, known := now.Org.Account(m.ID)
		if m.Other || slices.Contains(g.Remove, m.ID) {
			continue
		}
		who := m.ID
		if known && a.Name != "" && a.Name[0] > ' ' && one(s.r, 2) {
			who = a.Name
		}
		f.Release[g.Mapping.Name] = append(f.Release[g.Mapping.Name], who)
		s.met["release"]++
	}
}

// between lets things happen, and somebody change the configuration, while nothing runs.
func (s *sim) between() {
	if !s.piping {
		clear(s.touched)
	}
	for range s.r.IntN(4) {
		s.event()
	}
	m := &s.spec.mappings[s.r.IntN(len(s.spec.mappings))]
	switch s.r.IntN(12) {
	case 0, 1, 2:
		m.Protect = append(slices.Clone(m.Protect), s.spec.somebody(s.r))
		s.say("%s protects %q", m.Name, m.Protect)
	case 3:
		m.Mode = pick(s.r, oracle.Paused, oracle.AddOnly)
		s.say("%s is %s", m.Name, m.Mode)
	}
}

// undo takes a run back after somebody of those whom it has added was protected, or somebody of those who went excluded.
func (s *sim) undo() {
	m := &s.spec.mappings[s.r.IntN(len(s.spec.mappings))]
	for _, p := range slices.Backward(s.puts) {
		change := p.change(m.Name)
		if p.group == s.spec.meant[m.Name] && len(change.Add) > 0 && one(s.r, 2) {
			m.Protect = append(slices.Clone(m.Protect), change.Add[0])
			s.say("%s protects %v", m.Name, m.Protect)
		}
		if p.group == s.spec.meant[m.Name] && len(change.Remove) > 0 && one(s.r, 2) {
			for _, u := range s.world.Entra().Users {
				if number(u.ID) == number(change.Remove[0]) {
					m.Exclude = append(slices.Clone(m.Exclude), u.ID)
					s.say("%s excludes %v", m.Name, m.Exclude)
				}
			}
		}
	}
	run := s.newRun(undoes)
	s.types(run)
	run.flags.NoRemovals, run.flags.Only, run.flags.Release = one(s.r, 15), nil, nil
	s.misset(run, 0)
	s.play(run)
	s.met["undo"]++
	s.wait(10 * time.Minute)
}
