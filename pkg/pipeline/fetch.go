package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// Fetch reads who belongs to each selected mapping that is not paused. A mapping that cannot be read whole is in the result with the reason
// and without members; the error is about the run as a whole: nobody could sign in, or ctx ended.
func Fetch(ctx context.Context, entra *graph.Client, s Settings) (membership.File, error) {
	who, err := entra.SignIn(ctx)
	if err != nil {
		return membership.File{}, err
	}
	taken := now()
	f := fetching{entra: entra, settings: s, groups: map[string]members{}, excluded: map[string]excluded{}}
	f.lookForHidden(ctx, who)
	file := membership.File{Taken: taken, Expires: taken.Add(s.life()), Tenant: who.TenantID}
	people := map[string]membership.Person{}
	for _, m := range s.Mappings {
		if !s.selects(m.Name) || m.Mode == plan.Paused {
			continue
		}
		group := membership.Membership{Name: m.Name, Entra: membership.Distinct(m.Entra), Genesys: m.Genesys, Members: []string{}}
		found, err := f.mapping(ctx, m)
		if err != nil {
			group.Incomplete = &membership.Reason{Cause: membership.CauseOf(err), Detail: err.Error()}
		}
		for _, p := range found {
			people[p.ID] = p
			group.Members = append(group.Members, p.ID)
		}
		file.Groups = append(file.Groups, group)
	}
	if ctx.Err() != nil {
		return membership.File{}, fmt.Errorf("reading Entra: %w", context.Cause(ctx))
	}
	for _, p := range people {
		file.People = append(file.People, p)
	}
	return file.Sorted(), nil
}

// fetching reads each Entra group once, however many mappings it feeds.
type fetching struct {
	entra    *graph.Client
	settings Settings
	groups   map[string]members
	excluded map[string]excluded
	hidden   map[string]error // the Entra groups whose members are not all shown, or may not be
}

// lookForHidden finds the groups of which Graph would silently leave members out. A token that sees hidden members needs
// none of it.
func (f *fetching) lookForHidden(ctx context.Context, who graph.Identity) {
	if who.SeesHidden() {
		return
	}
	nested := map[string]bool{}
	var ids []string
	for _, m := range f.settings.Mappings {
		if !f.settings.selects(m.Name) || m.Mode == plan.Paused {
			continue
		}
		for _, id := range m.Entra {
			nested[id] = nested[id] || m.Nested
		}
		ids = append(ids, m.Entra...)
		for _, ref := range m.Exclude {
			if !strings.Contains(ref, "@") {
				nested[ref] = true // whom an excluded group hides would get in
				ids = append(ids, ref)
			}
		}
	}
	f.hidden = f.entra.Hidden(ctx, ids, func(id string) bool { return nested[id] })
}

type members struct {
	people []membership.Person
	err    error
}

type excluded struct {
	ids []string
	err error
}

// mapping returns the union of a mapping's groups without those that it excludes, each person once. It fails if any of
// them cannot be read: a part is not less of the truth but another one.
func (f *fetching) mapping(ctx context.Context, m Mapping) ([]membership.Person, error) {
	out := map[string]bool{}
	for _, ref := range m.Exclude {
		if err := f.hidden[ref]; err != nil {
			return nil, fmt.Errorf("exclude %s: %w", ref, err)
		}
		ids, err := f.exclude(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("exclude %s: %w", ref, err)
		}
		for _, id := range ids {
			out[id] = true
		}
	}
	var people []membership.Person
	for _, id := range m.Entra {
		if err := f.hidden[id]; err != nil {
			return nil, err
		}
		found, err := f.members(ctx, id, m.Nested)
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			if out[p.ID] || (f.settings.DropDisabled && !*p.Enabled) {
				continue
			}
			out[p.ID] = true
			people = append(people, p)
		}
	}
	return people, nil
}

func (f *fetching) members(ctx context.Context, id string, nested bool) ([]membership.Person, error) {
	key := fmt.Sprint(id, nested)
	if known, ok := f.groups[key]; ok {
		return known.people, known.err
	}
	people, err := f.entra.Members(ctx, id, f.selection(nested))
	f.groups[key] = members{people, err}
	return people, err
}

func (f *fetching) exclude(ctx context.Context, ref string) ([]string, error) {
	if known, ok := f.excluded[ref]; ok {
		return known.ids, known.err
	}
	ids, err := f.entra.ExcludedIDs(ctx, ref)
	f.excluded[ref] = excluded{ids, err}
	return ids, err
}

// selection asks Entra for what a setting needs and no more: an attribute that is asked for and not granted fails the
// group.
func (f *fetching) selection(nested bool) graph.Selection {
	sel := graph.Selection{Nested: nested, Enabled: f.settings.DropDisabled}
	for _, key := range f.settings.Policy.Match {
		sel.EmployeeID = sel.EmployeeID || key == membership.EmployeeID
	}
	return sel
}
