package simulation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/oracle"
)

// judgePut judges a PUT when it leaves: whom it would take out and whom it would put in, whatever becomes of it.
func (s *sim) judgePut(p *put) {
	run := p.run
	s.met["PUT"]++
	s.judgeForm(p)
	m, ok := s.mappingOf(p)
	if !ok {
		s.fail("%s (%s) was written, which is not to be touched", p.name, p.group)
		return
	}
	change := p.visible(m.Name)
	s.judgeHidden(p)
	for _, id := range change.Remove {
		member := p.before.Members[slices.IndexFunc(p.before.Members, func(m oracle.Member) bool { return m.ID == id })]
		if reason := s.forbidsRemoving(p, m, member); reason != "" {
			s.fail("%s is taken out of %s: %s", s.called(id), p.name, reason)
		}
	}
	for _, id := range change.Add {
		if reason := s.forbidsAdding(run, m, p.group, id); reason != "" {
			s.fail("%s is put into %s: %s", s.called(id), p.name, reason)
		}
	}
	if reason := s.spec.config.ForbidsSize(m, change, run.flags); reason != "" {
		s.fail("%s: %s", p.name, reason)
	}
	if run.verb != undoes {
		s.judgeSource(p, m)
	}
	s.judgeTotal(p, m)
	if run.verb == pushesPlan {
		s.judgePlan(p, m, change)
	}
}

// visible is the change that a PUT makes as far as its run could know. Where no reading shows members and the list of individual
// members is empty, a group that is a member is in neither of them, nor is whoever a rule has made a member.
func (p *put) visible(mapping string) oracle.Change {
	change := p.change(mapping)
	alone, read := p.run.alone[p.group][fmt.Sprintf("%q", fmt.Sprint(p.version))]
	if !read || alone.members || !p.run.empty[p.group] {
		return change
	}
	change.Remove = slices.DeleteFunc(change.Remove, func(id string) bool {
		return slices.Contains(p.before.Ruled, id) || slices.ContainsFunc(p.before.Members, func(m oracle.Member) bool { return m.ID == id && m.Other })
	})
	return change
}

func (s *sim) called(id string) string {
	a, _ := s.moments[len(s.moments)-1].Org.Account(id)
	return fmt.Sprintf("%s %+q", id, a.Name)
}

// judgeForm wants a PUT to hold for a version that was read alone in this run, to have the key of what it writes, and its
// intent on the disk.
func (s *sim) judgeForm(p *put) {
	run := p.run
	if _, ok := run.alone[p.group][fmt.Sprintf("%q", fmt.Sprint(p.version))]; !ok {
		s.fail("%s is written upon version %d, which was never read alone", p.name, p.version)
	}
	again := slices.ContainsFunc(s.puts, func(q *put) bool { return q != p && q.run == run && q.group == p.group })
	if want := keyOf(p.group, p.members); p.key != want && (p.key != "" || !again) {
		s.fail("the PUT to %s has the key %q instead of %q", p.name, p.key, want)
	}
	if change := p.visible(""); !intended(journal(run), p.group, append(change.Add, change.Remove...)) {
		s.fail("a PUT to %s leaves without its intent on the disk", p.name)
	}
}

// keyOf is the idempotency key of a state: the group, and its members to be as Python's json.dumps writes them.
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

// intended says whether some line of a journal names a group and all these ids.
func intended(text, group string, ids []string) bool {
	for line := range strings.Lines(text) {
		if strings.Contains(line, group) && !slices.ContainsFunc(ids, func(id string) bool { return !strings.Contains(line, id) }) {
			return true
		}
	}
	return false
}

// mappingOf is the one entry that a run may write a group for: at some moment no other one means it, and where it is named by
// its name, it has that name in the PUT. An undo knows by its journal which group it is about.
func (s *sim) mappingOf(p *put) (oracle.Mapping, bool) {
	run := p.run
	selected := func(m oracle.Mapping) bool {
		return len(run.flags.Only) == 0 || slices.Contains(run.flags.Only, m.Name)
	}
	if run.verb == undoes {
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

// judgeHidden wants a group that shows no members to be proven empty before it is written.
func (s *sim) judgeHidden(p *put) {
	r, ok := p.run.alone[p.group][fmt.Sprintf("%q", fmt.Sprint(p.version))]
	switch {
	case !ok || r.members:
	case p.before.Hidden && len(p.before.Members) > 0:
		s.fail("%s hides its %d members, and is written", p.name, len(p.before.Members))
	case !p.run.empty[p.group]:
		s.fail("%s shows no members, and is written without a proof that there are none", p.name)
	}
}
