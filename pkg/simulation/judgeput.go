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
	change := p.change(m.Name)
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
	sum := sha256.Sum256([]byte(p.group + ":[" + quoted(p.members) + "]"))
	if want := hex.EncodeToString(sum[:]); p.key != want && (p.key != "" || !again) {
		s.fail("the PUT to %s has the key %q instead of %q", p.name, p.key, want)
	}
	if change := p.change(""); !intended(journal(run), p.group, append(change.Add, change.Remove...)) {
		s.fail("a PUT to %s leaves without its intent on the disk", p.name)
	}
}

// quoted writes a list as Python's json.dumps does.
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

// as is a mapping as a run takes it: a stage takes people as the first stage did, and everything else as it is configured now.
func (run *run) as(m oracle.Mapping) oracle.Mapping {
	if run.since == nil {
		return m
	}
	for _, old := range run.since.mappings {
		if old.Name == m.Name {
			m.Sources, m.Exclude, m.Nested = old.Sources, old.Exclude, old.Nested
		}
	}
	return m
}

// flagsOf are the flags that decide about single people: what somebody typed for an earlier stage still counts.
func (run *run) deciding() oracle.Flags {
	f := cloneFlags(run.flags)
	if run.verb != pushesPlan {
		f.ReviewedNothing = run.blind
		return f
	}
	f.ReviewedNothing = run.before.blind
	if f.Release == nil {
		f.Release = map[string][]string{}
	}
	for name, who := range run.before.flags.Release {
		f.Release[name] = slices.Concat(f.Release[name], who)
	}
	return f
}

// forbids asks about every moment of a run, and returns why at none of them something may be done. A run cannot read both
// services at one moment, so that what two moments say together holds as well.
func (s *sim) forbids(run *run, m oracle.Mapping, ask func(*oracle.View) string) string {
	moments := s.momentsOf(run)
	reason := ""
	for _, a := range slices.Backward(moments) {
		if reason = ask(s.cached(run, m, a.Tenant, a.Org)); reason == "" {
			return ""
		}
	}
	last := ""
	for _, a := range moments {
		for _, b := range moments {
			if a.Tenant == b.Tenant && a.Org == b.Org {
				continue
			}
			if last = ask(s.cached(run, m, a.Tenant, b.Org)); last == "" {
				s.met["what two moments say together"]++
				return ""
			}
		}
	}
	return reason
}

func (s *sim) cached(run *run, m oracle.Mapping, t *oracle.Tenant, o *oracle.Org) *oracle.View {
	key := viewKey{mapping: m.Name, tenant: t, org: o}
	if run.views[key] == nil {
		run.views[key] = oracle.See(run.as(m), s.spec.config, t, o)
	}
	return run.views[key]
}

// view is what a mapping means at one moment.
func (s *sim) view(at oracle.Moment, m oracle.Mapping) *oracle.View {
	return oracle.See(m, s.spec.config, at.Tenant, at.Org)
}

// always says whether something holds at every moment of the run itself.
func (s *sim) always(run *run, is func(oracle.Moment) bool) bool {
	return !slices.ContainsFunc(s.moments[run.start:], func(m oracle.Moment) bool { return !is(m) })
}

func (s *sim) forbidsRemoving(p *put, m oracle.Mapping, member oracle.Member) string {
	run, group := p.run, p.group
	if run.verb == undoes {
		switch {
		case !slices.Contains(s.added(run.undone, group), member.ID):
			return "the run that is taken back has not added them"
		case s.always(run, func(at oracle.Moment) bool { return s.view(at, m).Protects(member.ID) }):
			return "protect names them"
		case run.flags.NoRemovals:
			return "this run removes nobody"
		}
		return ""
	}
	flags := run.deciding()
	return s.forbids(run, m, func(v *oracle.View) string { return v.With(p.before.Members, flags).ForbidsRemoving(member, flags) })
}

