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
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/push"
)

// source is a group or person of Entra that is read once in a run, even if several mappings use it.
type source struct {
	ref string // an object id; in exclude also a userPrincipalName
	how sourceKind
}

// sourceKind is the data that is read from a source.
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

// reading is the result for one source.
type reading struct {
	source source
	people []*membership.Person // each once
	out    []*membership.Person // people to leave out, from all readings of the source
	within []string             // ids of the nested groups, if their members may be hidden
	person bool                 // Entra has no group with this id
	err    error
}

// readings has the sources of a run.
type readings struct {
	entra      *graph.Client
	settings   Settings
	seesHidden bool
	excluded   graph.Selection // attributes that are read of excluded people besides their ids
	all        []*reading
	bySource   map[source]*reading

	mu       sync.Mutex
	people   map[string]*membership.Person // the people in groups of mappings by object id, from the latest reading
	isLatest map[*membership.Person]bool   // the values of people
	changed  bool                          // two readings of one person differ

	counter *push.Counter // of the readings
}

// read reads everything that mappings need, several sources at the same time. Errors are in the readings.
//
// Groups that are excluded are read before and after the groups that mappings use, and both readings count. Otherwise a
// person who joins both kinds of groups between two readings would be added by mistake.
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
	r.counter = r.settings.Progress.Begin(ReadingEntra, len(r.all)+list.Count(r.all, takes))
	defer r.counter.End()
	r.readAll(ctx, takes)
	r.readAll(ctx, func(one *reading) bool { return !takes(one) })
	r.readAll(ctx, takes)
	r.lookForHidden(ctx)
}

// add adds a source that is to be read.
func (r *readings) add(s source) {
	if r.bySource[s] == nil {
		r.bySource[s] = &reading{source: s}
		r.all = append(r.all, r.bySource[s])
	}
}

// readAll reads the chosen sources. It does not read a source again that has failed.
func (r *readings) readAll(ctx context.Context, chosen func(*reading) bool) {
	var group errgroup.Group
	group.SetLimit(r.settings.Concurrency.entra())
	for _, one := range r.all {
		if !chosen(one) || one.err != nil {
			continue
		}
		group.Go(func() error {
			defer bug.Catch("reading Entra group "+one.source.ref, &one.err)
			r.one(ctx, one)
			r.counter.Add(1)
			return nil
		})
	}
	_ = group.Wait() // each reading has its own error
}

// one reads a source. It lists the nested groups before and after, because a hidden group that was nested only for a
// part of that time may have hidden members too.
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
		// If an attribute is requested without the permission for it, the reading of the group fails.
		one.people, one.err = r.entra.Members(ctx, ref, graph.Selection{
			Nested: one.source.how == asNested, Enabled: r.settings.DropDisabled,
			EmployeeID: slices.Contains(r.settings.Match, membership.EmployeeID),
		})
		r.note(one.people)
	}
	switch {
	case one.err != nil || !mayHide:
	case !isGroup && !one.isPerson():
		one.err = membership.Fail(membership.Incomplete,
			fmt.Errorf("by the answers of Entra there is no group %s, and it has members", one.source.ref))
	case isGroup && !r.lookWithin(ctx, one) && one.err == nil:
		one.err = membership.Fail(membership.Missing, fmt.Errorf("the Entra group %s went away while it was read", one.source.ref))
	}
}

// isPerson reports whether an entry of exclude was read as one person. No group has the id of a person.
func (one *reading) isPerson() bool {
	last := len(one.out) - 1
	return one.source.how == asExclude && last >= 0 && strings.EqualFold(one.out[last].ID, one.source.ref)
}

// note keeps the latest reading of each person.
func (r *readings) note(people []*membership.Person) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range people {
		if r.isLatest[p] { // asked first because a pointer is found faster than an id; 3 % of the CPU of a large run
			continue
		}
		if known := r.people[p.ID]; known != nil {
			delete(r.isLatest, known)
			r.changed = true
		}
		r.people[p.ID], r.isLatest[p] = p, true
	}
}

// latest replaces each person by their latest reading, so that all groups use the same one.
func (r *readings) latest(people []*membership.Person) []*membership.Person {
	if !r.changed {
		return people
	}
	return list.Map(people, func(p *membership.Person) *membership.Person { return r.people[p.ID] })
}

// lookWithin notes the groups that are nested in a source, and reports whether the source is a group. It is no error if
// it is not; the reading of the source itself finds out more.
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

// lookForHidden fails the sources whose members Graph leaves out without an error because they are hidden. It does
// nothing with a token that sees hidden members. One look at each group is enough, because the visibility of an existing
// group cannot be changed to or from hidden (Microsoft Graph, "group resource type", property visibility).
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
			// A missing permission explains more than its effect, for example a count that does not fit.
			if err := hidden[id]; err != nil && (one.err == nil || membership.CauseOf(err) == membership.Denied) {
				one.err = err
			}
		}
	}
}

// groups returns the ids of the Entra groups that a source consists of.
func (one *reading) groups() []string {
	if one.person || strings.Contains(one.source.ref, "@") {
		return nil
	}
	return append([]string{one.source.ref}, one.within...)
}
