// Package push writes planned changes to Genesys, group by group, and returns the outcome of each. It makes no decisions
// about who is a member, and it writes a group only after it has just read it.
//
// Each group is read alone before its PUT, and the PUT has the version from that reading (see [Writer]). After an answer
// that is not clear, the group is read again before anything else is sent.
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
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// NewPlan is the hint for a plan that cannot be carried out any more.
const NewPlan = "make a new plan with callroll diff"

// Reader reads from Genesys. An error of Group or User has a membership.Cause: membership.Missing means that there is no
// such group or user.
type Reader interface {
	// Group reads one group with all its members.
	Group(ctx context.Context, id string) (membership.Group, error)
	// User reads one account.
	User(ctx context.Context, id string) (membership.Account, error)
	// Listed reads several groups at once, in fewer requests than one for each group. It may leave out any of them, and
	// they may be older than what Group returns.
	Listed(ctx context.Context, ids []string) map[string]membership.Group
}

// Writer replaces the members of one Genesys group if the group still has the version. members is the complete new list
// of ids, and key is an idempotency key, or empty. An error has a membership.Cause: membership.Rejected is a clear
// refusal, and membership.Unclear means that it is not known whether the change was made.
type Writer interface {
	Replace(ctx context.Context, group membership.Group, members []string, version, key string) error
}

// Journal records what a run is about to do and the result. If Intent returns an error, the PUT is not sent.
type Journal interface {
	Intent(before membership.Group, g plan.Group) error
	Outcome(o Outcome) error
}

// Replan plans and judges one group again, from the reading current. The error is about this group.
type Replan func(ctx context.Context, current membership.Group) (plan.Group, error)

// Options say how a plan is carried out.
type Options struct {
	Reader  Reader
	Writer  Writer  // nil in a dry run: then the outcome of a group with changes is ToDo
	Journal Journal // may be nil
	// Replan is nil if the plan is to be carried out exactly: then a group that somebody else has changed is stale.
	Replan Replan
	// AtOnce is how many groups are carried out at the same time; values below 1 mean 1. Reader, Writer, Journal and
	// Replan must be safe for concurrent use if it is more than 1.
	AtOnce int
	// Attempts is how often a PUT is sent at most if its answers are not clear. BackOff returns the pauses between the
	// attempts. A pause is longer if the service asks for it; the group ends if it asks for more than MaxWait.
	Attempts int
	BackOff  func() backoff.BackOff
	MaxWait  time.Duration
	// ReadBack is how long to wait until a write shows. If it is zero, only groups whose answer to the PUT does not show
	// the write are read back.
	ReadBack time.Duration
	// Linger returns a context for a request that may continue after the run was stopped. It ends this long after its
	// parent.
	Linger func(context.Context, time.Duration) (context.Context, context.CancelFunc)
	// Progress is called while groups are written and read back.
	Progress Progress
}

// How long a PUT may continue after the run was stopped, and how long the reading that finds out its result.
const (
	graceOfPut     = 7 * time.Second
	graceOfReading = 10 * time.Second
)

// Status says how a group ended. If the group could not be read or written, that is the cause of the failure.
type Status string

// The statuses of an outcome.
const (
	ToDo        Status = "to change"   // planned, and not carried out in a dry run
	Done        Status = "changed"     // written
	Already     Status = "already"     // somebody else has made the change before this run did
	InStep      Status = "in step"     // the plan has no change
	Paused      Status = "paused"      // mode: paused
	Refused     Status = "refused"     // a rule of package plan does not allow the change
	Stale       Status = "stale"       // the group, or what the plan is based on, has changed since the plan was created
	NotApplied  Status = "not applied" // written, and Genesys does not show the change
	Conflict    Status = "conflict"    // somebody else changed the group at the same time
	NotStarted  Status = "not started" // the run was stopped before the group was written
	Incomplete         = Status(membership.Incomplete)
	Missing            = Status(membership.Missing)
	Internal           = Status(membership.Internal)
	Rejected           = Status(membership.Rejected)
	Denied             = Status(membership.Denied)
	Unavailable        = Status(membership.Unavailable) // also if it is not known whether the group was written
)

// Outcome is how one group ended. Cause and Detail say why, if it did not end well. If it was refused, the reasons are
// in Group.Refusals.
type Outcome struct {
	Group  plan.Group // as it was carried out; it may have been planned again
	Status Status
	Cause  membership.Cause
	Detail string
	Hint   string // what to do about it, if that is known
	write  *write // what is to be read back; nil if nothing was written
}

