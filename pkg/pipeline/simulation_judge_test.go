package pipeline_test

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// judge looks at what a run has done, by the World's own account.
func (s *sim) judge(run *simRun) {
	s.judgeFaults(run)
	s.judgeHistory()
	s.judgeOrder(s.logOf(run))
	s.judgeNames()
	s.judgeStage(run)
	s.judgeGuest(run)
	if !run.killed {
		s.judgeStatus(run)
	}
	s.judgeJournal(run)
}

// judgeHistory judges the changes that are new, each by the run that has sent it.
func (s *sim) judgeHistory() {
	history := s.world.History()
	for _, c := range history[s.seen:] {
		if c.Who == "edit" && !c.Deleted {
			s.names[c.Group] = c.Name
		}
		if c.Who != "put" && c.Who != "late" {
			continue
		}
		if run := s.sender(c.RequestID); run != nil {
			s.judgeChange(run, c)
		} else {
			s.fail("a change that no run has sent: %+v", c)
		}
	}
	s.seen = len(history)
}

func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) })
}

func (s *sim) judgeChange(run *simRun, c sandbox.Change) {
	rule, ok := s.ruleOf(run, c)
	if !ok {
		s.fail("%s (%s) was written, which is not to be touched", c.Name, c.Group)
		return
	}
	s.met["change"]++
	if !run.known[c.RequestID][fmt.Sprintf("%q", fmt.Sprint(c.Version-1))] {
		s.fail("%s was overwritten at version %d, which was never read alone", c.Name, c.Version-1)
	}
	gone, added := without(c.Before, c.After), without(c.After, c.Before)
	nobodys := func(who string) bool { // ids whose accounts are gone are not people
		return slices.ContainsFunc(s.momentsOf(run), func(m moment) bool {
			return !slices.ContainsFunc(m.org.Users, func(u sandbox.GenesysUser) bool { return u.ID == who })
		})
	}
	for _, who := range gone {
		if nobodys(who) && s.refused(run, c) {
			continue // whoever turns out not to exist is dropped, so that the others get what is theirs
		}
		if !s.allowed(run, func(o *oracle) bool { return s.mayRemove(run, o, rule, c.Group, who) }) {
			s.fail("%s was removed from %s, and at no moment the rules did not want him in", who, c.Name)
		}
	}
	for _, who := range added {
		if !s.allowed(run, func(o *oracle) bool { return s.mayAdd(run, o, rule, c.Group, who) }) {
			s.fail("%s was added to %s, and at no moment the rules wanted him in", who, c.Name)
		}
	}
	s.judgeLimits(run, rule, c, slices.DeleteFunc(slices.Clone(gone), nobodys), gone, added)
	s.judgeTotal(run, nobodys)
	if run.verb == pushesPlan {
		s.judgeExact(run, c, nobodys)
	}
}

// refused says whether the service has refused a PUT to the group of a change, in the same run and before it, or leaves
// people out of a PUT by itself.
func (s *sim) refused(run *simRun, c sandbox.Change) bool {
	if s.spec.org.Switches.UnknownMember == "dropped" && s.spec.org.Switches.UnseenMembers == "refused" {
		return true
	}
	for _, r := range s.logOf(run) {
		if r.RequestID == c.RequestID {
			return false
		}
		if r.Method == http.MethodPut && r.Path == groupAPI+c.Group && r.Status >= 400 && r.Status < 500 {
			return true
		}
	}
	return false
}

// allowed asks the oracle about every moment of a run. A run cannot read both services at one moment, so that what two
// moments say together is allowed as well; how often that is needed is counted.
func (s *sim) allowed(run *simRun, ask func(*oracle) bool) bool {
	moments := s.momentsOf(run)
	for _, m := range slices.Backward(moments) {
		if ask(newOracle(s.spec, &m.entra, &m.org)) {
			return true
		}
	}
	for _, m := range moments {
		for _, n := range moments {
			if ask(newOracle(s.spec, &m.entra, &n.org)) {
				s.mixed++
				return true
			}
		}
	}
	return false
}

func (s *sim) mayRemove(run *simRun, o *oracle, rule simRule, group, who string) bool {
	if run.verb != undoes {
		return o.mayRemove(rule, who)
	}
	at := slices.IndexFunc(o.org.Users, func(u sandbox.GenesysUser) bool { return u.ID == who })
	if at < 0 {
		return true
	}
	return !slices.Contains(rule.protect, o.org.Users[at].UserName) &&
		slices.ContainsFunc(run.undone[group].Remove, func(e plan.Entry) bool { return e.ID == who })
}

