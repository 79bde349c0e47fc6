package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Undo takes back the changes of a run in the journal, and nothing else: changes that were made since then stay. The
// same limits, checks for conflicts and reading back apply as for any other change, and protect and exclude apply as
// they are now. The mode of an entry does not apply. writer is nil in a dry run. entra may be nil; then nobody is added
// again to a group that excludes people. The error is about the run as a whole, and then nothing was written.
func Undo(
	ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, run journal.RunRecord, s Settings,
) (Result, error) {
	if err := s.checkFor(writer); err != nil {
		return Result{}, err
	}
	if run.Info.Host != org.Host() {
		return Result{}, mismatch("run %s was made for %s, and the configuration leads to %s",
			run.Info.ID, run.Info.Host, org.Host())
	}
	u := undoRun{
		present: present{settings: s, entra: entra, org: org, tenant: run.Info.Tenant}, changes: map[string]journal.Undo{},
	}
	groups, err := u.read(ctx, run.Inverse())
	if err != nil {
		return Result{}, err
	}
	made := now()
	p := plan.Plan{Made: made, Expires: made.Add(s.life()), Tenant: run.Info.Tenant, Genesys: org.Host()}
	if err := s.judge(&p, groups, time.Time{}); err != nil {
		return Result{}, err
	}
	s.refuseRuleMembers(ctx, org, p.Groups, u.accounts)
	u.judged = s.judged(p.Groups)
	opts := s.options(org, writer)
	opts.Replan = u.replan
	return Result{Plan: p, Outcomes: push.Run(ctx, p.Groups, opts)}, nil
}

// undoRun plans the reverse of the changes of a run. It plans a group again if somebody else changes it in the meantime.
type undoRun struct {
	present
	changes map[string]journal.Undo
	judged  *judged
}

// read reads the groups that a run has changed, and plans the reverse for each.
func (u *undoRun) read(ctx context.Context, changes []journal.Undo) ([]plan.Group, error) {
	var groups []plan.Group
	var found []membership.Group
	var entries []plan.Entry
	var mappings []Mapping
	for _, change := range changes {
		u.changes[change.GroupID] = change
		current, err := u.org.Group(ctx, change.GroupID)
		if err != nil {
			groups = append(groups, plan.Unread(plan.Rule{Name: change.Name}, current, membership.ReasonOf(err)))
			continue
		}
		found = append(found, current)
		entries = append(append(entries, change.Add...), change.Remove...)
		if len(change.Add) > 0 {
			mappings = append(mappings, u.settings.leading(current)...)
		}
	}
	if err := u.readAccounts(ctx, entries, nil); err != nil {
		return nil, err
	}
	if err := u.readExcluded(ctx, mappings); err != nil {
		return nil, err
	}
	for _, current := range found {
		groups = append(groups, u.plan(ctx, current))
	}
	return groups, nil
}

// leading returns the mappings that lead to a group.
func (s Settings) leading(current membership.Group) []Mapping {
	return slices.DeleteFunc(slices.Clone(s.Mappings), func(m Mapping) bool { return !current.Is(m.Genesys) })
}

func (u *undoRun) plan(ctx context.Context, current membership.Group) plan.Group {
	change := u.changes[current.ID]
	leading := u.settings.leading(current)
	rule, m := plan.Rule{Name: change.Name}, Mapping{}
	if len(leading) > 0 {
		m, rule = leading[0], u.settings.rule(leading[0])
	}
	now, err := u.of(m, current, change.Add)
	if err == nil && u.entra == nil && len(m.Exclude) > 0 && len(change.Add) > 0 {
		err = fmt.Errorf("whom exclude names now cannot be asked, because %w", errNoCredentials)
		err = membership.Fail(membership.Denied, err)
	}
	if err != nil {
		return plan.Unread(rule, current, membership.ReasonOf(err))
	}
	g := plan.FromChanges(rule, u.settings.Policy, now, change.Add, change.Remove)
	if err := u.checkGone(ctx, g); err != nil {
		return plan.Incomplete(g, membership.ReasonOf(err))
	}
	switch {
	case g.State != plan.Changes:
	case len(leading) == 0:
		g.Refuse(plan.Refusal{Rule: plan.OtherMapping, Why: plan.NoEntry})
	case len(leading) > 1:
		g.Refuse(plan.Refusal{Rule: plan.DuplicateMapping, Count: len(leading)})
	}
	return g
}

func (u *undoRun) replan(ctx context.Context, current membership.Group) (plan.Group, error) {
	if _, ok := u.judged.find(current.ID); !ok {
		return plan.Group{}, membership.Fail(membership.Missing, fmt.Errorf("group %s is not in the plan", current.ID))
	}
	again := []plan.Group{u.judged.again(u.plan(ctx, current))}
	u.settings.refuseRuleMembers(ctx, u.org, again, u.accounts)
	return again[0], nil
}
