package pipeline

import (
	"context"
	"fmt"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// Fetch reads who belongs to each selected mapping that is not paused. A mapping that cannot be read whole is in the result
// with the reason and without members; the error is about the run as a whole: nobody could sign in, or ctx ended.
func Fetch(ctx context.Context, entra *graph.Client, s Settings) (membership.File, error) {
	who, err := entra.SignIn(ctx)
	if err != nil {
		return membership.File{}, err
	}
	taken := now()
	var mappings []Mapping
	for _, m := range s.Mappings {
		if s.selects(m.Name) && m.Mode != plan.Paused {
			mappings = append(mappings, m)
		}
	}
	r := readings{entra: entra, settings: s, seesHidden: who.SeesHidden()}
	r.read(ctx, mappings)
	file := membership.File{Taken: taken, Expires: taken.Add(s.life()), Tenant: who.TenantID}
	people := map[string]membership.Person{}
	for _, m := range mappings {
		group := membership.Membership{Name: m.Name, Entra: membership.Distinct(m.Entra), Genesys: m.Genesys, Members: []string{}}
		found, err := r.mapping(m)
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

// mapping returns the union of a mapping's groups without those that it excludes, each person once. It fails if any of
// them could not be read: a part is not less of the truth but another one.
func (r *readings) mapping(m Mapping) ([]membership.Person, error) {
	out := map[string]bool{}
	for _, ref := range m.Exclude {
		excluded := r.bySource[source{ref, asExclude}]
		if excluded.err != nil {
			return nil, fmt.Errorf("exclude %s: %w", ref, excluded.err)
		}
		for _, id := range excluded.ids {
			out[id] = true
		}
	}
	var people []membership.Person
	for _, id := range m.Entra {
		group := r.bySource[source{id, takenBy(m)}]
		if group.err != nil {
			return nil, group.err
		}
		for _, p := range group.people {
			if out[p.ID] || (r.settings.DropDisabled && !*p.Enabled) {
				continue
			}
			out[p.ID] = true
			people = append(people, p)
		}
	}
	return people, nil
}
