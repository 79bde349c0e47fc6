package push

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

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
