package probe

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
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
	case errors.As(err, new(*ForeignError)), errors.As(err, new(*RefusedError)):
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
		if err := r.mayPutBack(g); err != nil {
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

const configuredByNow = "the configuration has it by now, or a group whose name looks the same"

// mayPutBack returns a [RefusedError] for a group that the configuration has by now. It also does so for members who are gone
// since an old probe and whom the options do not name: somebody may have removed them in the meantime.
func (r *run) mayPutBack(g membership.Group) error {
	if isConfigured(r.opts.Configured, g) {
		return refuseToPutBack(r.state, configuredByNow)
	}
	if !r.state.IsOld() {
		return nil
	}
	named := r.opts.named()
	unnamed := slices.DeleteFunc(slices.Clone(r.state.Members), func(id string) bool { return named[id] || g.Has(id) })
	if len(unnamed) == 0 {
		return nil
	}
	err := refuseToPutBack(r.state, fmt.Sprintf("the probe is from %s, and --with does not name %d of the members that it would get back",
		r.state.Sent.UTC().Format(time.DateTime), len(unnamed)))
	err.Unnamed = unnamed
	return err
}

func refuseToPutBack(s State, reason string) *RefusedError {
	return &RefusedError{Before: &s, Reason: fmt.Sprintf("Genesys group %q (%s) is not put back after the probe that was killed: %s",
		s.DisplayName, s.Group, reason)}
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