// Run carries out groups, opts.AtOnce at the same time, and returns one outcome for each, in the same order. A group
// that fails does not stop the others. After ctx is done no new group is started.
func Run(ctx context.Context, groups []plan.Group, opts Options) []Outcome {
	outcomes := make([]Outcome, len(groups))
	var carriers errgroup.Group
	carriers.SetLimit(max(opts.AtOnce, 1))
	counter := opts.Progress.Begin(Writing, list.Count(groups, opts.carries))
	for i, g := range groups {
		carriers.Go(func() error {
			outcomes[i] = one(ctx, g, opts)
			if opts.carries(g) {
				counter.Add(1)
			}
			return nil
		})
	}
	_ = carriers.Wait() // an error of a group is in its outcome
	counter.End()
	lookBack(ctx, outcomes, opts)
	for i := range outcomes {
		if opts.Journal != nil {
			if err := opts.Journal.Outcome(outcomes[i]); err != nil {
				detail := outcomes[i].Detail + "; the journal could not be written: " + err.Error()
				outcomes[i].Detail = strings.TrimPrefix(detail, "; ")
			}
		}
	}
	return outcomes
}

func one(ctx context.Context, g plan.Group, opts Options) (out Outcome) {
	defer func() {
		if r := recover(); r != nil {
			out = Outcome{Group: g}
			out.fail(membership.Internal, bug.Error(fmt.Sprintf("group %s", g.ID), r).Error())
		}
	}()
	switch {
	case !opts.carries(g):
		return Planned(g)
	case ctx.Err() != nil:
		return Outcome{Group: g, Status: NotStarted, Cause: membership.Unavailable, Detail: context.Cause(ctx).Error()}
	}
	c := groupRun{opts: opts, group: g}
	return c.run(ctx)
}

// carries reports whether a group is carried out. If a plan is carried out exactly, a group without changes is read too,
// because it may have changed since then.
func (o Options) carries(g plan.Group) bool {
	return g.State == plan.Changes || g.State == plan.InStep && o.Replan == nil
}

// Planned returns the outcome of a group that is not carried out. For a group with changes that is ToDo.
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
		out.fail(g.Incomplete.Cause, g.Incomplete.Detail)
		out.Hint = g.Incomplete.Hint
	case plan.Stale:
		out.Status, out.Detail, out.Hint = Stale, g.Incomplete.Detail, cmp.Or(g.Incomplete.Hint, NewPlan)
	}
	return out
}

// fail makes o the outcome of a group that could not be read or written for this cause.
func (o *Outcome) fail(cause membership.Cause, detail string) {
	o.Status, o.Cause, o.Detail = Status(cause), cause, detail
	if !slices.Contains([]Status{Denied, Missing, Incomplete, Rejected, Internal}, o.Status) {
		o.Status = Unavailable
	}
}

// unread is the outcome after a reading that failed.
func (c *groupRun) unread(ctx context.Context, err error) Outcome {
	if out := c.failure(err); out.Status != Unavailable || ctx.Err() == nil || c.sent > 0 {
		return out
	}
	return c.stopped(ctx)
}

// failure is the outcome after an error that ends the group.
func (c *groupRun) failure(err error) Outcome {
	out := c.fail(membership.CauseOf(err), err.Error())
	out.Hint = membership.HintOf(err)
	return out
}

// stopped is the outcome of a group if the run is stopped before its next PUT.
func (c *groupRun) stopped(ctx context.Context) Outcome {
	if c.sent > 0 {
		return c.fail(membership.Unavailable, fmt.Sprintf("not written after %s: %v", times(c.sent), context.Cause(ctx)))
	}
	return c.end(Outcome{Status: NotStarted, Cause: membership.Unavailable, Detail: context.Cause(ctx).Error()})
}

// end returns an outcome with the group, and with the changes by earlier PUTs of this run to it.
func (c *groupRun) end(out Outcome) Outcome {
	out.Group, out.write = c.group, c.write
	if n, m := len(c.earlier.Add), len(c.earlier.Remove); n+m > 0 && out.Status == Done {
		out.Group.Add, out.Group.Remove = joined(c.earlier.Add, c.group.Add), joined(c.earlier.Remove, c.group.Remove)
	} else if n+m > 0 {
		out.Detail = strings.TrimPrefix(out.Detail+fmt.Sprintf("; before that this run had added %d and removed %d", n, m), "; ")
	}
	return out
}

// joined returns the entries of both lists. The result is not nil, which JSON would write as null.
func joined(a, b []plan.Entry) []plan.Entry { return append(append([]plan.Entry{}, a...), b...) }

// fail is end for a group that could not be read or written for this cause.
func (c *groupRun) fail(cause membership.Cause, detail string) Outcome {
	out := c.end(Outcome{Detail: detail})
	out.fail(cause, out.Detail)
	return out
}

func times(n int) string {
	if n == 1 {
		return "one attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}
