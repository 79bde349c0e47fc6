package probe

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/internal/timer"
	"github.com/callroll/callroll/pkg/membership"
)

// attemptsToPutBack is how often the PUT that puts the group back is sent at most.
const attemptsToPutBack = 5

// settledAfter is how long after it was sent a write may take effect. The vendor's Terraform provider waits up to five minutes.
const settledAfter = 10 * time.Minute

// finish puts the group back and drops its state. It goes on for graceOfPutBack after ctx has ended.
func (r *run) finish(ctx context.Context) error {
	late, end := r.opts.Linger(ctx, graceOfPutBack)
	defer end()
	switch err := r.putBack(late); {
	case errors.As(err, new(*ForeignError)):
		return err
	case err != nil:
		return &LeftError{Before: r.state, Err: err}
	}
	return r.opts.Keeper.Drop()
}

// putBack writes the members and the externalId from before, unless the group has them and no write is open. An open write may
// take effect later; another PUT gives the group a new version, for which an older PUT is not valid.
func (r *run) putBack(ctx context.Context) (err error) {
	defer bug.Catch("putting a group back after a probe", &err)
	for range attemptsToPutBack {
		var g membership.Group
		if g, err = r.readToPutBack(ctx); err != nil {
			return err
		}
		if r.state.isBefore(g) && !r.state.Open {
			return nil
		}
		version := g.Version
		g.ExternalID = r.state.ExternalID
		err = r.writer.Replace(ctx, g, r.state.Members, version, "")
		if err != nil && membership.CauseOf(err) != membership.Unclear {
			continue // perhaps the version has moved: the next reading shows it
		}
		open := r.state.Open
		_, _, settleErr := r.settle(ctx, func(g membership.Group) bool {
			return g.Version != version || r.state.isBefore(g) && !open
		})
		switch {
		case errors.As(settleErr, new(*ForeignError)):
			return settleErr
		case settleErr == nil && r.state.isBefore(r.now):
			return nil
		case settleErr == nil: // an earlier PUT has taken effect in the meantime, and this one never will
			err = errUnsettled
			continue
		}
		// A service may give no new version for the members that the group has. Then only time shows that nothing is to come.
		now, _, readErr := r.read(ctx)
		if readErr == nil && r.state.isBefore(now) && time.Since(r.state.Sent) > settledAfter {
			return nil
		}
		err = cmp.Or(err, settleErr)
	}
	return err
}

// readToPutBack reads the group, and tries again for a while if it cannot be read.
func (r *run) readToPutBack(ctx context.Context) (g membership.Group, err error) {
	for _, pause := range append(timer.Pauses(r.opts.ReadBack), 0) {
		g, _, err = r.read(ctx)
		if err == nil || errors.As(err, new(*ForeignError)) || timer.Wait(ctx, pause) != nil {
			break
		}
	}
	return g, err
}
