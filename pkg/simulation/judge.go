package simulation

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// judge looks at what a run has done and said. Each of its PUTs was judged when it left.
func (s *sim) judge(run *run) {
	s.takeIn()
	s.judgeOrder(s.logOf(run), run.lost)
	s.judgeNames()
	s.judgeSilence(run)
	s.judgeGuest(run)
	s.readMail(run)
	s.judgeClock(run)
	s.judgeFaults(run)
	if run.dead {
		return
	}
	s.judgeFile(run)
	s.judgeReport(run)
	s.judgeForecast(run)
}

// takeIn notes the names that admins give to groups.
func (s *sim) takeIn() {
	history := s.world.History()
	for _, c := range history[s.seen:] {
		if c.Who == "edit" && !c.Deleted {
			s.names[c.Group] = c.Name
		}
		if (c.Who == "put" || c.Who == "late") && s.sender(c.RequestID) == nil {
			s.fail("a change that no run has sent: %+v", c)
		}
	}
	s.seen = len(history)
}

// sender is the PUT of a request.
func (s *sim) sender(request string) *put {
	i := slices.IndexFunc(s.puts, func(p *put) bool { return p.id == request && request != "" })
	if i < 0 {
		return nil
	}
	return s.puts[i]
}

// judgeOrder wants a reading of the group between a PUT whose answer was not clear and the next one.
func (s *sim) judgeOrder(log []sandbox.Request, lost map[string]bool) {
	unclear := map[string]bool{}
	for _, r := range log {
		switch r.Method {
		case http.MethodGet:
			delete(unclear, r.Path)
		case http.MethodPut:
			if unclear[r.Path] {
				s.fail("%s was sent again after an answer that was not clear, without a reading", r.Path)
			}
			clear := r.Status == http.StatusUnauthorized || r.Status == http.StatusTooManyRequests // whatever comes after the status
			if r.Status == 0 || r.Status == 408 || r.Status >= 500 || lost[r.RequestID] && !clear {
				unclear[r.Path] = true
			}
		}
	}
}

// judgeNames wants every group to have the name and the externalId that its admins gave it.
func (s *sim) judgeNames() {
	for _, g := range s.world.Genesys().Groups {
		var n int
		_, _ = fmt.Sscanf(g.ID[24:], "%x", &n) // ids are ours
		if g.ExternalID != fmt.Sprintf("x%d", n) || s.names[g.ID] != "" && g.DisplayName != s.names[g.ID] {
			s.fail("group %s is called %q and %q now", g.ID, g.DisplayName, g.ExternalID)
		}
	}
}

// judgeSilence wants no secret in what a run prints.
func (s *sim) judgeSilence(run *run) {
	if s.tells(run.out.String()) || s.tells(run.err.String()) {
		s.fail("a secret was printed")
	}
}

// judgeFile wants a look to write nothing, and a file that is too old or contradicts itself to be turned down.
func (s *sim) judgeFile(run *run) {
	if !run.writes() && run.sent > 0 {
		s.fail("%s has sent a PUT", run.verb)
	}
	if run.in == nil {
		return
	}
	if run.forged != "" && run.status == 0 {
		for _, f := range forgeries() {
			// Without credentials nobody can know whom exclude names now, and a removal that somebody else has made decides nothing.
			unknown := f.name == excludedToAdd && run.blind || f.name == otherToRemove && s.removedAlready(run)
			if f.name == run.forged && f.mustFail && !unknown {
				s.fail("%s with %s has ended with 0", run.verb, f.name)
			}
		}
	}
	expires, err := time.Parse(time.RFC3339, readReport(run.in).Expires)
	if err == nil && run.began.After(expires) {
		s.met["a file that has expired"]++
		if run.sent > 0 || run.status == 0 {
			s.fail("%s of a file that expired at %s: %d PUTs, status %d", run.verb, expires, run.sent, run.status)
		}
	}
	if made, err := time.Parse(time.RFC3339, readReport(run.in).Taken); err == nil && made.After(run.began.Add(2*day)) {
		s.met["a file of the future"]++
		if run.sent > 0 || run.status == 0 {
			s.fail("%s of a file of %s: %d PUTs, status %d", run.verb, made, run.sent, run.status)
		}
	}
	if run.older && run.sent > 0 && !run.flags.AllowOlder {
		s.fail("a membership that is older than the last one pushed was carried out")
	}
}

// removedAlready says whether nobody of those whom a file removes from some group was in it any more when a run began.
func (s *sim) removedAlready(run *run) bool {
	for _, g := range readReport(run.in).Groups {
		group, _ := s.moments[run.start].Org.Group(g.ID)
		isMember := func(e entry) bool { return slices.Contains(group.IDs(), e.ID) }
		if len(g.Remove) > 0 && !slices.ContainsFunc(g.Remove, isMember) {
			return true
		}
	}
	return false
}

