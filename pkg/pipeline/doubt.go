package pipeline

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// doubts asks Entra about accounts that would be removed while people are unresolved, each name once in a run. It is safe
// for concurrent use.
type doubts struct {
	mu     sync.Mutex
	entra  *graph.Client // nil where there are no credentials
	tenant string        // that the membership came from
	asked  map[string]bool
	known  map[string][]string
}

// settle takes back the removals of whoever may have been renamed. Where nobody is in doubt nothing is asked.
func (d *doubts) settle(ctx context.Context, groups []plan.Group, policy plan.Policy) {
	var names []string
	for _, g := range groups {
		for _, e := range plan.InDoubt(g, policy) {
			names = append(names, strings.ToLower(e.UserName))
		}
	}
	if len(names) == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	failure := d.ask(ctx, membership.Distinct(names))
	for i := range groups {
		plan.Ask(&groups[i], policy, d.known, failure)
	}
}

// ask finds out who is known by names, or why that cannot be found out.
func (d *doubts) ask(ctx context.Context, names []string) *membership.Reason {
	names = slices.DeleteFunc(names, func(name string) bool { return d.asked[name] })
	if len(names) == 0 {
		return nil
	}
	if d.entra == nil {
		return &membership.Reason{Detail: "Entra was not asked, because there are no credentials for it"}
	}
	known, err := d.look(ctx, names)
	if err != nil {
		return &membership.Reason{Cause: membership.CauseOf(err), Detail: err.Error()}
	}
	if d.asked == nil {
		d.asked, d.known = map[string]bool{}, map[string][]string{}
	}
	for _, name := range names {
		d.asked[name] = true
	}
	maps.Copy(d.known, known)
	return nil
}

func (d *doubts) look(ctx context.Context, names []string) (map[string][]string, error) {
	who, err := d.entra.SignIn(ctx)
	if err != nil {
		return nil, err
	}
	if who.TenantID != "" && d.tenant != "" && who.TenantID != d.tenant {
		return nil, &MismatchError{Text: "Entra was not asked, because the membership comes from another tenant"}
	}
	return d.entra.Known(ctx, names)
}
