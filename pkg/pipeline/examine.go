package pipeline

import (
	"cmp"
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// Examination is what is known of one group of the configuration beyond its plan.
type Examination struct {
	Plan        plan.Group
	TakesNested bool                        // the entry takes the members of nested groups
	Entra       map[string]graph.GroupFacts // by Entra group of the entry
	Genesys     genesys.Details             // zero if they could not be read
	RuleMembers []string                    // members who are no individual members, if the plan does not refuse the group for them
	Accepted    bool                        // the entry accepts such members
	Undone      []string                    // names of accounts whose change somebody else undoes again and again, by the journal
	Bytes       int                         // of a PUT of the members of the plan
	MaxBytes    int                         // that Genesys takes
	Unlimited   bool                        // the limit of removals is a number that is not smaller than the group
	Swapped     bool                        // there is no such Genesys group, and the id is that of an Entra group
	Unknown     []error                     // what could not be found out
}

// Examine plans all groups like [Diff], and looks for what an admin should know before the first run. Beyond those of a plan,
// it needs two or three requests for each Genesys group and two for each Entra group of its entry. See [Alternatives] for the
// last result. It writes nothing.
func Examine(
	ctx context.Context, entra *graph.Client, org *genesys.Reader, s Settings,
) (plan.Plan, []Examination, Alternatives, error) {
	w := newWork(entra, org, s)
	if err := w.prepare(ctx, nil); err != nil {
		return w.plan, nil, Alternatives{}, err
	}
	out := make([]Examination, len(w.plan.Groups))
	counter := s.Progress.Begin(LookingAtGroups, len(out))
	defer counter.End()
	var requests errgroup.Group
	requests.SetLimit(s.Concurrency.genesys())
	for i, g := range w.plan.Groups {
		out[i] = Examination{Plan: g, Entra: map[string]graph.GroupFacts{}}
		requests.Go(func() error {
			w.examine(ctx, &out[i])
			counter.Add(1)
			return nil
		})
	}
	_ = requests.Wait() // each group has its own errors
	return w.plan, out, w.alternatives(ctx), nil
}

// examine looks at one group, if it was compared.
func (w *work) examine(ctx context.Context, x *Examination) {
	var err error
	defer func() {
		if err != nil {
			x.Unknown = append(x.Unknown, err)
		}
	}()
	defer bug.Catch("looking at group "+x.Plan.Name, &err)
	if !x.Plan.WasCompared() {
		x.Swapped = w.isSource(ctx, x.Plan)
		return
	}
	err, asked := w.askedRules[x.Plan.ID]
	if !asked && x.Plan.Found() > 0 {
		x.RuleMembers, err = ruleMembers(ctx, w.present.org, x.Plan, w.known.dir)
	}
	m := w.settings.mapping(x.Plan.Name)
	x.Accepted, x.TakesNested = m.Rules, m.Nested
	x.Unlimited = m.Mode != plan.AddOnly && w.settings.Policy.Limits.StopsNoRemoval(x.Plan.Found())
	group := membership.Group{ID: x.Plan.ID, DisplayName: x.Plan.DisplayName}
	if body, bodyErr := scim.ReplaceBody(group, x.Plan.Members); bodyErr == nil {
		x.Bytes, x.MaxBytes = len(body), scim.MaxBody
	}
	for _, id := range m.Entra {
		facts, err := w.present.entra.GroupFacts(ctx, id)
		if err != nil {
			x.Unknown = append(x.Unknown, err)
			continue
		}
		x.Entra[id] = facts
	}
	details, detailsErr := w.present.org.Details(ctx, x.Plan.ID)
	if x.Genesys = details; detailsErr != nil {
		x.Unknown = append(x.Unknown, detailsErr)
	}
	if past := w.settings.Past; past != nil {
		for _, id := range past.History.Repeated(past.Host, past.ClientID, x.Plan.ID) {
			account, _ := w.known.dir.Account(id)
			x.Undone = append(x.Undone, cmp.Or(account.UserName, id))
		}
	}
}

// isSource reports whether a group that Genesys does not have is named by the id of an Entra group: entra and genesys of the
// entry may be swapped.
func (w *work) isSource(ctx context.Context, g plan.Group) bool {
	ref := w.settings.mapping(g.Name).Genesys
	if g.Incomplete == nil || g.Incomplete.Cause != membership.Missing || !membership.IsID(ref) {
		return false
	}
	_, err := w.present.entra.GroupFacts(ctx, ref)
	return err == nil
}
