// Package push writes what a plan decided, group by group, and reports the outcome of each; it decides nothing by itself,
// and writes nothing that it has not read just before.
//
// A group is read alone before its PUT, and the PUT carries the version of that reading. After an answer that is not
// clear, the group is read before anything is sent again.
package push

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"
	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// NewPlan is what to do about a plan that cannot be carried out any more.
const NewPlan = "make a new plan with callroll diff"

// Reader reads one Genesys group with its members, or one account, or fails with a membership.Cause.
type Reader interface {
	Group(ctx context.Context, id string) (membership.Group, error)
	User(ctx context.Context, id string) (membership.Account, error)
	// Listed reads several groups at once, for less than one by one. It may leave out any of them, and they may be older
	// than what Group shows.
	Listed(ctx context.Context, ids []string) map[string]membership.Group
}

// Writer replaces the members of one Genesys group if it still has the version, or fails with a membership.Cause:
// Rejected is a clear refusal, Unclear means that nobody knows.
type Writer interface {
	Replace(ctx context.Context, group membership.Group, members []string, version, key string) error
}

// Journal keeps what a run is about to do and what became of it. An intent that cannot be kept is not carried out.
type Journal interface {
	Intent(before membership.Group, g plan.Group) error
	Outcome(o Outcome) error
}

// Replan plans and judges one group again, from how it was read now.
type Replan func(ctx context.Context, current membership.Group) (plan.Group, error)

// Options say how a plan is carried out.
type Options struct {
	Reader Reader
	// Writer is nil in a dry run: then a group that would be written is ToDo.
	Writer Writer
	// Journal may be nil.
	Journal Journal
	// Replan is nil where the plan is to be carried out exactly or not at all: then a group that moved is stale.
	Replan Replan
	// AtOnce is how many groups are carried out at the same time; one after the other if it is not positive. Reader, Writer,
	// Journal and Replan have to be safe for that.
	AtOnce int
	// Attempts bounds how often one PUT is sent whose answers are not clear; BackOff gives the pauses between them, which
	// are longer where the service asks for it, up to MaxWait.
	Attempts int
	BackOff  func() backoff.BackOff
	MaxWait  time.Duration
	// ReadBack is how long a write may take to show. Zero: only those groups are read back whose answers do not show the write.
	ReadBack time.Duration
	// Linger derives the context of what may outlive the run, which ends that long after the run was stopped.
	Linger func(context.Context, time.Duration) (context.Context, context.CancelFunc)
	// Done is told each outcome as it comes. It may be nil.
	Done func(Outcome)
}

// A PUT in flight may outlive a run that is stopped, and so may the reading that finds out what became of it.
const (
	graceOfPut     = 7 * time.Second
	graceOfReading = 10 * time.Second
)

// Status says in a word how a group ended.
type Status string

// The ways to end.
const (
	ToDo        Status = "to change"   // planned and not carried out: a dry run
	Done        Status = "changed"     // written
	Already     Status = "already"     // it had become as wanted by itself
	InStep      Status = "in step"     // nothing was to be done
	Paused      Status = "paused"      // mode: paused
	Refused     Status = "refused"     // a rule forbade it
	Incomplete  Status = "incomplete"  // one side could not be read whole
	Missing     Status = "missing"     // the Genesys group is gone, renamed or not visible
	Stale       Status = "stale"       // it is not as the plan found it
	NotApplied  Status = "not applied" // written twice, and it does not show
	Internal    Status = "internal"    // a bug
	Conflict    Status = "conflict"    // somebody else kept changing it
	Rejected    Status = "rejected"    // Genesys refused the change
	Denied      Status = "denied"      // a permission is missing
	Unavailable Status = "unavailable" // no usable answer
	NotStarted  Status = "not started" // the run was stopped before
)

// Outcome is how one group ended. Cause and Detail say why, where it did not end well; of a group that is refused its Refusals do.
type Outcome struct {
	Group  plan.Group // as it was carried out: planned again, where that was needed
	Status Status
	Cause  membership.Cause
	Detail string
	Hint   string // what to do about it, where that is known
	write  *write // what is to be read back
}

