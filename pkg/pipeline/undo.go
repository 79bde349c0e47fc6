package pipeline

import (
	"context"
	"fmt"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Undo takes back what a run of the journal has changed, and nothing else: who came or went since stays so. It goes through
// the same limits, conflicts and reading back as any other change. A paused group may be undone, because that is how a
// change is kept from being made again; protected people stay. writer is nil in a dry run.
func Undo(ctx context.Context, org *genesys.Reader, writer push.Writer, run journal.RunRecord, s Settings) (Result, error) {
	if run.Info.Host != org.Host() {
		return Result{}, &MismatchError{Text: fmt.Sprintf("run %s was made for %s, and the configuration leads to %s", run.Info.ID, run.Info.Host, org.Host())}
	}
	u := undoing{settings: s, changes: map[string]journal.Undo{}}
	var groups []plan.Group
	for _, change := range run.Inverse() {
		u.changes[change.GroupID] = change
		current, err := org.Group(ctx, change.GroupID)
		if err != nil {
			groups = append(groups, plan.Unread(plan.Rule{Name: change.Name}, membership.Reason{Cause: membership.CauseOf(err), Detail: err.Error()}))
			continue
		}
		groups = append(groups, u.plan(current))
	}
	made := now()
	p := plan.Plan{Made: made, Expires: made.Add(s.life()), Tenant: run.Info.Tenant, Genesys: org.Host(), Groups: s.judge(groups)}
	u.judged = s.judged(p.Groups)
	opts := s.options(org, writer)
	opts.Replan, opts.Rejudge = u.replan, u.judged.again
	return Result{Plan: p, Outcomes: push.Run(ctx, p.Groups, opts)}, nil
}

// undoing plans the contrary of a run's changes, again where a group moves.
type undoing struct {
	settings Settings
	changes  map[string]journal.Undo
	judged   *judged
}

func (u *undoing) plan(current membership.Group) plan.Group {
	change := u.changes[current.ID]
	var leading []Mapping
	for _, m := range u.settings.Mappings {
		if m.Genesys == current.ID || m.Genesys == current.DisplayName {
			leading = append(leading, m)
		}
	}
	rule := plan.Rule{Name: change.Name}
	if len(leading) > 0 {
		rule = u.settings.rule(leading[0])
	}
	g := plan.Given(rule, u.settings.Policy, current, change.Add, change.Remove)
	switch {
	case g.State != plan.Changes:
	case len(leading) == 0:
		g.Refuse("mapping", "no entry of the present configuration leads to this group", "")
	case len(leading) > 1:
		g.Refuse("twins", fmt.Sprintf("%d entries of the configuration are this one Genesys group", len(leading)), "")
	}
	return g
}

func (u *undoing) replan(_ context.Context, current membership.Group) (plan.Group, error) {
	if _, ok := u.judged.find(current.ID); !ok {
		return plan.Group{}, membership.Fail(membership.Missing, fmt.Errorf("group %s is not in the plan", current.ID))
	}
	return u.judged.again(u.plan(current)), nil
}
