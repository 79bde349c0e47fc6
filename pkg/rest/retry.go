package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Retry says how often and how patiently a request is tried. A zero field has the default.
type Retry struct {
	Attempts      int           // in all; 5
	Base          time.Duration // before the second attempt, then doubled, with jitter; 1 s
	Max           time.Duration // at most between two attempts; 30 s
	RetryAfterMax time.Duration // up to which a Retry-After is obeyed; beyond it the request gives up; 120 s
}

// WithDefaults returns the policy with every zero field filled in.
func (r Retry) WithDefaults() Retry {
	pick := func(d, otherwise time.Duration) time.Duration {
		if d > 0 {
			return d
		}
		return otherwise
	}
	if r.Attempts <= 0 {
		r.Attempts = 5
	}
	r.Base = pick(r.Base, time.Second)
	r.Max = pick(r.Max, 30*time.Second)
	r.RetryAfterMax = pick(r.RetryAfterMax, 120*time.Second)
	return r
}

// Retry calls try, with the number of the attempt, until it succeeds, fails for good, or the policy or ctx ends it. An
// error of this package says by itself whether another attempt may help; any other error is for good.
func (c *Client) Retry(ctx context.Context, try func(attempt int) error) error {
	early := patience(ctx)
	waits := c.opts.Retry.waits()
	var last *Error // the failure that another attempt may mend
	attempt := 0
	err := backoff.RetryNotify(func() error {
		attempt++
		before := last
		last = nil
		err := try(attempt)
		var settled *backoff.PermanentError
		var e *Error
		switch {
		case errors.As(err, &settled):
			return err
		case !errors.As(err, &e):
			return backoff.Permanent(err)
		}
		e.Attempts = attempt
		if e.again {
			last, waits.wanted = e, e.RetryAfter
			return err
		}
		if before != nil && ctx.Err() != nil {
			err = fmt.Errorf("%w; before that: %w", err, before)
		}
		return backoff.Permanent(err)
	}, backoff.WithContext(backoff.WithMaxRetries(waits, uint64(c.opts.Retry.Attempts-1)), early), func(err error, wait time.Duration) {
		c.opts.Trace.wait(Wait{Host: c.base.Host, Why: err.Error(), For: wait})
	})
	if last == nil || early.Err() == nil {
		return err
	}
	// backoff returns the context's error alone, and what the service said last would be lost.
	return fmt.Errorf("%w; stopped before another attempt: %w", last, context.Cause(early))
}

// BackOff returns the pauses of the policy for one series of attempts, which whoever makes them counts.
func (r Retry) BackOff() backoff.BackOff { return r.waits() }

func (r Retry) waits() *waits {
	r = r.WithDefaults()
	return &waits{policy: r, growing: backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(r.Base),
		backoff.WithMaxInterval(r.Max),
		backoff.WithMultiplier(2),
		backoff.WithMaxElapsedTime(0), // attempts are counted instead
	)}
}

// waits are the pauses of one series of attempts: exponential, and never shorter than what the service asked for.
type waits struct {
	policy  Retry
	growing *backoff.ExponentialBackOff
	wanted  time.Duration // the last answer's Retry-After
}

// Reset starts over.
func (w *waits) Reset() { w.growing.Reset() }

// NextBackOff returns the pause before the next attempt, or backoff.Stop if the service wants to be left alone for too
// long.
func (w *waits) NextBackOff() time.Duration {
	if w.wanted > w.policy.RetryAfterMax {
		return backoff.Stop
	}
	return max(w.wanted, min(w.growing.NextBackOff(), w.policy.Max))
}
