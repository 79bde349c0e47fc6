package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/report"
)

// probed shows what the last probe has found, and a probe that has not put its group back. It changes nothing.
func (c *checkup) probed(s *session) {
	dir, err := s.stateDir()
	if err != nil || dir == journal.None || !mayBeFolder(dir) {
		c.add(report.CheckSkip, checkProbe, "there is no state folder, where a probe keeps what it finds")
		return
	}
	switch state, path, err := journal.ReadUnfinishedProbe(dir); {
	case err != nil:
		c.add(report.CheckFail, checkProbe, "what an unfinished probe has left cannot be read: %v", err)
		c.hint(unreadableProbe)
		c.checks[len(c.checks)-1].Status = report.Failed
	case state != nil:
		c.add(report.CheckFail, checkProbe, "a probe was killed or is under way, and Genesys group %q (%s) may not be as it was before",
			state.DisplayName, state.Group)
		c.hint(s.afterKill(*state, path))
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

// mayBeFolder reports whether a path is a folder, or one that does not exist yet. Of anything else the check of the state folder
// says what is wrong.
func mayBeFolder(path string) bool {
	info, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir()
}

// unreadableProbe says what to do about a state of a probe that cannot be read.
const unreadableProbe = "look in the file which group it was and who was in it, give the group these members, and remove the file"

// afterKill says what to do about the group of a probe that was killed.
func (s *session) afterKill(state probe.State, path string) string {
	before := fmt.Sprintf("before the probe it had %s; %s", names(state.Members, func(id string) string { return id }), byHand(path))
	switch {
	case state.IsConfigured(s.configured()):
		return "the configuration has this group by now, or one whose name looks the same, so that no probe puts it back: " + before
	case s.org != nil && !state.IsOf(s.org):
		return otherClient(state) + before
	}
	return s.probeAgain(state)
}

// byHand says how a group is put back without callroll.
func byHand(path string) string {
	return "look at the group in Genesys, give it the members that it should have, and remove " + path
}

// otherClient says who can put back a group in another org, or after the OAuth client was replaced.
func otherClient(s probe.State) string {
	return fmt.Sprintf("with the OAuth client %s at %s, the same call puts it back; without it: ", s.ClientID, s.Host)
}

// probeAgain says how to put back the group of an unfinished probe. After a while that needs the names of those who come back.
func (s *session) probeAgain(state probe.State) string {
	verb := "doctor " + report.ShellFlag("--probe", state.Group)
	if state.IsOld() {
		verb += " " + withFlags(state.Members)
	}
	return "to put it back: " + s.again(strings.TrimSpace(verb))
}

// withFlags returns the flags that name these accounts.
func withFlags(ids []string) string {
	var flags []string
	for _, id := range ids {
		flags = append(flags, report.ShellFlag("--with", id))
	}
	return strings.Join(flags, " ")
}

// configured returns the ids and names of the Genesys groups in the configuration.
func (s *session) configured() []string {
	var refs []string
	for _, m := range s.settings.Mappings {
		refs = append(refs, m.Genesys)
	}
	return refs
}

// explain adds to an error of a probe what is to be done. It prints who was in the group before, or, if the group is not probed, the
// members whom the call does not name.
func (p *prober) explain(ctx context.Context, err error, path string) error {
	foreign, isForeign := errors.AsType[*probe.ForeignError](err)
	refused, isRefused := errors.AsType[*probe.RefusedError](err)
	left, isLeft := errors.AsType[*probe.LeftError](err)
	switch {
	case isForeign:
		p.sayBefore(foreign.Before)
		p.session.app.say("now it has these members: %s", names(foreign.Now.Members, p.name))
		return &hintedError{err, byHand(path)}
	case isRefused && refused.Before == nil && len(refused.Unnamed) > 0:
		p.sayUnnamed(ctx, refused.Unnamed)
		return &hintedError{err, nameMembers(refused.Unnamed)}
	case isRefused && len(refused.Unnamed) > 0:
		p.sayBefore(*refused.Before)
		return &hintedError{err, fmt.Sprintf("if these members should come back, add %s to the call; otherwise %s",
			withFlags(refused.Unnamed), byHand(path))}
	case isRefused && refused.Before != nil:
		p.sayBefore(*refused.Before)
		return &hintedError{err, "the probe was left as it is: " + byHand(path)}
	case isLeft:
		p.sayBefore(left.Before)
		return &hintedError{err, p.session.probeAgain(left.Before)}
	}
	return err
}

// How many members whom the call does not name are shown, and how many are offered for --with. A group that has more is hardly a
// throw-away group, and its name may be a mistake.
const (
	maxShown   = 10
	maxOffered = 2
)

// sayUnnamed prints who is in a group that is not probed, so that somebody who has named a wrong group sees it.
func (p *prober) sayUnnamed(ctx context.Context, ids []string) {
	reader := genesys.NewReader(p.conn)
	lines := []string{"members of the group whom --with does not name:"}
	for _, id := range ids[:min(len(ids), maxShown)] {
		who := "a userName that could not be read"
		if account, err := reader.User(ctx, id); err == nil {
			who = account.UserName
		}
		lines = append(lines, fmt.Sprintf("  %s (%s)", who, id))
	}
	if more := len(ids) - maxShown; more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	p.session.app.sayLines(lines...)
}

// nameMembers says how a group can be probed that has members whom the call does not name.
func nameMembers(ids []string) string {
	if len(ids) > maxOffered {
		return "name a group that is empty"
	}
	return "name a group that is empty, or, if the probe may write these members too, add to the call: " + withFlags(ids)
}

// sayBefore prints on stderr how the group was before the probe.
func (p *prober) sayBefore(s probe.State) {
	external := "no externalId"
	if s.ExternalID != nil {
		external = fmt.Sprintf("the externalId %q", *s.ExternalID)
	}
	p.session.app.say("before the probe, Genesys group %q (%s) had %s, and these members: %s", s.DisplayName, s.Group, external,
		names(s.Members, p.name))
}

// names lists members, by the names that name returns.
func names(ids []string, name func(string) string) string {
	if len(ids) == 0 {
		return "nobody"
	}
	var words []string
	for _, id := range ids {
		words = append(words, name(id))
	}
	return strings.Join(words, ", ")
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
