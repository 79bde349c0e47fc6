package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Push carries out a plan that was created earlier. A group is changed exactly as planned, or its outcome is stale.
// Nothing in the plan is trusted: the group that is meant, the owner of each account and the changes that are allowed
// are checked again with the settings and both services. entra may be nil; then neither the people whom exclude names
// now nor the owners of userNames can be checked, and the plan in the result has a note about that. writer is nil in a
// dry run.
//
// The error is about the run as a whole, and then nothing was written.
func Push(
	ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, p plan.Plan, s Settings,
) (Result, error) {
	if err := s.checkFor(writer); err != nil {
		return Result{}, err
	}
	if err := checkPlan(p, org.Host()); err != nil {
		return Result{}, err
	}
	if s.Tenant != "" && p.Tenant != "" && s.Tenant != p.Tenant {
		return Result{}, mismatch("the plan comes from Entra tenant %s, and the configuration names %s", p.Tenant, s.Tenant)
	}
	proposals := s.proposals(p)
	chosen := slices.DeleteFunc(slices.Clone(s.Mappings), func(m Mapping) bool { return !slices.Contains(s.Only, m.Name) })
	planned := func(m Mapping) bool {
		return slices.ContainsFunc(proposals, func(one proposal) bool { return one.name() == m.Name })
	}
	if err := s.absent("plan", chosen, planned); err != nil {
		return Result{}, err
	}
	proposals = slices.DeleteFunc(proposals, func(one proposal) bool { return !s.selects(one.name()) })
	if err := org.SignIn(ctx); err != nil {
		return Result{}, err
	}
	now := present{settings: s, entra: entra, org: org, tenant: p.Tenant}
	groups, err := now.recheck(ctx, proposals)
	if err != nil {
		return Result{}, err
	}
	// The notes in the file are about the run that created it.
	p.Notes, p.Remarks = append(now.notes, credentialNotes(ctx, entra, time.Now())...), nil
	doubts := newDoubtLookup(entra, p.Tenant)
	if note := confirmProposed(ctx, &doubts, groups); note != "" {
		p.Notes = append(p.Notes, note)
	}
	if err := s.judge(&p, groups, taken(p)); err != nil {
		return Result{}, err
	}
	s.refuseRuleMembers(ctx, org, p.Groups, now.accounts)
	return Result{Plan: p, Outcomes: push.Run(ctx, p.Groups, s.options(org, writer))}, nil
}

// taken returns when the memberships of a plan were read. If the plan does not say it, taken returns the time when the
// plan was created, because the memberships cannot be newer than that.
func taken(p plan.Plan) time.Time {
	if p.Taken.IsZero() {
		return p.Made
	}
	return p.Taken
}

// proposal is a group of a plan file with the mapping that leads to it. mappings has one element, or none if no mapping
// does.
type proposal struct {
	filed    plan.Group
	mappings []Mapping
}

// name returns the name of the group in reports, as it is configured now.
func (p proposal) name() string {
	if len(p.mappings) > 0 {
		return p.mappings[0].Name
	}
	return p.filed.Name
}

// changes reports whether anybody is to be added or removed.
func (p proposal) changes() bool { return len(p.filed.Add)+len(p.filed.Remove) > 0 }

// proposals finds the mapping for each group of a plan: first by the reference that was configured when the plan was
// created, then by the id and the displayName in the plan, in case the configuration has an id now and had a name then,
// or the reverse. Which Genesys group that is now is found out later.
func (s Settings) proposals(p plan.Plan) []proposal {
	var out []proposal
	for _, g := range p.Groups {
		one := proposal{filed: g}
		for _, refs := range [][]string{{g.Genesys}, {g.ID, g.DisplayName}} {
			for _, m := range s.Mappings {
				if len(one.mappings) == 0 && slices.Contains(refs, m.Genesys) {
					one.mappings = append(one.mappings, m)
				}
			}
		}
		out = append(out, one)
	}
	return out
}