// Run carries groups out, begins with the first, and returns an outcome for each, in their order. A group that fails does not
// stop the others. Once ctx is done nothing new is started.
func Run(ctx context.Context, groups []plan.Group, opts Options) []Outcome {
	outcomes := make([]Outcome, len(groups))
	var carriers errgroup.Group
	carriers.SetLimit(max(opts.AtOnce, 1))
	for i, g := range groups {
		carriers.Go(func() error {
			outcomes[i] = one(ctx, g, opts)
			return nil
		})
	}
	_ = carriers.Wait() // every group has its own outcome
	lookBack(ctx, outcomes, opts)
	for i := range outcomes {
		if opts.Journal != nil {
			if err := opts.Journal.Outcome(outcomes[i]); err != nil {
				outcomes[i].Detail = strings.TrimPrefix(outcomes[i].Detail+"; the journal could not be written: "+err.Error(), "; ")
			}
		}
		if opts.Done != nil {
			opts.Done(outcomes[i])
		}
	}
	return outcomes
}

func one(ctx context.Context, g plan.Group, opts Options) (out Outcome) {
	defer func() {
		if r := recover(); r != nil {
			out = Outcome{Group: g, Status: Internal, Cause: membership.Internal, Detail: bug.Error(fmt.Sprintf("group %s", g.ID), r).Error()}
		}
	}()
	// What is carried out exactly is looked at even where nothing is to be done: it may not be so any more.
	inStep := g.State == plan.InStep && opts.Replan == nil
	switch {
	case g.State != plan.Changes && !inStep:
		return Planned(g)
	case ctx.Err() != nil:
		return Outcome{Group: g, Status: NotStarted, Cause: membership.Unavailable, Detail: context.Cause(ctx).Error()}
	}
	c := groupRun{opts: opts, group: g}
	return c.run(ctx)
}

// Planned is the outcome of a group as far as its plan decides it: of a group with changes, that they are to do.
func Planned(g plan.Group) Outcome {
	out := Outcome{Group: g, Status: InStep}
	switch g.State {
	case plan.Changes:
		out.Status = ToDo
	case plan.Skipped:
		out.Status = Paused
	case plan.Refused:
		out.Status = Refused
	case plan.Unreadable:
		out.Status, out.Cause, out.Detail, out.Hint = failed(g.Incomplete.Cause), g.Incomplete.Cause, g.Incomplete.Detail, g.Incomplete.Hint
	case plan.Stale:
		out.Status, out.Detail, out.Hint = Stale, g.Incomplete.Detail, cmp.Or(g.Incomplete.Hint, NewPlan)
	}
	return out
}

// failed is how a group ends of which something could not be read or written.
func failed(cause membership.Cause) Status {
	switch cause {
	case membership.Denied:
		return Denied
	case membership.Missing:
		return Missing
	case membership.Incomplete:
		return Incomplete
	case membership.Rejected:
		return Rejected
	case membership.Internal:
		return Internal
	}
	return Unavailable
}

// unread is the outcome of a reading that failed.
func (c *groupRun) unread(ctx context.Context, err error) Outcome {
	cause := membership.CauseOf(err)
	if failed(cause) == Unavailable && ctx.Err() != nil && c.sent == 0 {
		return c.stopped(ctx)
	}
	return c.failure(err)
}

// failure is the outcome of what failed for good.
func (c *groupRun) failure(err error) Outcome {
	out := c.end(failed(membership.CauseOf(err)), membership.CauseOf(err), err.Error())
	out.Hint = membership.HintOf(err)
	return out
}

// stopped is the outcome of a group that the end of the run caught before its PUT.
func (c *groupRun) stopped(ctx context.Context) Outcome {
	if c.sent > 0 {
		return c.end(Unavailable, membership.Unavailable, fmt.Sprintf("not written after %s: %v", times(c.sent), context.Cause(ctx)))
	}
	return c.end(NotStarted, membership.Unavailable, context.Cause(ctx).Error())
}

// end is the outcome, with all that this run has changed in the group.
func (c *groupRun) end(status Status, cause membership.Cause, detail string) Outcome {
	g := c.group
	if n, m := len(c.earlier.Add), len(c.earlier.Remove); n+m > 0 && status == Done {
		g.Add, g.Remove = append(slices.Clone(c.earlier.Add), g.Add...), append(slices.Clone(c.earlier.Remove), g.Remove...)
	} else if n+m > 0 {
		detail = strings.TrimPrefix(detail+fmt.Sprintf("; before that this run had added %d and removed %d", n, m), "; ")
	}
	return Outcome{Group: g, Status: status, Cause: cause, Detail: detail, write: c.write}
}

func times(n int) string {
	if n == 1 {
		return "one attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}
