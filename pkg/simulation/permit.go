package simulation

import (
	"net/http"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// stageMapping returns a mapping as a run uses it: a later stage takes people as the first stage did, and everything else
// from the present configuration.
func (run *run) stageMapping(m oracle.Mapping) oracle.Mapping {
	if run.firstStage == nil {
		return m
	}
	for _, old := range run.firstStage.mappings {
		if old.Name == m.Name {
			m.Sources, m.Exclude, m.Nested = old.Sources, old.Exclude, old.Nested
		}
	}
	return m
}

// effectiveFlags returns the flags that apply to single people, including those of earlier stages.
func (run *run) effectiveFlags() oracle.Flags {
	f := cloneFlags(run.flags)
	if run.verb != verbPushPlan {
		f.ReviewedNothing = run.noEntra
		return f
	}
	f.ReviewedNothing = run.previousStage.noEntra
	if f.Release == nil {
		f.Release = map[string][]string{}
	}
	for name, who := range run.previousStage.flags.Release {
		f.Release[name] = slices.Concat(f.Release[name], who)
	}
	return f
}

// forbids returns the reason why something is not allowed at any moment of a run; empty if it is allowed at one. A run
// cannot read both services at the same moment, so combinations of two moments are allowed as well.
func (s *sim) forbids(run *run, m oracle.Mapping, ask func(*oracle.View) string) string {
	moments := s.momentsOf(run)
	reason := ""
	for _, a := range slices.Backward(moments) {
		if reason = ask(s.cachedView(run, m, a.Tenant, a.Org)); reason == "" {
			return ""
		}
	}
	last := ""
	for _, a := range moments {
		for _, b := range moments {
			if a.Tenant == b.Tenant && a.Org == b.Org {
				continue
			}
			if last = ask(s.cachedView(run, m, a.Tenant, b.Org)); last == "" {
				s.met["what two moments say together"]++
				return ""
			}
		}
	}
	return reason
}

func (s *sim) cachedView(run *run, m oracle.Mapping, t *oracle.Tenant, o *oracle.Org) *oracle.View {
	key := viewKey{mapping: m.Name, tenant: t, org: o}
	if run.views[key] == nil {
		run.views[key] = oracle.See(run.stageMapping(m), s.spec.config, t, o)
	}
	return run.views[key]
}

// view returns what a mapping means at one moment.
func (s *sim) view(at oracle.Moment, m oracle.Mapping) *oracle.View {
	return oracle.See(m, s.spec.config, at.Tenant, at.Org)
}

// always says whether something is true at every moment of the run itself.
func (s *sim) always(run *run, is func(oracle.Moment) bool) bool {
	return !slices.ContainsFunc(s.moments[run.start:], func(m oracle.Moment) bool { return !is(m) })
}

func (s *sim) forbidsRemoving(p *putRequest, m oracle.Mapping, member oracle.Member) string {
	run, group := p.run, p.group
	if run.verb == verbUndo {
		switch {
		case !slices.Contains(s.added(run.undoneRun, group), member.ID):
			return "the run that is taken back has not added them"
		case s.always(run, func(at oracle.Moment) bool { return s.view(at, m).Protects(member.ID) }):
			return "protect names them"
		case run.flags.NoRemovals:
			return "this run removes nobody"
		}
		return ""
	}
	flags := run.effectiveFlags()
	return s.forbids(run, m, func(v *oracle.View) string {
		reason := v.With(p.before.Members, flags).ForbidsRemoving(member, flags)
		if reason == oracle.Disputed && s.wasToldMissing(run, member.ID) {
			return ""
		}
		return reason
	})
}

// wasToldMissing says whether a fault has told a run that an existing account does not exist.
func (s *sim) wasToldMissing(run *run, account string) bool {
	return slices.ContainsFunc(s.logOf(run), func(r sandbox.Request) bool {
		return r.Fault != nil && r.Status == http.StatusNotFound && strings.HasSuffix(r.Path, "/users/"+account)
	})
}

func (s *sim) forbidsAdding(run *run, m oracle.Mapping, group, id string) string {
	excluded := func(at oracle.Moment) bool { return s.view(at, m).Excludes(id) }
	if run.verb == verbUndo {
		switch {
		case !slices.Contains(s.removed(run.undoneRun, group), id):
			return "the run that is taken back has not removed them"
		case s.always(run, excluded):
			return "exclude names them now"
		}
		return ""
	}
	if run.firstStage != nil {
		inactive := func(at oracle.Moment) bool {
			a, known := at.Org.Account(id)
			return !known || !a.Active
		}
		switch {
		case !run.noEntra && s.always(run, excluded): // without credentials it is not known who is in an excluded group now
			return "exclude names them now"
		case s.always(run, inactive):
			return "the account is inactive now"
		}
	}
	if run.verb == verbPushPlan && run.forged != "" {
		return "" // a forged plan may add anybody who may be added
	}
	flags := run.effectiveFlags()
	if run.firstStage == nil || flags.ReviewedNothing {
		return s.forbids(run, m, func(v *oracle.View) string { return v.ForbidsAdding(id, flags) })
	}
	// A stage takes people from the file, and asks now whose userPrincipalName the userNames are.
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

// added and removed return the accounts that the PUTs of a run have added and removed, or may have.
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