// changes are the changes of a group that a run has made, and whether somebody else has changed it since the run began.
func (s *sim) changes(run *run, group string) (own []sandbox.Change, others bool) {
	for i, c := range s.world.History() {
		if c.Group != group || c.Who == "rule" {
			continue
		}
		if p := s.sender(c.RequestID); p != nil && p.run == run {
			own = append(own, c)
		} else if i >= run.history {
			others = true
		}
	}
	return own, others
}

// lagging says whether the lists that a run has read may show a group as it was before. That it is in step is then the truth
// of that moment.
func (s *sim) lagging(run *run, about func(group string) bool) bool {
	lag := time.Duration(s.spec.org.Switches.ListLag)
	return lag > 0 && slices.ContainsFunc(s.world.History(), func(c sandbox.Change) bool {
		return about(c.Group) && c.Time.After(run.began.Add(-lag-time.Second)) && c.Time.Before(run.began.Add(time.Second))
	})
}

// judgeReport holds what a run says against what is.
func (s *sim) judgeReport(run *run) {
	r := run.report
	if r.Status != nil && *r.Status != run.status {
		s.fail("it says that its status is %d, and ends with %d", *r.Status, run.status)
	}
	if r.Kind != "result" && r.Kind != "plan" {
		return
	}
	var outcomes []oracle.Outcome
	for _, g := range r.Groups {
		outcomes = append(outcomes, g.outcome())
		if g.Outcome == "refused" && len(g.Refusals) == 0 && g.Detail == "" {
			s.fail("%s is refused, and nothing says why", g.Name)
		}
	}
	if want := oracle.Exit(outcomes); want != run.status && !run.stopped && (run.took < longest || run.status != 7) {
		s.fail("its groups come to status %d, and it ends with %d", want, run.status)
	}
	if r.Kind == "result" {
		for _, g := range r.Groups {
			s.judgeOutcome(run, g)
		}
	}
}

// judgeOutcome holds what a run says of one group against the World's history.
func (s *sim) judgeOutcome(run *run, g reported) {
	own, others := s.changes(run, g.ID)
	if g.Outcome == "not started" && len(own) > 0 {
		s.fail("%s is said not to have been started, and was changed", g.Name)
	}
	ours := func(group string) bool { return group == g.ID }
	cut := run.stopped || run.took >= longest
	if others || s.lagging(run, ours) || cut && g.Outcome == "changed" && g.Detail != "" || !g.good() {
		return // a run that was stopped, or has run out of time, says that it did not read back
	}
	now, ok := s.now().Org.Group(g.ID)
	individual := func(m oracle.Member) bool { return s.isIndividual(m) && !slices.Contains(now.Ruled, m.ID) }
	if len(g.Members) == 0 && s.faulty(run) && !slices.ContainsFunc(now.Members, individual) {
		return // an answer without members, and nobody among them whom the list of individual members could show
	}
	if is := now.IDs(); !ok || !slices.Equal(is, g.Members) {
		s.fail("%s ended as %q, and has %v instead of %v", g.Name, g.Outcome, is, g.Members)
	}
	if g.Outcome != "changed" || len(own) == 0 {
		return
	}
	was, is := own[0].Before, own[len(own)-1].After
	add, remove := oracle.Without(is, was), s.takenOut(run, g.ID, was, is)
	if !slices.Equal(add, ids(g.Add)) || !slices.Equal(remove, ids(g.Remove)) {
		s.fail("%s reports +%v -%v, and has changed +%v -%v", g.Name, ids(g.Add), ids(g.Remove), add, remove)
	}
	s.met["a report that was held against the changes"]++
}

// isIndividual says whether a member is a user whom Genesys knows.
func (s *sim) isIndividual(m oracle.Member) bool {
	_, known := s.now().Org.Account(m.ID)
	return known && !m.Other
}

// takenOut are the members whom a run has removed from a group: not those whom Genesys has left out itself.
func (s *sim) takenOut(run *run, group string, was, is []string) []string {
	return slices.DeleteFunc(oracle.Without(was, is), func(id string) bool { return s.keptByEveryPut(run, group, id) })
}

// keptByEveryPut says whether each PUT of a run to a group has named an account as a member to be.
func (s *sim) keptByEveryPut(run *run, group, account string) bool {
	for _, r := range s.logOf(run) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.Path, group) && !bytes.Contains(r.Body, []byte(`"`+account+`"`)) {
			return false
		}
	}
	return true
}
