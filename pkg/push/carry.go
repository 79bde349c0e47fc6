package push

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/callroll/callroll/pkg/internal/timer"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// groupRun carries out the plan of one group.
type groupRun struct {
	opts    Options
	group   plan.Group
	current membership.Group // from the last reading
	sent    int              // number of PUTs that were sent
	write   *write           // the last PUT
	unclear int              // number of PUTs without a clear answer
	lost    bool             // a PUT was rejected once because the version had changed
	pauses  backoff.BackOff
	earlier plan.Group // changes by PUTs of this run before the group was planned again
}

// run reads, decides and writes until the group has an outcome.
func (c *groupRun) run(ctx context.Context) Outcome {
	if err := c.read(ctx); err != nil {
		return c.unread(ctx, err)
	}
	for {
		if out, ended := c.decide(ctx); ended {
			return out
		}
		if c.opts.Writer == nil {
			return Planned(c.group)
		}
		if ctx.Err() != nil {
			return c.stopped(ctx)
		}
		if out, ended := c.put(ctx); ended {
			return out
		}
	}
}

func (c *groupRun) read(ctx context.Context) error {
	current, err := c.opts.Reader.Group(ctx, c.group.ID)
	if err == nil {
		c.current = current
	}
	return err
}

// decide compares the last reading with the plan. If the members are those that the group should have, the group is
// finished. If they are those that the plan found, decide returns false, and the group may be written. Otherwise
// somebody else has changed the group; then it is planned again, or it ends if the plan is to be carried out exactly.
func (c *groupRun) decide(ctx context.Context) (Outcome, bool) {
	now := c.current.Members
	switch {
	case c.current.DisplayName != c.group.DisplayName && c.opts.Replan != nil:
		return c.replan(ctx) // a mapping by name may not mean this group any more
	case c.current.DisplayName != c.group.DisplayName:
		return c.fail(membership.Missing, fmt.Sprintf("group %s is called %q now, and was %q when the plan was made",
			c.group.ID, c.current.DisplayName, c.group.DisplayName)), true
	case slices.Equal(now, c.group.Members) && c.sent > 0:
		c.write.seen = true
		return c.end(Outcome{Status: Done}), true
	case slices.Equal(now, c.group.Members) && c.group.State == plan.InStep:
		return c.end(Outcome{Status: InStep}), true
	case slices.Equal(now, c.group.Members):
		return c.end(Outcome{Status: Already}), true
	case slices.Equal(now, c.group.FoundIDs()):
		return Outcome{}, false
	case c.opts.Replan == nil:
		cause := membership.Cause("")
		if c.sent > 0 {
			cause = membership.Unclear // a later run has to find out which of our changes are still there
		}
		detail := fmt.Sprintf("its %d members are neither those that the plan found (%d) nor those that it wants (%d): "+
			"somebody changed the group after the plan was made", len(now), c.group.Found(), len(c.group.Members))
		return c.end(Outcome{Status: Stale, Cause: cause, Detail: detail, Hint: NewPlan}), true
	case c.sent == 0 && c.group.Version != "" && c.current.Version == c.group.Version:
		// The list and the group disagree for the same version, and it is not known which of them is right.
		return c.fail(membership.Incomplete, fmt.Sprintf("the list of groups shows %d members and the group itself %d others, "+
			"both as version %s", c.group.Found(), len(now), c.current.Version)), true
	}
	return c.replan(ctx)
}

// replan replaces the plan of the group with a new one. If the new plan needs no write, the group ends.
func (c *groupRun) replan(ctx context.Context) (Outcome, bool) {
	c.remember()
	again, err := c.opts.Replan(ctx, c.current)
	if err != nil {
		return c.unread(ctx, err), true
	}
	c.group = again
	switch {
	case again.State == plan.InStep && c.sent > 0:
		c.write.seen = true
		return c.end(Outcome{Status: Done}), true
	case again.State == plan.InStep:
		return c.end(Outcome{Status: Already}), true
	case again.State != plan.Changes:
		return c.end(Planned(again)), true
	case c.unclear > 0 && (len(c.earlier.Remove) > 0 && len(again.Remove) > 0 || len(c.earlier.Add) > 0 && len(again.Add) > 0):
		// A limit holds for all changes of a run in a group, but the new plan was judged for its own changes only.
		detail := "somebody else changed the group while it was written, and the rest is left to the next run"
		return c.end(Outcome{Status: Conflict, Cause: membership.Unclear, Detail: detail}), true
	}
	return Outcome{}, false // the group may be written: the new plan is for the last reading
}

// remember keeps the changes that a PUT without a clear answer has made, because the new plan does not have them.
func (c *groupRun) remember() {
	if c.sent == 0 {
		return
	}
	now := c.current.Members
	for _, e := range c.group.Add {
		if slices.Contains(now, e.ID) {
			c.earlier.Add = append(c.earlier.Add, e)
		}
	}
	for _, e := range c.group.Remove {
		if !slices.Contains(now, e.ID) {
			c.earlier.Remove = append(c.earlier.Remove, e)
		}
	}
}

