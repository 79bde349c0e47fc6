package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// Diff plans the changes that a membership file needs in Genesys. If file is nil, the memberships are read from Entra. Diff
// has no writer, so that it cannot write to any service. The error is about the run as a whole; the reason why a single
// group cannot be changed is in that group's plan.
//
// entra is asked about people who may have been renamed. With a file it may be nil; then everybody who may have been
// renamed is held.
func Diff(ctx context.Context, entra *graph.Client, org *genesys.Reader, file *membership.File, s Settings) (plan.Plan, error) {
	w, err := prepare(ctx, entra, org, file, s)
	return w.plan, err
}

// judge applies the rules of package plan to all groups together, and keeps the selected ones in the plan, in its order, with
// the allowances that are not used. It needs all groups, because two entries may lead to the same Genesys group although
// only one of them is selected. taken is the time when the membership file was taken that the changes are from; it is zero
// if they are not from a file. The error is about a release that names nobody.
func (s Settings) judge(p *plan.Plan, groups []plan.Group, taken time.Time) error {
	plan.RefuseDuplicates(groups)
	groups = slices.DeleteFunc(groups, func(g plan.Group) bool { return !s.selects(g.Name) })
	plan.SortGroups(groups)
	for i := range groups {
		refuseTooLarge(&groups[i])
		s.Past.warn(&groups[i], s.Policy)
		if !s.AllowOlder {
			s.Past.refuseOlder(&groups[i], taken)
		}
	}
	plan.Judge(groups, s.rules(), s.Policy)
	for i := range groups {
		s.Past.sayNew(&groups[i])
	}
	p.Groups, p.Unused = groups, s.unused(groups, taken)
	return s.checkReleases(groups)
}

// refuseTooLarge refuses a group whose PUT would be larger than scim.MaxBody. Genesys would reject it, and so it is
// refused before the first PUT of the run.
func refuseTooLarge(g *plan.Group) {
	if g.State != plan.Changes {
		return
	}
	body, err := scim.ReplaceBody(membership.Group{ID: g.ID, DisplayName: g.DisplayName}, g.Members)
	if err == nil && len(body) > scim.MaxBody {
		g.Refuse(plan.Refusal{Rule: plan.TooLarge, Members: len(g.Members), Bytes: len(body), MaxBytes: scim.MaxBody})
	}
}

// compare plans one mapping, or returns a plan that says what could not be read. It does not plan a mapping that is
// paused or not selected, and only finds out which group that mapping leads to.
func (w *work) compare(ctx context.Context, m Mapping) plan.Group {
	rule := w.settings.rule(m)
	if !w.settings.worksOn(m) {
		return w.groups.leftAlone(ctx, rule)
	}
	current, err := w.groups.group(ctx, m.Genesys)
	w.protects.note(m, current.Members, err == nil, w.known.dir)
	if err != nil {
		g := plan.Unread(rule, current, membership.ReasonOf(err))
		if membership.CauseOf(err) != membership.Missing {
			g.ID = w.groups.id(ctx, rule) // another entry may lead to the same group and be readable
		}
		return g
	}
	wanted := w.wanted(m)
	if wanted.Incomplete != nil {
		return plan.Unread(rule, current, *wanted.Incomplete)
	}
	people, err := w.present.without(m, wanted.people)
	if err != nil {
		return plan.Unread(rule, current, membership.ReasonOf(err))
	}
	if w.watch != nil {
		w.watch(m, people)
	}
	g := plan.Compare(rule, w.settings.Policy, people, current, w.known.dir)
	if g, err = w.held(ctx, m, g, current, w.known.dir); err != nil {
		return plan.Incomplete(g, membership.ReasonOf(err))
	}
	if g.State == plan.InStep {
		wanted.release()
	}
	return g
}

// held checks a plan against what both services say about accounts outside the lists. A person who is removed and is in
// no list of users must not exist any more (see checkGone). A plan that adds the account of a person whom exclude names
// now is outdated. That can only be the case with a membership file, if the file has that person under another id.
func (w *work) held(
	ctx context.Context, m Mapping, g plan.Group, current membership.Group, dir *membership.Directory,
) (plan.Group, error) {
	p := w.present
	p.accounts = dir
	if err := p.checkGone(ctx, g); err != nil {
		return g, err
	}
	now, err := p.of(m, current, g.Add)
	if err != nil {
		return g, err
	}
	for _, e := range g.Add {
		if now.Excluded[e.ID] {
			return plan.Outdated(g, fmt.Sprintf(
				"the file would add %s, and that is the account of a person whom exclude names now", e.UserName)), nil
		}
	}
	return g, nil
}

// replan plans and judges one group again, from a reading that was done just now. All limits apply again.
func (w *work) replan(ctx context.Context, current membership.Group) (plan.Group, error) {
	was, ok := w.judged.find(current.ID)
	if !ok {
		return plan.Group{}, membership.Fail(membership.Missing, fmt.Errorf("group %s is not in the plan", current.ID))
	}
	m := w.settings.mapping(was.Name)
	if !current.Is(m.Genesys) {
		return plan.Group{}, membership.Fail(membership.Missing,
			fmt.Errorf("group %s was renamed from %q to %q in the course of the run", current.ID, m.Genesys, current.DisplayName))
	}
	wanted := w.wanted(m)
	if wanted == nil || wanted.Incomplete != nil || wanted.released {
		return plan.Group{}, membership.Fail(membership.Internal,
			fmt.Errorf("group %s is planned again, and it is not known who should belong", current.ID))
	}
	dir, err := w.known.with(ctx, current.Members)
	if err != nil {
		return plan.Group{}, err
	}
	people, err := w.present.without(m, wanted.people)
	if err != nil {
		return plan.Group{}, err
	}
	g, err := w.held(ctx, m, plan.Compare(w.settings.rule(m), w.settings.Policy, people, current, dir), current, dir)
	if err != nil {
		return plan.Group{}, err
	}
	again := []plan.Group{g}
	w.doubts.confirm(ctx, again)
	w.doubts.settle(ctx, again, w.settings.Policy)
	plan.Resemble(&again[0], people, dir)
	again[0] = w.judged.again(again[0])
	w.settings.refuseRuleMembers(ctx, w.present.org, again, dir)
	return again[0], nil
}
