package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// playPipe plays the stages as separate runs: fetch, then diff and the push of the plan, or the push of the membership.
// Between the stages there are events, changes of the configuration or of a file, and time passes.
func (s *sim) playPipe(clean []request) {
	s.met["pipe"]++
	fetch := s.playStage(verbFetch, nil, nil, nil, clean)
	if len(fetch.file()) == 0 {
		return
	}
	defer func() { s.inPipe = false }()
	s.waitBetweenStages()
	if oneIn(s.r, 3) {
		if oneIn(s.r, 3) {
			s.pushOlderFile(fetch, clean)
			return
		}
		s.playStage(verbPushFile, fetch, fetch, fetch.file(), clean)
		return
	}
	diff := s.playStage(verbDiff, fetch, fetch, fetch.file(), clean)
	if len(diff.file()) == 0 {
		return
	}
	s.waitBetweenStages()
	if oneIn(s.r, 4) { // changes who belongs to the group
		m := &s.spec.mappings[s.r.IntN(len(s.spec.mappings))]
		m.Exclude = append(slices.Clone(m.Exclude), pick(s.r, s.world.Entra().Users...).ID)
		s.logf("%s excludes %v", m.Name, m.Exclude)
	}
	if oneIn(s.r, 3) {
		s.contradictPlan(diff.report)
	}
	for range 1 + s.r.IntN(2) { // a plan may be pushed twice
		s.playStage(verbPushPlan, fetch, diff, diff.file(), clean)
		s.wait(time.Duration(pick(s.r, 1, 60)) * time.Second)
	}
}

// pushOlderFile pushes a membership after a newer one was pushed.
func (s *sim) pushOlderFile(old *run, clean []request) {
	s.wait(time.Minute)
	s.inPipe = false
	newer := s.playStage(verbFetch, nil, nil, nil, clean)
	if len(newer.file()) == 0 {
		return
	}
	first := s.playStage(verbPushFile, newer, newer, newer.file(), clean)
	s.wait(time.Minute)
	run := s.newRun(verbPushFile)
	run.firstStage, run.previousStage, run.in, run.older = old, old, old.file(), !first.killed && first.status == 0
	// If a clock was wrong, it is not known which one is older.
	run.older = run.older && old.skew.ahead == 0 && newer.skew.ahead == 0 && first.skew.ahead == 0
	s.met["an older membership"]++
	s.play(run)
}

func (s *sim) playStage(v verb, firstStage, previousStage *run, in []byte, clean []request) *run {
	run := s.newRun(v)
	run.firstStage, run.previousStage, run.in = firstStage, previousStage, in
	run.noEntra = v != verbFetch && oneIn(s.r, 4)
	if v == verbPushPlan && oneIn(s.r, 3) || v == verbDiff && oneIn(s.r, 10) || v == verbPushFile && oneIn(s.r, 10) {
		run.in, run.forged = s.forge(in)
	}
	if oneIn(s.r, 3) { // undisturbed
		s.chooseFlags(run)
		s.chooseSkew(run, len(clean))
	} else {
		s.scriptRun(run, clean)
	}
	run.flags.NoRemovals = run.flags.NoRemovals || v == verbPushPlan && oneIn(s.r, 6)
	if run.skew.whole() {
		run.in = s.redate(run.in, -run.skew.ahead)
	}
	s.play(run)
	s.inPipe = len(run.file()) > 0 || firstStage != nil
	return run
}

// contradictPlan applies events that contradict a plan: to the people that it adds or removes, or to the configuration.
func (s *sim) contradictPlan(plan report) {
	for _, g := range plan.Groups {
		at := slices.IndexFunc(s.spec.mappings, func(m oracle.Mapping) bool { return m.Name == g.Name })
		if at < 0 || len(g.Add)+len(g.Remove) == 0 {
			continue
		}
		m := &s.spec.mappings[at]
		switch n := s.r.IntN(6); {
		case n == 0:
			m.Mode = pick(s.r, oracle.AddOnly, oracle.AddOnly, oracle.Paused)
			s.logf("%s is %s", m.Name, m.Mode)
		case n == 1 && len(g.Remove) > 0:
			m.Protect = append(slices.Clone(m.Protect), pick(s.r, g.Remove...).ID)
			s.logf("%s protects %v", m.Name, m.Protect)
		case n == 2 && len(g.Add) > 0:
			s.applyEvent("a plan contradicted", toggleAccountOf(pick(s.r, g.Add...).ID))
		case n == 3:
			s.applyEvent("a plan contradicted", renameAccountOf(pick(s.r, slices.Concat(g.Add, g.Remove)...).ID))
		case len(g.Add) > 0:
			s.applyEvent("a plan contradicted", joinExcluded(*m, pick(s.r, g.Add...).ID))
		}
	}
}

type eventFunc = func(*sim, *sandbox.Entra, *sandbox.Genesys) string

// toggleAccountOf makes an account inactive, or active.
func toggleAccountOf(account string) eventFunc {
	return func(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
		for i := range org.Users {
			if u := &org.Users[i]; u.ID == account && s.fresh(account) {
				u.Active = !u.Active
				return fmt.Sprintf("account %q (%s) is active: %v", u.UserName, u.ID, u.Active)
			}
		}
		return ""
	}
}

// renameAccountOf gives an account another name.
func renameAccountOf(account string) eventFunc {
	return func(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
		for i := range org.Users {
			if u := &org.Users[i]; u.ID == account && s.fresh(account) {
				old := u.UserName
				u.UserName = "other-" + account + "@contoso.com"
				return fmt.Sprintf("account %q (%s) is called %s", old, u.ID, u.UserName)
			}
		}
		return ""
	}
}

// joinExcluded adds the person of an account to a group that a mapping excludes.
func joinExcluded(m oracle.Mapping, account string) eventFunc {
	return func(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
		for i := range entra.Groups {
			out := &entra.Groups[i]
			for _, u := range entra.Users {
				theirs := number(u.ID) == number(account) && !slices.Contains(out.Members, u.ID)
				if theirs && slices.Contains(m.Exclude, out.ID) && s.fresh(u.ID) {
					out.Members = append(out.Members, u.ID)
					return u.UserPrincipalName + " joins the excluded " + out.DisplayName
				}
			}
		}
		return ""
	}
}

// file returns the file for the next stage; nil if the run failed.
func (run *run) file() []byte {
	if run.killed || run.report.Kind == "failure" || run.report.Kind == "" {
		return nil
	}
	return run.output
}

// waitBetweenStages waits between two stages, and may change the world.
func (s *sim) waitBetweenStages() {
	s.wait(time.Duration(pick(s.r, 1, 60, 600)) * time.Second)
	if oneIn(s.r, 2) {
		s.changeWorld()
	}
	if oneIn(s.r, 8) {
		s.wait(2 * time.Hour)
	}
}

func (v verb) String() string { return fmt.Sprintf("%q", string(v)) }
