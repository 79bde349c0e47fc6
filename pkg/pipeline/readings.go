package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/membership"
)

// source is something of Entra that is read once in a run, however many mappings it feeds.
type source struct {
	ref string // an object id; of somebody excluded perhaps a userPrincipalName
	how sourceKind
}

// sourceKind is what is taken from a source.
type sourceKind string

const (
	asMembers sourceKind = "members"
	asNested  sourceKind = "members, nested ones too"
	asExclude sourceKind = "ids, nested ones too"
)

func sourceKindOf(m Mapping) sourceKind {
	if m.Nested {
		return asNested
	}
	return asMembers
}

// reading is what came of a source.
type reading struct {
	source source
	people []*membership.Person // each once
	out    []*membership.Person // whom to leave out, by any of its readings
	within []string             // the groups nested in it, where hidden ones would matter
	person bool                 // it was looked at and is no group
	err    error
}

// readings are the sources of a run.
type readings struct {
	entra      *graph.Client
	settings   Settings
	seesHidden bool
	excluded   graph.Selection // what is wanted of those whom mappings exclude, besides their ids
	all        []*reading
	bySource   map[source]*reading

	mu      sync.Mutex
	people  map[string]*membership.Person // everybody in a group that feeds a mapping, by object id, as they were read last
	changed bool                          // somebody was read twice, and not as the same
}

// read reads everything that mappings need, several sources at once. It fails in its parts only.
//
// What takes people away is read before and after what gives them, and both readings count: somebody who joins the group that is
// excluded and the group that feeds the mapping between two readings was never wanted.
func (r *readings) read(ctx context.Context, mappings []Mapping) {
	for _, m := range mappings {
		for _, ref := range m.Exclude {
			r.add(source{ref, asExclude})
		}
		for _, id := range m.Entra {
			r.add(source{id, sourceKindOf(m)})
		}
	}
	takes := func(one *reading) bool { return one.source.how == asExclude }
	r.readAll(ctx, takes)
	r.readAll(ctx, func(one *reading) bool { return !takes(one) })
	r.readAll(ctx, takes)
	r.lookForHidden(ctx)
}

// add notes that a source is to be read.
func (r *readings) add(s source) {
	if r.bySource[s] == nil {
		r.bySource[s] = &reading{source: s}
		r.all = append(r.all, r.bySource[s])
	}
}

// readAll reads those of the sources that are chosen. One that has failed is not read again.
func (r *readings) readAll(ctx context.Context, chosen func(*reading) bool) {
	var group errgroup.Group
	group.SetLimit(r.settings.Concurrency.entra())
	for _, one := range r.all {
		if !chosen(one) || one.err != nil {
			continue
		}
		group.Go(func() error {
			defer func() {
				if recovered := recover(); recovered != nil {
					one.err = bug.Error(fmt.Sprintf("reading Entra group %s", one.source.ref), recovered)
				}
			}()
			r.one(ctx, one)
			return nil
		})
	}
	_ = group.Wait() // every reading keeps its own error
}

// one reads a source. What is nested in it is looked at before and after, because a hidden group that came or went meanwhile
// may have hidden members all the same.
func (r *readings) one(ctx context.Context, one *reading) {
	mayHide := !r.seesHidden && one.source.how != asMembers && !strings.Contains(one.source.ref, "@")
	isGroup := false
	if mayHide {
		if isGroup = r.lookWithin(ctx, one); one.err != nil {
			return
		}
		one.person = !isGroup && one.source.how == asExclude
	}
	switch ref := one.source.ref; one.source.how {
	case asExclude:
		var people []*membership.Person
		people, one.err = r.entra.Excluded(ctx, ref, r.excluded)
		one.out = append(one.out, people...)
	default:
		one.people, one.err = r.entra.Members(ctx, ref, r.selection(one.source.how == asNested))
		r.note(one.people)
	}
	switch {
	case one.err != nil || !mayHide:
	case !isGroup && !one.isPerson():
		one.err = membership.Fail(membership.Incomplete, fmt.Errorf("by the answers of Entra there is no group %s, and it has members", one.source.ref))
	case isGroup && !r.lookWithin(ctx, one) && one.err == nil:
		one.err = membership.Fail(membership.Missing, fmt.Errorf("the Entra group %s went away while it was read", one.source.ref))
	}
}

// isPerson says whether an entry of exclude was read as one person. No group has a person's id.
func (one *reading) isPerson() bool {
	last := len(one.out) - 1
	return one.source.how == asExclude && last >= 0 && strings.EqualFold(one.out[last].ID, one.source.ref)
}

// note keeps who was read last of each person.
func (r *readings) note(people []*membership.Person) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range people {
		if known := r.people[p.ID]; known != p {
			r.people[p.ID] = p
			r.changed = r.changed || known != nil
		}
	}
}

// latest returns people as each was read last: that counts for every group that somebody is in.
func (r *readings) latest(people []*membership.Person) []*membership.Person {
	if !r.changed {
		return people
	}
	latest := make([]*membership.Person, 0, len(people))
	for _, p := range people {
		latest = append(latest, r.people[p.ID])
	}
	return latest
}

// lookWithin notes the groups that are nested in a source, and says whether that is a group. What is none has none; its reading
// says more about it.
func (r *readings) lookWithin(ctx context.Context, one *reading) bool {
	within, err := r.entra.NestedGroups(ctx, one.source.ref)
	switch {
	case err != nil && membership.CauseOf(err) == membership.Missing:
		return false
	case err != nil:
		one.err = err
		return false
	}
	one.within = membership.Distinct(append(one.within, within...))
	return true
}

// lookForHidden fails the sources of which Graph silently leaves members out. A token that sees hidden members needs none of
// it. Of a group that there is nobody can change whether its members are hidden (page "group resource type", visibility), so
// that one look is enough.
func (r *readings) lookForHidden(ctx context.Context) {
	if r.seesHidden {
		return
	}
	var ids []string
	for _, one := range r.all {
		ids = append(ids, one.groups()...)
	}
	hidden := r.entra.Hidden(ctx, ids)
	for _, one := range r.all {
		for _, id := range one.groups() {
			// That a permission is missing says more than what came of it, a count that does not fit for instance.
			if err := hidden[id]; err != nil && (one.err == nil || membership.CauseOf(err) == membership.Denied) {
				one.err = err
			}
		}
	}
}

// groups are the Entra groups that a source consists of.
func (one *reading) groups() []string {
	if one.person || strings.Contains(one.source.ref, "@") {
		return nil
	}
	return append([]string{one.source.ref}, one.within...)
}

// selection asks Entra for what a setting needs and no more: an attribute that is asked for and not granted fails the
// group.
func (r *readings) selection(nested bool) graph.Selection {
	return graph.Selection{
		Nested: nested, Enabled: r.settings.DropDisabled,
		EmployeeID: slices.Contains(r.settings.Match, membership.EmployeeID),
	}
}
