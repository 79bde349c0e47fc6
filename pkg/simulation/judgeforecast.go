package simulation

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// judgeForecast compares an undisturbed run with what the rules require.
func (s *sim) judgeForecast(run *run) {
	if run.verb != verbSync || run.interrupted || run.host != nil || run.eventsDuring > 0 ||
		run.report.Kind != "result" || s.faulty(run) {
		return
	}
	start := s.moments[run.start]
	if s.lagging(run, func(string) bool { return true }) {
		return
	}
	foreseen := oracle.Foresee(run.mappings, s.spec.config, start.Tenant, start.Org, run.flags)
	for _, f := range foreseen {
		if _, others := s.changes(run, f.Group.ID); others {
			return // a guest, or a write that took effect late
		}
	}
	for _, f := range foreseen {
		if g, ok := run.report.of(f.Mapping.Name); !ok {
			s.errorf("the report has nothing about %s", f.Mapping.Name)
		} else if !f.Vague {
			s.judgeForeseen(f, g)
		}
	}
}

// faulty says whether a run had any fault.
func (s *sim) faulty(run *run) bool {
	hasFault := func(r sandbox.Request) bool { return r.Fault != nil }
	return run.suspended || len(run.lostAnswers) > 0 || slices.ContainsFunc(s.logOf(run), hasFault)
}

func (s *sim) judgeForeseen(f oracle.Forecast, g groupReport) {
	words := map[oracle.State][]string{
		oracle.Rests: {"paused"}, oracle.Absent: {"missing"}, oracle.Refuses: {"refused"}, oracle.InStep: {"in step"},
		oracle.Changes: {"changed"},
		oracle.Unread:  {"incomplete", "missing", "denied", "unavailable", "refused"},
	}[f.State]
	s.met["foreseen: "+string(f.State)]++
	late := s.spec.org.Switches.LateApplication >= sandbox.Duration(30*time.Second)
	rule := func(name string) bool {
		return slices.ContainsFunc(g.Refusals, func(r refusal) bool { return r.Rule == name })
	}
	switch {
	case f.State == oracle.Changes && g.Outcome == "refused" && s.refusesInactive(f):
		return
	case slices.Contains(words, g.Outcome):
	case f.State == oracle.Refuses && f.Group.Hidden && len(f.Group.Members) > 0 && g.Outcome == "incomplete":
		return // both are correct
	case f.State == oracle.Refuses && g.Outcome == "incomplete" && len(s.run.flags.Release[g.Name]) > 0:
		return // both are correct: who is to be let go is in no list of users, and exists
	case f.Few && g.Outcome == "refused" && rule("no match"):
		return
	case len(f.Group.Ruled) > 0 && g.Outcome == "refused", rule("unsettled"):
		return
	case rule("run total") && s.run.report.unsettled():
		return // the members of such a group do not count in the total
	case f.State == oracle.Changes && s.refusesInactive(f):
		s.errorf("%s has inactive members, which Genesys refuses, and ended as %q: %s", g.Name, g.Outcome, g.Detail)
		return
	case f.State == oracle.Changes && s.refusable(f):
		return
	case f.State == oracle.Changes && (len(f.Group.Ruled) > 0 || f.Group.Hidden || late):
		return // the result cannot be read back
	default:
		s.errorf("%s is to be %q (%s) and ended as %q: %s %+v; +%v -%v",
			g.Name, f.State, f.Why, g.Outcome, g.Detail, g.Refusals, f.Add, f.Remove)
		return
	}
	if f.State == oracle.Changes && (!slices.Equal(f.Add, ids(g.Add)) || !slices.Equal(f.Remove, ids(g.Remove))) {
		s.errorf("%s is to be changed by +%v -%v, and reports +%v -%v", g.Name, f.Add, f.Remove, ids(g.Add), ids(g.Remove))
	}
}

// refusesInactive says whether Genesys refuses a change only because of members that are listed as inactive. Then callroll
// refuses the group and names them.
func (s *sim) refusesInactive(f oracle.Forecast) bool {
	inactive, sw := false, s.spec.org.Switches
	for _, id := range f.After() {
		a, known := s.now().Org.Account(id)
		if !known || !a.Listed {
			return false
		}
		inactive = inactive || !a.Active
	}
	return inactive && sw.InactiveMembers == "refused"
}

// refusable says whether Genesys may refuse a change, or drop a part of it.
func (s *sim) refusable(f oracle.Forecast) bool {
	taken, whole := s.acceptsMembers(f.After(), f.Group)
	return !taken || !whole
}
