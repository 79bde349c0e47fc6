package simulation

import (
	"maps"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// scriptRun plans what happens during a run. clean are the requests of an undisturbed run of the same seed.
func (s *sim) scriptRun(run *run, clean []request) *run {
	if !oneIn(s.r, 4) {
		s.addFaults(run, clean)
	}
	s.addDisturbances(run, len(clean))
	s.chooseFlags(run)
	if run.firstStage == nil && run.verb == verbSync && oneIn(s.r, 6) {
		s.addGuest(run, max(1, len(clean)))
	}
	s.chooseSkew(run, len(clean))
	return run
}

// addDisturbances plans events between the requests of a run, and may kill it.
func (s *sim) addDisturbances(run *run, clean int) {
	if !oneIn(s.r, 3) {
		for range 1 + s.r.IntN(3) {
			run.eventsBefore[s.r.IntN(clean+5)]++
		}
	}
	if oneIn(s.r, 2) {
		run.atPut = s.r.IntN(2)
	}
	run.editAtRetry = oneIn(s.r, 2)
	if s.chance(Bytes, 5) {
		kinds := slices.Sorted(maps.Keys(wireFaultKinds()))
		for range 1 + s.r.IntN(4) {
			run.wireFaults[s.r.IntN(clean+5)] = pick(s.r, kinds...)
		}
	}
	if oneIn(s.r, 20) {
		run.suspendAt, run.suspendAfter = s.r.IntN(clean+5), oneIn(s.r, 2)
	}
	switch s.r.IntN(8) {
	case 0:
		run.kill.put, run.kill.after, run.kill.torn = s.r.IntN(2), oneIn(s.r, 2), oneIn(s.r, 2)
	case 1:
		run.kill.atEnd = run.writes()
	case 2:
		run.kill.request, run.kill.after, run.kill.torn = s.r.IntN(clean+5), oneIn(s.r, 2), oneIn(s.r, 2)
	case 3:
		run.cancelAt = s.r.IntN(clean + 5)
	}
}

// chooseFlags chooses the flags of one run: no removals, allowances, which are sometimes wrong, and releases.
func (s *sim) chooseFlags(run *run) {
	f := &run.flags
	f.NoRemovals = s.spec.noRemovals || oneIn(s.r, 15)
	f.AllowRemovals, f.AllowAdditions, f.Release = map[string]int{}, map[string]int{}, map[string][]string{}
	now := s.now()
	foreseen := oracle.Foresee(s.spec.mappings, s.spec.config, now.Tenant, now.Org, oracle.Flags{NoRemovals: f.NoRemovals})
	if oneIn(s.r, 8) && run.firstStage == nil {
		f.Only = []string{pick(s.r, foreseen...).Mapping.Name}
	}
	for _, g := range sample(s.r, 5, foreseen) {
		if len(f.Only) > 0 && f.Only[0] != g.Mapping.Name {
			continue
		}
		if oneIn(s.r, 8) {
			f.AllowRemovals[g.Mapping.Name] = len(g.Remove) + pick(s.r, 0, 0, 0, 1)
		}
		if oneIn(s.r, 8) {
			f.AllowAdditions[g.Mapping.Name] = len(g.Add) + pick(s.r, 0, 0, 0, 1)
		}
		if oneIn(s.r, 4) {
			s.addReleases(f, g, now)
		}
	}
}

// addReleases releases some members who are kept only because nothing is known about them, by id or by userName.
func (s *sim) addReleases(f *oracle.Flags, g oracle.Forecast, now oracle.Moment) {
	for _, m := range sample(s.r, 5, g.Group.Members) {
		a, known := now.Org.Account(m.ID)
		if m.Other || slices.Contains(g.Remove, m.ID) {
			continue
		}
		who := m.ID
		if known && a.Name != "" && a.Name[0] > ' ' && oneIn(s.r, 2) {
			who = a.Name
		}
		f.Release[g.Mapping.Name] = append(f.Release[g.Mapping.Name], who)
		s.met["release"]++
	}
}

// changeWorld applies events and changes the configuration, while nothing runs.
func (s *sim) changeWorld() {
	if !s.inPipe {
		clear(s.touched)
	}
	for range s.r.IntN(4) {
		s.randomEvent()
	}
	m := &s.spec.mappings[s.r.IntN(len(s.spec.mappings))]
	switch s.r.IntN(12) {
	case 0, 1, 2:
		m.Protect = append(slices.Clone(m.Protect), s.spec.protectPattern(s.r))
		s.logf("%s protects %q", m.Name, m.Protect)
	case 3:
		m.Mode = pick(s.r, oracle.Paused, oracle.AddOnly)
		s.logf("%s is %s", m.Name, m.Mode)
	}
}

// playUndo plays an undo, after protect may name somebody who was added and exclude somebody who was removed.
func (s *sim) playUndo() {
	m := &s.spec.mappings[s.r.IntN(len(s.spec.mappings))]
	for _, p := range slices.Backward(s.puts) {
		change := p.change(m.Name)
		if p.group == s.spec.groupIDs[m.Name] && len(change.Add) > 0 && oneIn(s.r, 2) {
			m.Protect = append(slices.Clone(m.Protect), change.Add[0])
			s.logf("%s protects %v", m.Name, m.Protect)
		}
		if p.group == s.spec.groupIDs[m.Name] && len(change.Remove) > 0 && oneIn(s.r, 2) {
			for _, u := range s.world.Entra().Users {
				if number(u.ID) == number(change.Remove[0]) {
					m.Exclude = append(slices.Clone(m.Exclude), u.ID)
					s.logf("%s excludes %v", m.Name, m.Exclude)
				}
			}
		}
	}
	run := s.newRun(verbUndo)
	s.chooseFlags(run)
	run.flags.NoRemovals, run.flags.Only, run.flags.Release = oneIn(s.r, 15), nil, nil
	s.chooseSkew(run, 0)
	s.play(run)
	s.met["undo"]++
	s.wait(10 * time.Minute)
}