func (s *sim) mayAdd(run *simRun, o *oracle, rule simRule, group, who string) bool {
	if run.verb != undoes {
		return o.mayAdd(rule, who)
	}
	return slices.ContainsFunc(run.undone[group].Add, func(e plan.Entry) bool { return e.ID == who })
}

// judgeOrder wants a reading of the group between a PUT whose answer was not clear and the next one.
func (s *sim) judgeOrder(log []sandbox.Request) {
	unclear := map[string]bool{}
	for _, r := range log {
		switch r.Method {
		case http.MethodGet:
			delete(unclear, r.Path)
		case http.MethodPut:
			if unclear[r.Path] {
				s.fail("%s was sent again after an answer that was not clear, without a reading", r.Path)
			}
			if r.Status == 0 || r.Status == 408 || r.Status >= 500 {
				unclear[r.Path] = true
			}
		}
	}
}

// judgeNames wants every group to have the name and the externalId that its admins gave it.
func (s *sim) judgeNames() {
	for _, g := range s.world.Genesys().Groups {
		if want := "x" + fmt.Sprint(s.groupNumber(g.ID)); g.ExternalID != want || s.names[g.ID] != "" && g.DisplayName != s.names[g.ID] {
			s.fail("group %s is called %q and %q now", g.ID, g.DisplayName, g.ExternalID)
		}
	}
}

func (s *sim) groupNumber(group string) int {
	var n int
	_, _ = fmt.Sscanf(group[24:], "%x", &n) // ids are ours
	return n
}

// simMembers returns who is in a Genesys group, sorted.
func simMembers(org sandbox.Genesys, group string) []string {
	var ids []string
	for _, g := range org.Groups {
		if g.ID == group {
			for _, m := range g.Members {
				ids = append(ids, m.Value)
			}
			ids = append(ids, org.Switches.RuleMembers[group]...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// judgeStatus holds what a run says against what is.
func (s *sim) judgeStatus(run *simRun) {
	now := s.world.Genesys()
	for _, o := range run.result.Outcomes {
		good := o.Status == push.Done || o.Status == push.Already || o.Status == push.InStep
		if run.stopped && o.Status == push.Done && o.Detail != "" {
			good = false // it says that it was not read back
		}
		if !good || s.foreign(run, o.Group.ID) || s.lagging(run, o.Group.ID) {
			continue
		}
		if is := simMembers(now, o.Group.ID); !slices.Equal(is, o.Group.MemberIDs()) {
			s.fail("%s ended as %q, and has %v instead of %v", o.Group.Name, o.Status, is, o.Group.MemberIDs())
		}
	}
	moments := s.momentsOf(run)
	if run.status != 0 || len(moments) > s.stages(run) || !run.writes() || run.verb == undoes || run.noRemovals {
		return
	}
	start := moments[0]
	o := newOracle(s.spec, &start.entra, &start.org)
	s.met["status 0 held against the rules"]++
	for _, rule := range run.rules {
		group := o.target(rule)
		want, is := o.wish(rule, simMembers(start.org, group)), simMembers(now, group)
		wrong := slices.DeleteFunc(append(without(want, is), without(is, want)...), func(who string) bool {
			return !slices.ContainsFunc(now.Users, func(u sandbox.GenesysUser) bool { return u.ID == who })
		})
		if rule.mode != plan.Paused && !s.foreign(run, group) && !s.lagging(run, group) && len(wrong) > 0 {
			s.fail("status 0, and %s has %v, while the rules want %v", rule.name, is, want)
		}
	}
}

// stages is how many runs began since the first stage of a pipe, each of which is a moment although nothing has happened.
func (s *sim) stages(run *simRun) int {
	if run.since == nil {
		return 1
	}
	return slices.Index(s.runs, run) - slices.Index(s.runs, run.since) + 1
}

// lagging says whether the lists that a run has read may show a group as it was before. That it is in step is then the truth
// of that moment.
func (s *sim) lagging(run *simRun, group string) bool {
	lag := time.Duration(s.spec.org.Switches.ListLag)
	return lag > 0 && slices.ContainsFunc(s.world.History(), func(c sandbox.Change) bool {
		return c.Group == group && c.Time.After(run.began.Add(-lag-time.Second)) && c.Time.Before(run.began.Add(time.Second))
	})
}
