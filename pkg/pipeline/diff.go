package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/scim"
)

// Diff plans a membership against Genesys and writes to no service: it is not handed anything that could. The error is
// about the run as a whole; why a group cannot be changed is in its plan.
//
// entra answers for people who may have been renamed. It may be nil; then whoever is in doubt is held.
func Diff(ctx context.Context, entra *graph.Client, org *genesys.Reader, file membership.File, s Settings) (plan.Plan, error) {
	w, err := prepare(ctx, entra, org, file, s)
	return w.plan, err
}

// work is a plan with all that it takes to plan one of its groups again.
type work struct {
	plan     plan.Plan
	file     membership.File
	settings Settings
	doubts   doubts
	dir      *membership.Directory
	judged   *judged
}

// prepare joins the membership with the mappings, reads Genesys, compares and judges.
func prepare(ctx context.Context, entra *graph.Client, org *genesys.Reader, file membership.File, s Settings) (*work, error) {
	w := &work{file: file, settings: s, doubts: doubts{entra: entra, tenant: file.Tenant}}
	if time.Now().After(file.Expires) {
		return w, fmt.Errorf("the membership has %w: it was good until %s; take a new one with callroll fetch", ErrExpired, file.Expires.Format(time.RFC3339))
	}
	if err := w.join(); err != nil {
		return w, err
	}
	listed, err := org.Groups(ctx)
	if err != nil {
		return w, err
	}
	accounts, err := org.Users(ctx)
	if err != nil {
		return w, err
	}
	if len(accounts) == 0 && slices.ContainsFunc(listed, func(g membership.Group) bool { return len(g.Members) > 0 }) {
		return w, membership.Fail(membership.Incomplete, errors.New("the lists of Genesys show members of groups and not a single user, so that nobody can be matched"))
	}
	w.dir = membership.NewDirectory(accounts)
	made := now()
	w.plan = plan.Plan{Made: made, Expires: made.Add(s.life()), Tenant: file.Tenant, Genesys: org.Host()}
	r := resolver{org: org, listed: listed}
	groups := make([]plan.Group, 0, len(s.Mappings))
	for _, m := range s.Mappings {
		groups = append(groups, w.compare(ctx, m, r))
	}
	w.doubts.settle(ctx, groups, s.Policy)
	w.plan.Groups = s.judge(groups)
	w.judged = s.judged(w.plan.Groups)
	return w, nil
}

// judge returns the groups to work on, judged together and in their order. Two entries may be one group although only
// one of them is selected.
func (s Settings) judge(groups []plan.Group) []plan.Group {
	plan.RefuseTwins(groups)
	groups = slices.DeleteFunc(groups, func(g plan.Group) bool { return !s.selects(g.Name) })
	plan.SortGroups(groups)
	for i := range groups {
		refuseTooLarge(&groups[i])
		s.Past.warn(&groups[i], s.Policy)
	}
	plan.Judge(groups, s.rules(), s.Policy)
	return groups
}

// mostBytes is the largest body that Genesys takes (page "Limits": 413 above it).
const mostBytes = 512_000

// refuseTooLarge refuses a group whose PUT could only be turned down, before the first PUT of the run.
func refuseTooLarge(g *plan.Group) {
	if g.State != plan.Changes {
		return
	}
	body, err := scim.ReplaceBody(membership.Group{ID: g.ID, DisplayName: g.DisplayName}, g.Members)
	if err == nil && len(body) > mostBytes {
		g.Refuse("size", fmt.Sprintf("its %d members would take %d bytes, and Genesys takes %d at most", len(g.Members), len(body), mostBytes), "")
	}
}

// join demands that the selected mappings and the groups of the file are the same Genesys groups, fed by the same Entra
// groups of the same tenant: whoever maps something else than he fetched has another configuration than he thinks.
func (w *work) join() error {
	if s := w.settings; s.Tenant != "" && w.file.Tenant != "" && s.Tenant != w.file.Tenant {
		return &MismatchError{Text: fmt.Sprintf("the membership comes from Entra tenant %s, and the configuration names %s", w.file.Tenant, s.Tenant)}
	}
	for _, m := range w.settings.Mappings {
		if !w.settings.selects(m.Name) || m.Mode == plan.Paused {
			continue
		}
		g, ok := w.membershipOf(m)
		if !ok {
			return &MismatchError{Text: fmt.Sprintf("group %q of the configuration is not in the membership file", m.Name)}
		}
		if !slices.Equal(membership.Distinct(g.Entra), membership.Distinct(m.Entra)) {
			return &MismatchError{Text: fmt.Sprintf("group %q comes from other Entra groups in the membership file than in the configuration", m.Name)}
		}
	}
	for _, g := range w.file.Groups {
		known := slices.ContainsFunc(w.settings.Mappings, func(m Mapping) bool { return m.Genesys == g.Genesys })
		if !known {
			return &MismatchError{Text: fmt.Sprintf("group %q of the membership file leads to Genesys group %q, to which no entry of the configuration leads", g.Name, g.Genesys)}
		}
	}
	return nil
}

func (w *work) membershipOf(m Mapping) (membership.Membership, bool) {
	i := slices.IndexFunc(w.file.Groups, func(g membership.Membership) bool { return g.Genesys == m.Genesys })
	if i < 0 {
		return membership.Membership{}, false
	}
	return w.file.Groups[i], true
}

// compare plans one mapping, or says what could not be read. A mapping that is paused or not selected is only resolved.
func (w *work) compare(ctx context.Context, m Mapping, r resolver) plan.Group {
	if m.Mode == plan.Paused || !w.settings.selects(m.Name) {
		return r.leftAlone(w.settings.rule(m))
	}
	current, err := r.group(ctx, m.Genesys)
	if err != nil {
		return plan.Unread(w.settings.rule(m), membership.Reason{Cause: membership.CauseOf(err), Detail: err.Error()})
	}
	wanted, _ := w.membershipOf(m)
	if wanted.Incomplete != nil {
		g := plan.Unread(w.settings.rule(m), *wanted.Incomplete)
		g.ID, g.DisplayName = current.ID, current.DisplayName
		return g
	}
	return plan.Compare(w.settings.rule(m), w.settings.Policy, w.file.PeopleOf(wanted), current, w.dir)
}

// replan plans one group again from how it was read just now, limits included.
func (w *work) replan(ctx context.Context, current membership.Group) (plan.Group, error) {
	was, ok := w.judged.find(current.ID)
	if !ok {
		return plan.Group{}, membership.Fail(membership.Missing, fmt.Errorf("group %s is not in the plan", current.ID))
	}
	i := slices.IndexFunc(w.settings.Mappings, func(m Mapping) bool { return m.Name == was.Name })
	m := w.settings.Mappings[i]
	if m.Genesys != current.ID && m.Genesys != current.DisplayName {
		return plan.Group{}, membership.Fail(membership.Missing,
			fmt.Errorf("group %s was renamed from %q to %q in the course of the run", current.ID, m.Genesys, current.DisplayName))
	}
	wanted, _ := w.membershipOf(m)
	again := []plan.Group{plan.Compare(w.settings.rule(m), w.settings.Policy, w.file.PeopleOf(wanted), current, w.dir)}
	w.doubts.settle(ctx, again, w.settings.Policy)
	return w.judged.again(again[0]), nil
}
