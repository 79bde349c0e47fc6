package pipeline

import (
	"context"
	"fmt"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
)

// Fetch reads from Entra the members that the Genesys group of each mapping should have. It skips mappings that are
// paused or not selected. A mapping that cannot be read completely is in the result with the reason and without members.
// The error is about the run as a whole: the sign-in failed, or ctx ended.
func Fetch(ctx context.Context, entra *graph.Client, s Settings) (membership.File, error) {
	r, err := fetch(ctx, entra, s)
	if err != nil {
		return membership.File{}, err
	}
	return r.file(), nil
}

func fetch(ctx context.Context, entra *graph.Client, s Settings) (*memberships, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	who, err := entra.SignIn(ctx)
	if err != nil {
		return nil, err
	}
	taken := now()
	mappings := s.workedOn()
	r := readings{
		entra: entra, settings: s, seesHidden: who.SeesHidden(),
		bySource: map[source]*reading{}, people: map[string]*membership.Person{}, isLatest: map[*membership.Person]bool{},
	}
	r.read(ctx, mappings)
	entra.Forget()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("reading Entra: %w", context.Cause(ctx))
	}
	out := &memberships{taken: taken, expires: taken.Add(s.life()), tenant: who.TenantID}
	for _, m := range mappings {
		group := wantedGroup{Membership: membership.Membership{
			Name: m.Name, Entra: membership.Distinct(m.Entra), Genesys: m.Genesys,
			Nested: new(m.Nested), DisabledUsers: s.disabledUsers(),
		}}
		if group.people, err = r.mapping(m); err != nil {
			group.Incomplete = new(membership.ReasonOf(err))
		}
		out.groups = append(out.groups, group)
	}
	return out, nil
}

// mapping returns the people in the Entra groups of a mapping without those that it excludes, each person once. It fails
// if one of the groups could not be read, because an incomplete list would remove members by mistake.
func (r *readings) mapping(m Mapping) ([]*membership.Person, error) {
	if err := r.failure(m); err != nil {
		return nil, err
	}
	if len(m.Entra) == 1 && len(m.Exclude) == 0 && !r.settings.DropDisabled {
		return r.latest(r.bySource[source{m.Entra[0], sourceKindOf(m)}].people), nil // one group and nobody to leave out
	}
	out := map[string]bool{}
	for _, ref := range m.Exclude {
		for _, p := range r.bySource[source{ref, asExclude}].out {
			out[p.ID] = true
		}
	}
	var people []*membership.Person
	seen := map[*membership.Person]bool{}
	for _, id := range m.Entra {
		for _, p := range r.latest(r.bySource[source{id, sourceKindOf(m)}].people) {
			if seen[p] || out[p.ID] || r.settings.DropDisabled && !*p.Enabled {
				continue
			}
			seen[p] = true
			people = append(people, p)
		}
	}
	return people, nil
}

// failure returns the reason why a mapping cannot be read completely; nil if there is none. If there are several
// reasons, an internal error is returned before any other. All entries that do not exist in Entra are named in one
// error, because each of them has to be corrected in the configuration.
func (r *readings) failure(m Mapping) error {
	var failed error
	var missing []error
	look := func(one *reading, in string) {
		err := one.err
		if err != nil && in != "" {
			err = fmt.Errorf("%s: %w", in, err)
		}
		if err != nil && (failed == nil || membership.CauseOf(err) == membership.Internal) {
			failed = err
		}
		if err != nil && membership.CauseOf(err) == membership.Missing {
			missing = append(missing, err)
		}
	}
	for i, ref := range m.Exclude {
		look(r.bySource[source{ref, asExclude}], m.exclusion(i))
	}
	for _, id := range m.Entra {
		look(r.bySource[source{id, sourceKindOf(m)}], "")
	}
	if membership.CauseOf(failed) != membership.Missing {
		return failed
	}
	for _, err := range missing[1:] { // missing[0] is failed, which has the cause and the hint
		failed = fmt.Errorf("%w; %w", failed, err)
	}
	return failed
}
