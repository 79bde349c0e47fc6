package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"golang.org/x/sync/semaphore"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// doubtLookup asks Entra about the userNames of two kinds of accounts: those that would be removed while people are
// unresolved, and those that would be added and were found by another key than userPrincipalName. It asks for each name
// once in a run. It is safe for concurrent use.
type doubtLookup struct {
	entra  *graph.Client // nil if there are no credentials
	tenant string        // id of the Entra tenant of the membership

	turn   *semaphore.Weighted // of 1; a run that is stopped does not wait for it
	known  map[string][]string // by folded name: the people who have or had it; has every name that was asked for
	owners map[string][]string // by folded name: the people whose userPrincipalName it is; has every name that was asked for
}

func newDoubtLookup(entra *graph.Client, tenant string) doubtLookup {
	return doubtLookup{entra: entra, tenant: tenant, turn: semaphore.NewWeighted(1)}
}

// errNoCredentials says that Entra cannot be asked.
var errNoCredentials = errors.New("there are no credentials for Entra")

// settle takes back the removals of people who may have been renamed. It sends no request if there are none.
func (d *doubtLookup) settle(ctx context.Context, groups []plan.Group, policy plan.Policy) {
	names := textsOf(groups, func(g plan.Group) []plan.Entry { return plan.InDoubt(g, policy) }, foldedName)
	if len(names) == 0 {
		return
	}
	known, err := d.ask(ctx, &d.known, names, (*graph.Client).Known)
	var failure *membership.Reason
	switch {
	case errors.Is(err, errNoCredentials):
		failure = &membership.Reason{Detail: "Entra was not asked, because " + err.Error()}
	case err != nil:
		failure = new(membership.ReasonOf(err))
	}
	for i := range groups {
		plan.Ask(&groups[i], policy, known, failure)
	}
}

// wait acquires a semaphore of 1, or returns why ctx has ended.
func wait(ctx context.Context, turn *semaphore.Weighted) error {
	if turn.Acquire(ctx, 1) != nil {
		return membership.Fail(membership.Unavailable, context.Cause(ctx))
	}
	return nil
}

// confirm takes back the additions whose userName is the userPrincipalName of another person. A group about which Entra
// does not answer is incomplete. If there are no credentials, confirm changes nothing and returns a note that names the
// accounts that were not checked.
func (d *doubtLookup) confirm(ctx context.Context, groups []plan.Group) (note string) {
	names := textsOf(groups, plan.ToConfirm, foldedName)
	if len(names) == 0 {
		return ""
	}
	owners, err := d.ask(ctx, &d.owners, names, (*graph.Client).Owners)
	if errors.Is(err, errNoCredentials) {
		borrowed := func(e plan.Entry) string { return fmt.Sprintf("%s (for %s)", e.UserName, e.Person) }
		return fmt.Sprintf("Entra was not asked whether these accounts, which were found by another key than userPrincipalName, "+
			"belong to other people, because %v: %s", err, firstOf(textsOf(groups, plan.ToConfirm, borrowed)))
	}
	for i := range groups {
		g := &groups[i]
		if err != nil && len(plan.ToConfirm(*g)) > 0 {
			*g = plan.Incomplete(*g, membership.ReasonOf(err))
			continue
		}
		plan.Confirm(g, owners)
	}
	return ""
}

// mostNamed is the largest number of people or groups that a message names.
const mostNamed = 20

// ask asks Entra about the names that are not in answers yet, adds what Entra says, and returns all answers. Callers wait for
// each other, so that each name is asked for once.
func (d *doubtLookup) ask(ctx context.Context, answers *map[string][]string, names []string,
	question func(*graph.Client, context.Context, []string) (map[string][]string, error),
) (map[string][]string, error) {
	if err := wait(ctx, d.turn); err != nil {
		return nil, err
	}
	defer d.turn.Release(1)
	var missing []string
	for _, name := range names {
		if _, asked := (*answers)[name]; !asked {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return *answers, nil
	}
	if d.entra == nil {
		return *answers, errNoCredentials
	}
	who, err := d.entra.SignIn(ctx)
	if err != nil {
		return *answers, err
	}
	if who.TenantID != "" && d.tenant != "" && who.TenantID != d.tenant {
		return *answers, &MismatchError{Text: "Entra was not asked, because the membership comes from another tenant"}
	}
	found, err := question(d.entra, ctx, missing)
	if err != nil {
		return *answers, err
	}
	all := map[string][]string{} // a new map: others read the one that they were given
	maps.Copy(all, *answers)
	for _, name := range missing {
		all[name] = found[name]
	}
	*answers = all
	return all, nil
}

// textsOf returns what text returns for the chosen entries of groups, sorted, each once.
func textsOf(groups []plan.Group, entries func(plan.Group) []plan.Entry, text func(plan.Entry) string) []string {
	var texts []string
	for _, g := range groups {
		texts = append(texts, list.Map(entries(g), text)...)
	}
	return membership.Distinct(texts)
}

func foldedName(e plan.Entry) string { return membership.Fold(e.UserName) }
