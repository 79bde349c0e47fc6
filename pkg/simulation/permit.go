package simulation

import (
	"net/http"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

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

// deciding are the flags that decide about single people: what somebody typed for an earlier stage still counts.
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
	return s.forbids(run, m, func(v *oracle.View) string {
		reason := v.With(p.before.Members, flags).ForbidsRemoving(member, flags)
		if reason == oracle.Disputed && s.toldGone(run, member.ID) {
			return ""
		}
		return reason
	})
}

// toldGone says whether Genesys has told a run, falsely, that there is no such account.
func (s *sim) toldGone(run *run, account string) bool {
	return slices.ContainsFunc(s.logOf(run), func(r sandbox.Request) bool {
		return r.Fault != nil && r.Status == http.StatusNotFound && strings.HasSuffix(r.Path, "/users/"+account)
	})
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
	if run.since == nil || flags.ReviewedNothing {
		return s.forbids(run, m, func(v *oracle.View) string { return v.ForbidsAdding(id, flags) })
	}
	// A stage takes people as they were, and asks now whose userPrincipalName their accounts have.
	flags.ReviewedNothing = true
	return s.forbids(run, m, func(v *oracle.View) string {
		if reason := v.ForbidsAdding(id, flags); reason != "" {
			return reason
		}
		if s.always(run, func(at oracle.Moment) bool { return v.BorrowedIn(at.Tenant, id) }) {
			return "their account has the userPrincipalName of somebody else"
		}
		return ""
	})
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