// recheck returns for each proposal the plan that may be carried out now.
func (p *present) recheck(ctx context.Context, proposals []proposal) ([]plan.Group, error) {
	var refs, ids []string
	var entries []plan.Entry
	var mappings []Mapping
	for _, one := range proposals {
		if len(one.mappings) == 0 || one.mappings[0].Mode == plan.Paused || !one.isRead() {
			continue
		}
		refs = append(refs, one.mappings[0].Genesys)
		entries = append(append(entries, one.filed.Add...), one.filed.Remove...)
		if len(one.filed.Remove) > 0 {
			ids = append(ids, one.filed.Members...) // a rule for removals asks whether a wanted member stays
		}
		if len(one.filed.Add) > 0 {
			mappings = append(mappings, one.mappings[0])
		}
	}
	resolver, err := newResolver(ctx, p.org, membership.Distinct(refs))
	if err == nil {
		err = p.readAccounts(ctx, entries, ids)
	}
	if err == nil {
		err = p.readExcluded(ctx, mappings)
	}
	if err != nil {
		return nil, err
	}
	return list.Map(proposals, func(one proposal) plan.Group { return p.recheckOne(ctx, resolver, one) }), nil
}

// isRead reports whether the plan knows anything about the group.
func (p proposal) isRead() bool {
	return p.filed.State == plan.InStep || p.filed.State == plan.Changes || p.filed.State == plan.Refused && p.filed.ID != ""
}

func (p *present) recheckOne(ctx context.Context, resolver *resolver, one proposal) plan.Group {
	filed := one.filed
	filed.Refusals = []plan.Refusal{}
	switch {
	case len(one.mappings) == 0:
		filed.Refuse(plan.Refusal{Rule: plan.OtherMapping, Why: plan.NoEntry})
		return filed
	case filed.State == plan.Skipped && one.mappings[0].Mode != plan.Paused:
		return plan.Outdated(filed, "the plan has it paused, and the present configuration has not")
	case !one.isRead() && filed.State != plan.Refused:
		filed.Name = one.name()
		return filed
	}
	rule := p.settings.rule(one.mappings[0])
	if rule.Mode == plan.Paused && !one.changes() {
		return plan.Skip(rule, filed.ID)
	} else if rule.Mode == plan.Paused {
		filed.Name = rule.Name
		filed.Refuse(plan.Refusal{Rule: plan.OtherMode, Why: plan.IsPaused})
		return filed
	}
	current, err := resolver.group(ctx, rule.Genesys)
	if err != nil {
		return plan.Unread(rule, current, membership.ReasonOf(err))
	}
	if n := p.settings.leading(current); len(n) > 1 {
		filed.Name = rule.Name
		filed.Refuse(plan.Refusal{Rule: plan.DuplicateMapping, Count: len(n)})
		return filed
	}
	if p.entra == nil && len(one.mappings[0].Exclude) > 0 && len(filed.Add) > 0 {
		p.notes = append(p.notes,
			fmt.Sprintf("group %s: Entra was not asked whom exclude names now, because %v", rule.Name, errNoCredentials))
	}
	now, err := p.of(one.mappings[0], current, filed.Add)
	if err != nil {
		return plan.Unread(rule, current, membership.ReasonOf(err))
	}
	g := plan.Recheck(filed, rule, p.settings.Policy, now)
	if err := p.checkGone(ctx, g); err != nil && g.State == plan.Changes {
		return plan.Incomplete(g, membership.ReasonOf(err))
	}
	return g
}

// confirmProposed is doubtLookup.confirm for a plan that is carried out exactly or not at all. A group is stale if one
// of the accounts to be added may belong to another person.
func confirmProposed(ctx context.Context, d *doubtLookup, groups []plan.Group) (note string) {
	confirmed := slices.Clone(groups)
	for i, g := range confirmed {
		confirmed[i].Add = slices.Clone(g.Add)
	}
	note = d.confirm(ctx, confirmed)
	for i, g := range confirmed {
		switch {
		case g.State == plan.Unreadable:
			groups[i] = g
		case len(g.Add) < len(groups[i].Add):
			var names []string
			for _, e := range groups[i].Add {
				if !slices.ContainsFunc(g.Add, func(a plan.Entry) bool { return a.ID == e.ID }) {
					names = append(names, e.UserName)
				}
			}
			groups[i] = plan.Outdated(groups[i], "the plan adds "+strings.Join(names, ", ")+
				", and that is the userPrincipalName of another person than the plan says")
		}
	}
	return note
}
