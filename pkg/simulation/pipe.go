package simulation

import (
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// pipe plays the stages as runs of their own: fetch, then diff and the push of the plan, or the push of the membership. In
// between things happen, somebody changes the configuration or a file, and time passes.
func (s *sim) pipe(clean []request) {
	s.met["pipe"]++
	fetch := s.stage(fetches, nil, nil, nil, clean)
	if len(fetch.file()) == 0 {
		return
	}
	defer func() { s.piping = false }()
	s.rest()
	if one(s.r, 3) {
		if one(s.r, 3) {
			s.olderLast(fetch, clean)
			return
		}
		s.stage(pushesFile, fetch, fetch, fetch.file(), clean)
		return
	}
	diff := s.stage(diffs, fetch, fetch, fetch.file(), clean)
	if len(diff.file()) == 0 {
		return
	}
	s.rest()
	if one(s.r, 4) { // who belongs is taken in another way now
		m := &s.spec.mappings[s.r.IntN(len(s.spec.mappings))]
		m.Exclude = append(slices.Clone(m.Exclude), pick(s.r, s.world.Entra().Users...).ID)
		s.say("%s excludes %v", m.Name, m.Exclude)
	}
	if one(s.r, 3) {
		s.contradict(diff.report)
	}
	for range 1 + s.r.IntN(2) { // somebody may push a plan twice
		s.stage(pushesPlan, fetch, diff, diff.file(), clean)
		s.wait(time.Duration(pick(s.r, 1, 60)) * time.Second)
	}
}

// olderLast pushes a membership after a newer one was pushed.
func (s *sim) olderLast(old *run, clean []request) {
	s.wait(time.Minute)
	s.piping = false
	newer := s.stage(fetches, nil, nil, nil, clean)
	if len(newer.file()) == 0 {
		return
	}
	first := s.stage(pushesFile, newer, newer, newer.file(), clean)
	s.wait(time.Minute)
	run := s.newRun(pushesFile)
	run.since, run.before, run.in, run.older = old, old, old.file(), !first.dead && first.status == 0
	run.older = run.older && old.skew.ahead == 0 && newer.skew.ahead == 0 && first.skew.ahead == 0 // or nobody knows which is older
	s.met["an older membership"]++
	s.play(run)
}

func (s *sim) stage(v verb, since, before *run, in []byte, clean []request) *run {
	run := s.newRun(v)
	run.since, run.before, run.in = since, before, in
	run.blind = v != fetches && one(s.r, 4)
	if v == pushesPlan && one(s.r, 3) || v == diffs && one(s.r, 10) || v == pushesFile && one(s.r, 10) {
		run.in, run.forged = s.forge(in)
	}
	if one(s.r, 3) { // in peace
		s.types(run)
		s.misset(run, len(clean))
	} else {
		s.script(run, clean)
	}
	run.flags.NoRemovals = run.flags.NoRemovals || v == pushesPlan && one(s.r, 6)
	if run.skew.whole() {
		run.in = s.redate(run.in, -run.skew.ahead)
	}
	s.play(run)
	s.piping = len(run.file()) > 0 || since != nil
	return run
}

// contradict lets something happen that a plan contradicts: to the people whom it adds or removes, or to what is configured.
func (s *sim) contradict(plan report) {
	for _, g := range plan.Groups {
		at := slices.IndexFunc(s.spec.mappings, func(m oracle.Mapping) bool { return m.Name == g.Name })
		if at < 0 || len(g.Add)+len(g.Remove) == 0 {
			continue
		}
		m := &s.spec.mappings[at]
		switch n := s.r.IntN(6); {
		case n == 0:
			m.Mode = pick(s.r, oracle.AddOnly, oracle.AddOnly, oracle.Paused)
			s.say("%s is %s", m.Name, m.Mode)
		case n == 1 && len(g.Remove) > 0:
			m.Protect = append(slices.Clone(m.Protect), pick(s.r, g.Remove...).ID)
			s.say("%s protects %v", m.Name, m.Protect)
		case n == 2 && len(g.Add) > 0:
			s.happen("a plan contradicted", activates(pick(s.r, g.Add...).ID))
		case n == 3:
			s.happen("a plan contradicted", callsOtherwise(pick(s.r, slices.Concat(g.Add, g.Remove)...).ID))
		case len(g.Add) > 0:
			s.happen("a plan contradicted", joinsExcluded(*m, pick(s.r, g.Add...).ID))
		}
	}
}

type happening = func(*sim, *sandbox.Entra, *sandbox.Genesys) string

// activates makes an account inactive, or active.
func activates(account string) happening {
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

// callsOtherwise gives an account another name.
func callsOtherwise(account string) happening {
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

// joinsExcluded puts the person who has an account into a group that a mapping excludes.
func joinsExcluded(m oracle.Mapping, account string) happening {
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

// file is what a stage hands on; nothing if it failed.
func (run *run) file() []byte {
	if run.dead || run.report.Kind == "failure" || run.report.Kind == "" {
		return nil
	}
	return run.made
}

// rest is the time between two stages.
func (s *sim) rest() {
	s.wait(time.Duration(pick(s.r, 1, 60, 600)) * time.Second)
	if one(s.r, 2) {
		s.between()
	}
	if one(s.r, 8) {
		s.wait(2 * time.Hour)
	}
}

func (v verb) String() string { return fmt.Sprintf("%q", string(v)) }
