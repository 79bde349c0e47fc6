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
	RuleMembers []string       // names of members who are no individual members, also in a group without changes
	Unknown     []error        // what could not be found out
}

// Examine plans all groups like [Diff], and looks for what an admin should know before the first run. It needs one request for
// each group and one for each Entra group of an entry without nested, and writes nothing.
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
			var err error
			func() {
				defer bug.Catch("looking at group "+g.Name, &err)
				w.examine(ctx, &out[i])
			}()
			if err != nil {
				out[i].Unknown = append(out[i].Unknown, err)
			}
			return nil
		})
	}
	_ = requests.Wait() // each group has its own errors
	return w.plan, out, nil
}

// examine looks at one group that was compared.
func (w *work) examine(ctx context.Context, x *Examination) {
	if !x.Plan.WasCompared() {
		return
	}
	var err error
	if x.Plan.Found() > 0 {
		if x.RuleMembers, err = ruleMembers(ctx, w.present.org, x.Plan, w.known.dir); err != nil {
			x.Unknown = append(x.Unknown, err)
		}
	}
	for _, m := range w.settings.Mappings {
		if m.Name != x.Plan.Name || m.Nested {
			continue
		}
		for _, id := range m.Entra {
			nested, err := w.present.entra.NestedGroups(ctx, id)
			if err != nil {
				x.Unknown = append(x.Unknown, fmt.Errorf("whether groups are nested in Entra group %s could not be found out: %w", id, err))
			} else if len(nested) > 0 {
				x.Nested[id] = len(nested)
			}
		}
	}
}