func (s *sim) forbidsAdding(run *run, m oracle.Mapping, group, id string) string {
	excluded := func(at oracle.Moment) bool { return s.view(at, m).Excludes(id) }
	if run.verb == undoes {
		switch {
		case !slices.Contains(s.removed(run.undone, group), id):
			return "the run that is taken back has not removed them"
		case s.always(run, excluded):
			return "exclude names them now"
		}
		return ""
	}
	if run.since != nil {
		inactive := func(at oracle.Moment) bool {
			a, known := at.Org.Account(id)
			return !known || !a.Active
		}
		switch {
		case !run.blind && s.always(run, excluded): // without credentials nobody knows who is in an excluded group now
			return "exclude names them now"
		case s.always(run, inactive):
			return "the account is inactive now"
		}
	}
	if run.verb == pushesPlan && run.forged != "" {
		return "" // whom a plan adds is the affair of whoever seals it; that they may be added is not
	}
	flags := run.deciding()
	return s.forbids(run, m, func(v *oracle.View) string { return v.ForbidsAdding(id, flags) })
}

// added and removed are what the PUTs of a run have changed in a group, or may have.
func (s *sim) added(run *run, group string) (ids []string) {
	for _, p := range s.puts {
		if p.run == run && p.group == group {
			ids = append(ids, p.change("").Add...)
		}
	}
	return ids
}

func (s *sim) removed(run *run, group string) (ids []string) {
	for _, p := range s.puts {
		if p.run == run && p.group == group {
			ids = append(ids, p.change("").Remove...)
		}
	}
	return ids
}

// judgeSource wants nothing to be written for a mapping whose source could be read at no moment, or whose match is broken.
func (s *sim) judgeSource(p *put, m oracle.Mapping) {
	if p.run.verb == pushesPlan {
		return // that the plan refuses, and its changes were judged one by one
	}
	flags := p.run.deciding()
	if reason := s.forbids(p.run, m, func(v *oracle.View) string { return v.Problem() }); reason != "" {
		s.fail("%s is written: %s", p.name, reason)
	}
	broken := s.forbids(p.run, m, func(v *oracle.View) string {
		if v.Broken(p.before, flags) {
			return "the match is broken"
		}
		return ""
	})
	if broken != "" {
		s.fail("%s is written: %s", p.name, broken)
	}
}

// judgeTotal holds everybody whom a run removes against the limit of the run: by the last PUT to each group, and by those
// before it that were carried out. Its share is one of all members of the groups that are worked on.
func (s *sim) judgeTotal(p *put, m oracle.Mapping) {
	run := p.run
	if _, allowed := run.flags.AllowRemovals[m.Name]; allowed {
		return
	}
	removed, members := map[string]bool{}, map[string]int{}
	last := map[string]*put{}
	for _, q := range s.puts {
		if q.run == run {
			last[q.group] = q
		}
	}
	for _, q := range s.puts {
		own, ok := s.mappingOf(q)
		if _, allowed := run.flags.AllowRemovals[own.Name]; q.run != run || !ok || allowed || last[q.group] != q && q.status != 200 {
			continue
		}
		for _, id := range q.change("").Remove {
			removed[q.group+id] = true
		}
		members[q.group] = max(members[q.group], len(q.before.Members))
	}
	for _, at := range s.momentsOf(run) {
		for _, other := range run.mappings {
			if g, ok := at.Org.Target(other); ok && (other.Mode != oracle.Paused || run.verb == undoes) {
				members[g.ID] = max(members[g.ID], len(g.Members))
			}
		}
	}
	all := 0
	for _, n := range members {
		all += n
	}
	if most := s.spec.config.Total.Most(all); len(removed) > most {
		s.fail("the run removes %d of at most %d members, and its limit is %d", len(removed), all, most)
	}
}

// judgePlan wants a plan to be carried out exactly: from what it found, and as it says.
func (s *sim) judgePlan(p *put, m oracle.Mapping, change oracle.Change) {
	plan := readReport(p.run.in)
	g, ok := plan.of(m.Name)
	if !ok {
		s.fail("%s is written, and is not in the plan", p.name)
		return
	}
	if extra := oracle.Without(change.Remove, ids(g.Remove)); len(extra) > 0 {
		s.fail("%v are taken out of %s, and the plan does not remove them", extra, p.name)
	}
	if extra := oracle.Without(change.Add, ids(g.Add)); len(extra) > 0 {
		s.fail("%v are put into %s, and the plan does not add them", extra, p.name)
	}
	s.met["change by a plan"]++
	if p.run.forged != "" {
		return
	}
	found := append(oracle.Without(g.Members, ids(g.Add)), ids(g.Remove)...)
	slices.Sort(found)
	if !slices.Equal(found, p.before.IDs()) {
		s.fail("%s is written by a plan that is stale: it found %v, and there are %v", p.name, found, p.before.IDs())
	}
}
