package simulation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// judgePut checks a PUT when it is sent: the members that it removes and adds, whatever its answer will be.
func (s *sim) judgePut(p *putRequest) {
	run := p.run
	s.met["PUT"]++
	s.judgeForm(p)
	m, ok := s.mappingOf(p)
	if !ok {
		s.errorf("%s (%s) was written, which is not to be touched", p.name, p.group)
		return
	}
	change := s.visible(p, m.Name)
	s.judgeHidden(p)
	s.judgeRules(p)
	for _, id := range change.Remove {
		member := p.before.Members[slices.IndexFunc(p.before.Members, func(m oracle.Member) bool { return m.ID == id })]
		if reason := s.forbidsRemoving(p, m, member); reason != "" {
			s.errorf("%s is taken out of %s: %s", s.accountLabel(id), p.name, reason)
		}
	}
	for _, id := range change.Add {
		if reason := s.forbidsAdding(run, m, p.group, id); reason != "" {
			s.errorf("%s is put into %s: %s", s.accountLabel(id), p.name, reason)
		}
	}
	if reason := s.spec.config.ForbidsSize(m, change, run.flags); reason != "" {
		s.errorf("%s: %s", p.name, reason)
	}
	if run.verb != verbUndo {
		s.judgeSource(p, m)
	}
	s.judgeTotal(p, m)
	if run.verb == verbPushPlan {
		s.judgePlan(p, m, change)
	}
}

// visible returns the change of a PUT as far as its run could know it. If no reading shows members and the list of
// individual members is empty, nested groups, members that a rule adds and members without an account are not visible.
func (s *sim) visible(p *putRequest, mapping string) oracle.Change {
	change := p.change(mapping)
	alone, read := p.run.singleReadings[p.group][fmt.Sprintf("%q", fmt.Sprint(p.version))]
	if !read || alone.members || !p.run.shownEmpty[p.group] {
		return change
	}
	change.Remove = slices.DeleteFunc(change.Remove, func(id string) bool {
		other := func(m oracle.Member) bool { return m.ID == id && m.Other }
		_, exists := s.moments[len(s.moments)-1].Org.Account(id)
		return !exists || slices.Contains(p.before.Ruled, id) || slices.ContainsFunc(p.before.Members, other)
	})
	return change
}

func (s *sim) accountLabel(id string) string {
	a, _ := s.moments[len(s.moments)-1].Org.Account(id)
	return fmt.Sprintf("%s %+q", id, a.Name)
}

// judgeForm checks that a PUT is for a version that was read alone in this run, has the key of its members, and that its
// intent is on disk.
func (s *sim) judgeForm(p *putRequest) {
	run := p.run
	if _, ok := run.singleReadings[p.group][fmt.Sprintf("%q", fmt.Sprint(p.version))]; !ok {
		s.errorf("%s is written upon version %d, which was never read alone", p.name, p.version)
	}
	again := slices.ContainsFunc(s.puts, func(q *putRequest) bool { return q != p && q.run == run && q.group == p.group })
	if want := keyOf(p.group, p.members); p.key != want && (p.key != "" || !again) {
		s.errorf("the PUT to %s has the key %q instead of %q", p.name, p.key, want)
	}
	if change := s.visible(p, ""); !hasIntent(journal(run), p.group, append(change.Add, change.Remove...)) {
		s.errorf("a PUT to %s leaves without its intent on the disk", p.name)
	}
}

// keyOf returns the idempotency key of a state: the group, and its members as Python's json.dumps writes them.
func keyOf(group string, members []string) string {
	sum := sha256.Sum256([]byte(group + ":[" + quoted(members) + "]"))
	return hex.EncodeToString(sum[:])
}

func quoted(ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, `"`+id+`"`)
	}
	return strings.Join(out, ", ")
}

// hasIntent says whether a line of a journal has a group and all these ids.
func hasIntent(text, group string, ids []string) bool {
	for line := range strings.Lines(text) {
		if strings.Contains(line, group) && !slices.ContainsFunc(ids, func(id string) bool { return !strings.Contains(line, id) }) {
			return true
		}
	}
	return false
}

// mappingOf returns the only entry that a run may write a group for. At some moment no other entry means the group, and if
// the entry uses the group's name, the PUT has this name. An undo knows the group from its journal.
func (s *sim) mappingOf(p *putRequest) (oracle.Mapping, bool) {
	run := p.run
	selected := func(m oracle.Mapping) bool {
		return len(run.flags.Only) == 0 || slices.Contains(run.flags.Only, m.Name)
	}
	if run.verb == verbUndo {
		for _, m := range run.mappings {
			if (m.Ref == p.group || m.Ref == p.name) && selected(m) {
				return m, true
			}
		}
		return oracle.Mapping{}, false
	}
	for _, moment := range s.momentsOf(run) {
		var leading []oracle.Mapping
		for _, m := range run.mappings {
			if g, ok := moment.Org.Target(m); ok && g.ID == p.group {
				leading = append(leading, m)
			}
		}
		if len(leading) == 1 && (leading[0].Ref == p.group || leading[0].Ref == p.name) {
			return leading[0], leading[0].Mode != oracle.Paused && selected(leading[0])
		}
	}
	return oracle.Mapping{}, false
}

// judgeRules checks that a group with members is not written for the first time before its run has asked for its individual
// members: others would become individual members.
func (s *sim) judgeRules(p *putRequest) {
	again := slices.ContainsFunc(s.puts, func(q *putRequest) bool { return q != p && q.group == p.group })
	if !again && len(p.before.Members) > 0 && !p.before.Hidden && !p.run.askedIndividuals[p.group] {
		s.errorf("%s is written for the first time, and nobody asked for its individual members", p.name)
	}
}

// judgeHidden checks that a group without visible members was confirmed as empty before it is written.
func (s *sim) judgeHidden(p *putRequest) {
	r, ok := p.run.singleReadings[p.group][fmt.Sprintf("%q", fmt.Sprint(p.version))]
	switch {
	case !ok || r.members:
	case p.before.Hidden && len(p.before.Members) > 0:
		s.errorf("%s hides its %d members, and is written", p.name, len(p.before.Members))
	case !p.run.shownEmpty[p.group]:
		s.errorf("%s shows no members, and is written without a proof that there are none", p.name)
	}
}
