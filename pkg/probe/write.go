package probe

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/internal/timer"
	"github.com/callroll/callroll/pkg/membership"
)

// errUnsettled ends the experiments: a write that was answered with success may still take effect, and the result of another
// experiment would be misread.
var errUnsettled = errors.New("a write was accepted and does not show")

// keepError ends the experiments: what the group was before could not be kept.
type keepError struct{ err error }

func (e *keepError) Error() string {
	return "the state before the probe could not be kept: " + e.err.Error()
}
func (e *keepError) Unwrap() error { return e.err }

// read reads the group. It returns a [ForeignError] if the group is neither as it was before nor as the probe has written it.
func (r *run) read(ctx context.Context) (g membership.Group, shown int, err error) {
	g, err = r.reader.Group(ctx, r.state.Group)
	if err != nil {
		return g, 0, err
	}
	shown = len(g.Members)
	if r.state.showsPart(g) { // the service may show only some of many members
		individuals, err := r.reader.Individuals(ctx, r.state.Group)
		if err != nil {
			return g, shown, err
		}
		if all := membership.Distinct(individuals); slices.Equal(all, r.state.Large) {
			g.Members = all
		}
	}
	if !r.state.isOurs(g) {
		return g, shown, &ForeignError{Before: r.state, Now: g}
	}
	return g, shown, nil
}

// prepare is called before each PUT of the given members. It checks that the group is as the last write left it, and keeps what
// it may have after this one.
func (r *run) prepare(ctx context.Context, sets ...[]string) error {
	for _, set := range sets {
		if i := slices.IndexFunc(set, func(id string) bool { return !r.mayHave(id) }); i >= 0 {
			return membership.Fail(membership.Internal, errors.New("a PUT would name an account that nobody has named"))
		}
	}
	g, _, err := r.read(ctx)
	switch {
	case err != nil:
		return err
	case !r.isAsKnown(g):
		return r.changed(g, r.state.Open)
	}
	r.now = g
	next := r.state.next(g, sets)
	if err := r.opts.Keeper.Keep(next); err != nil {
		return &keepError{err}
	}
	r.wasOpen = r.state.Open
	r.state, r.kept = next, true
	if ctx.Err() != nil {
		r.state.Open = r.wasOpen // nothing is sent
	}
	return context.Cause(ctx)
}

// isAsKnown reports whether the group is as the last reading showed it, and was not written since.
func (r *run) isAsKnown(g membership.Group) bool {
	return slices.Equal(g.Members, r.now.Members) && sameText(g.ExternalID, r.now.ExternalID) && g.Version == r.now.Version
}

// changed returns the error for a group that is not as known. If a write is open, it may have taken effect only now. Otherwise
// somebody else has changed the group, even if a write of the probe gives it the same members.
func (r *run) changed(g membership.Group, open bool) error {
	if open {
		return errUnsettled
	}
	return &ForeignError{Before: r.state, Now: g}
}

// mayHave reports whether a PUT may name an id: a member from before, an account of the options, or the unknown id.
func (r *run) mayHave(id string) bool {
	return id == r.opts.Unknown || slices.Contains(r.state.Members, id) || r.opts.named()[id]
}

// settle reads the group until done accepts it, and returns the sum of the pauses before that.
func (r *run) settle(ctx context.Context, done func(membership.Group) bool) (waited time.Duration, shown int, err error) {
	for _, pause := range append(timer.Pauses(r.opts.ReadBack), 0) {
		var g membership.Group
		g, shown, err = r.read(ctx)
		switch {
		case errors.As(err, new(*ForeignError)):
			return waited, shown, err
		case err == nil && done(g):
			r.now, r.state.Open = g, false
			return waited, shown, nil
		case timer.Wait(ctx, pause) != nil:
			return waited, shown, context.Cause(ctx)
		}
		waited += pause
	}
	if err == nil {
		err = errUnsettled
	}
	return waited, shown, err
}

// write gives the group members in the normal way, and waits until that shows.
func (r *run) write(ctx context.Context, members []string) (waited time.Duration, shown int, err error) {
	if err := r.prepare(ctx, members); err != nil {
		return 0, 0, err
	}
	put, end := r.opts.Linger(ctx, graceOfPut)
	defer end()
	r.older = r.now.Version
	err = r.writer.Replace(put, r.now, members, r.now.Version, "")
	if err != nil && membership.CauseOf(err) != membership.Unclear {
		return 0, 0, errors.Join(err, r.refused(ctx))
	}
	return r.settle(ctx, func(g membership.Group) bool { return slices.Equal(g.Members, members) })
}

// send sends the PUT of an experiment, after which the group may have one of the sets. If the PUT was accepted, it waits until
// the group has one of them and another state than before, and returns the accepted answer even if that does not happen, with
// errUnsettled. If it was refused, the group must be as before.
func (r *run) send(ctx context.Context, e genesys.Experiment, sets ...[]string) (genesys.Answer, error) {
	if err := r.prepare(ctx, sets...); err != nil {
		return genesys.Answer{}, err
	}
	before := r.now
	changed := func(g membership.Group) bool {
		is := func(set []string) bool { return slices.Equal(set, g.Members) }
		return slices.ContainsFunc(sets, is) && (g.Version != before.Version || !slices.Equal(g.Members, before.Members))
	}
	put, end := r.opts.Linger(ctx, graceOfPut)
	defer end()
	answer, err := r.prober.Put(put, before, e)
	switch {
	case err != nil && membership.CauseOf(err) == membership.Unclear:
		_, _, _ = r.settle(ctx, changed) // or the next experiment could be misread
		return answer, err
	case err != nil:
		return answer, errors.Join(err, r.refused(ctx))
	case answer.OK():
		_, _, err := r.settle(ctx, changed)
		return answer, err
	}
	return answer, r.refused(ctx)
}

// refused reads the group after a PUT that was refused, or not sent. It must be as before.
func (r *run) refused(ctx context.Context) error {
	g, _, err := r.read(ctx)
	switch {
	case err != nil:
		return err
	case !r.isAsKnown(g):
		return r.changed(g, r.wasOpen)
	}
	r.now, r.state.Open = g, r.wasOpen
	return nil
}
