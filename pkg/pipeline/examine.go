package pipeline

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/plan"
)

// Examination is what is known of one group of the configuration beyond its plan.
type Examination struct {
	Plan        plan.Group
	Nested      map[string]int // by Entra group of an entry without nested: how many groups are nested in it, if there are any
	RuleMembers []string       // names of members who are no individual members, if the plan does not refuse the group for them
	Accepted    bool           // the entry accepts such members
	Unknown     []error        // what could not be found out
}

// Examine plans all groups like [Diff], and looks for what an admin should know before the first run. Beyond those of a plan,
// it needs one request for each group that the plan has not asked about and one for each Entra group of an entry without nested.
// It writes nothing.
func Examine(ctx context.Context, entra *graph.Client, org *genesys.Reader, s Settings) (plan.Plan, []Examination, error) {
	w := newWork(entra, org, s)
	if err := w.prepare(ctx, nil); err != nil {
		return w.plan, nil, err
	}
	out := make([]Examination, len(w.plan.Groups))
	var requests errgroup.Group
	requests.SetLimit(s.Concurrency.genesys())
	for i, g := range w.plan.Groups {
		out[i] = Examination{Plan: g, Nested: map[string]int{}}
		requests.Go(func() error {
			w.examine(ctx, &out[i])
			return nil
		})
	}
	_ = requests.Wait() // each group has its own errors
	return w.plan, out, nil
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
		return
	}
	err, asked := w.askedRules[x.Plan.ID]
	if !asked && x.Plan.Found() > 0 {
		x.RuleMembers, err = ruleMembers(ctx, w.present.org, x.Plan, w.known.dir)
	}
	m := w.settings.mapping(x.Plan.Name)
	if x.Accepted = m.Rules; m.Nested {
		return
	}
	for _, id := range m.Entra {
		nested, err := w.present.entra.NestedGroups(ctx, id)
		if err != nil {
			err = fmt.Errorf("whether groups are nested in Entra group %s could not be found out: %w", id, err)
			x.Unknown = append(x.Unknown, err)
		} else if len(nested) > 0 {
			x.Nested[id] = len(nested)
		}
	}
}
