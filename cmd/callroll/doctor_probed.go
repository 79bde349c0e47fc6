package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/report"
)

// probed shows what the last probe has found, and a probe that has not put its group back. It changes nothing.
func (c *checkup) probed(s *session) {
	dir, err := s.stateDir()
	if err != nil || dir == journal.None {
		c.add(report.CheckSkip, checkProbe, "there is no state folder, where a probe keeps what it finds")
		return
	}
	switch state, _, err := journal.ReadUnfinishedProbe(dir); {
	case err != nil:
		c.add(report.CheckFail, checkProbe, "what an unfinished probe has left cannot be read: %v", err)
		c.hint("look in the file which group it was and who was in it, give the group these members, and remove the file")
		c.checks[len(c.checks)-1].Status = report.Failed
	case state != nil:
		c.add(report.CheckFail, checkProbe, "a probe was killed or is under way, and Genesys group %q (%s) may not be as it was before",
			state.DisplayName, state.Group)
		c.hint("to put it back: " + s.probeAgain(*state))
		c.checks[len(c.checks)-1].Status = report.Refused
	}
	result, err := journal.ReadProbe(dir)
	switch {
	case err != nil:
		c.add(report.CheckWarn, checkProbe, "what the last probe has found cannot be read: %v", err)
		c.hint("callroll doctor --probe GROUP writes it again; no run depends on it")
	case result == nil:
		c.add(report.CheckSkip, checkProbe, "what Genesys does not document was not probed yet; "+
			"--probe GROUP does that on a throw-away group")
	case s.org != nil && result.Host != s.org.Host():
		c.add(report.CheckSkip, checkProbe, "the last probe was made in another org, at %s", result.Host)
	default:
		var found []string
		for _, f := range result.Findings {
			if f.Result == probe.Found {
				found = append(found, f.Name+": "+f.Text)
			}
		}
		c.add(report.CheckOK, checkProbe, "found on %s by callroll %s at %s: %s",
			result.Ended.UTC().Format(time.DateOnly), result.Version, result.Host, strings.Join(found, "; "))
	}
}

// explain adds to an error of a probe what is to be done. It prints who was in the group before.
func (p *prober) explain(err error, path string) error {
	foreign, isForeign := errors.AsType[*probe.ForeignError](err)
	left, isLeft := errors.AsType[*probe.LeftError](err)
	switch {
	case isForeign:
		p.sayBefore(foreign.Before)
		return &hintedError{err, "look at the group in Genesys, give it the members that it should have, and remove " + path}
	case isLeft:
		p.sayBefore(left.Before)
		return &hintedError{err, p.again(left.Before)}
	}
	return err
}

// sayBefore prints on stderr how the group was before the probe.
func (p *prober) sayBefore(s probe.State) {
	who := "nobody"
	for i, id := range s.Members {
		if i == 0 {
			who = p.name(id)
		} else {
			who += ", " + p.name(id)
		}
	}
	external := "no externalId"
	if s.ExternalID != nil {
		external = fmt.Sprintf("the externalId %q", *s.ExternalID)
	}
	p.session.app.say("before the probe, Genesys group %q (%s) had %s, and these members: %s", s.DisplayName, s.Group, external, who)
}

// name returns the userName and the id of a member, or the id.
func (p *prober) name(id string) string {
	for _, a := range p.accounts {
		if a.ID == id {
			return fmt.Sprintf("%s (%s)", a.UserName, id)
		}
	}
	return id
}