// put sends the PUT for the last reading. If the answer is not clear, put reads the group again and returns false, so
// that the caller decides with that reading.
func (c *groupRun) put(ctx context.Context) (Outcome, bool) {
	if text := c.unplanned(); text != "" {
		return c.fail(membership.Internal, "nothing was sent: "+text+"; please report it"), true
	}
	if c.opts.Journal != nil {
		if err := c.opts.Journal.Intent(c.current, c.group); err != nil {
			return c.fail(membership.Unavailable,
				fmt.Sprintf("nothing was sent, because the journal could not be written: %v", err)), true
		}
	}
	if ctx.Err() != nil { // stopped while the intent was written or another group's PUT was sent
		return c.stopped(ctx), true
	}
	put, endPut := c.opts.Linger(ctx, graceOfPut)
	defer endPut()
	late, endReading := c.opts.Linger(ctx, graceOfReading)
	defer endReading()
	c.sent++
	c.write = &write{before: c.current, members: c.group.Members}
	err := c.opts.Writer.Replace(put, c.current, c.group.Members, c.current.Version, c.group.Key)
	if err == nil {
		return c.end(Outcome{Status: Done}), true
	}
	switch cause := membership.CauseOf(err); {
	case cause == membership.Rejected:
		return c.rejected(late, err)
	case cause == membership.Unclear && membership.FailureOf(err).Accepted:
		c.write.unshown = true
		return c.end(Outcome{Status: Done}), true // Genesys has taken it, and reading back finds out whether it shows
	case cause == membership.Unclear:
		return c.unknown(ctx, late, err)
	default:
		return c.failure(err), true
	}
}

// unplanned returns an empty string if the PUT changes exactly the additions and removals of the plan, and otherwise a
// description of the difference. It is the last check that nobody is removed who is not a removal of the plan.
func (c *groupRun) unplanned() string {
	want := slices.DeleteFunc(slices.Clone(c.current.Members), func(id string) bool {
		return slices.ContainsFunc(c.group.Remove, func(e plan.Entry) bool { return e.ID == id })
	})
	want = append(want, plan.IDs(c.group.Add)...)
	if !slices.Equal(membership.Distinct(want), c.group.Members) {
		return fmt.Sprintf("the %d members to be are not the present ones with %d added and %d removed",
			len(c.group.Members), len(c.group.Add), len(c.group.Remove))
	}
	return ""
}

// rejected reads the group after a clear refusal, to find out what the refusal means. The status alone is not enough:
// the services are not consistent about the status of a version conflict, and a 404 may be about a member.
func (c *groupRun) rejected(ctx context.Context, refusal error) (Outcome, bool) {
	before := c.current.Version
	if err := c.read(ctx); err != nil {
		out := c.unread(ctx, fmt.Errorf("%w (after %w)", err, refusal))
		if out.Status != Missing {
			out.Cause = membership.Unclear // the change may have been made in spite of the refusal
		}
		return out, true
	}
	switch {
	case slices.Equal(c.current.Members, c.group.Members):
		return Outcome{}, false
	case c.current.Version == before:
		return c.explain(ctx, refusal), true
	case c.lost:
		detail := fmt.Sprintf("somebody else changed the group twice while it was written: %v", refusal)
		return c.end(Outcome{Status: Conflict, Cause: membership.Rejected, Detail: detail}), true
	}
	c.lost = true
	return Outcome{}, false
}

// unknown waits and reads the group after a PUT whose result is not known. It does not wait if the run is to stop, if
// the attempts are used up, or if the service asks for a longer wait than MaxWait; then one reading decides.
func (c *groupRun) unknown(ctx, late context.Context, failure error) (Outcome, bool) {
	c.unclear++
	wait := membership.FailureOf(failure).Wait
	last := c.unclear >= c.opts.Attempts || wait > c.opts.MaxWait || ctx.Err() != nil
	if !last {
		last = c.pause(ctx, wait) != nil
	}
	if err := c.read(late); err != nil {
		return c.fail(membership.Unclear, fmt.Sprintf("nobody knows whether the change was made: %v; "+
			"and the group could not be read afterwards: %v", failure, err)), true
	}
	if last && !slices.Equal(c.current.Members, c.group.Members) {
		detail := fmt.Sprintf("not written after %s: %v", times(c.sent), failure)
		if stop := context.Cause(ctx); stop != nil && !strings.Contains(detail, stop.Error()) {
			detail += "; " + stop.Error()
		}
		return c.fail(membership.Unclear, detail), true
	}
	return Outcome{}, false
}

// pause waits for the next pause of BackOff, but at least as long as the service asked for.
func (c *groupRun) pause(ctx context.Context, atLeast time.Duration) error {
	if c.pauses == nil {
		c.pauses = c.opts.BackOff()
	}
	d := c.pauses.NextBackOff()
	if d == backoff.Stop {
		return context.DeadlineExceeded
	}
	return timer.Wait(ctx, max(d, atLeast))
}
