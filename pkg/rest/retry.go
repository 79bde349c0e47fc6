package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/sony/gobreaker/v2"

	"github.com/callroll/callroll/pkg/internal/timer"
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

// A host that has failed this many requests in a row, each with all its attempts, is left alone for a while: what is left
// of a run would only feed the storm.
const (
	tripAfter = 3
	leftAlone = time.Minute
)

func newBreaker() *gobreaker.CircuitBreaker[Response] {
	return gobreaker.NewCircuitBreaker[Response](gobreaker.Settings{
		Timeout:     leftAlone,
		ReadyToTrip: func(counts gobreaker.Counts) bool { return counts.ConsecutiveFailures >= tripAfter },
	})
}

// guard carries a request through the breaker. A clear no does not speak against the host, and neither does a run that was
// stopped.
func (c *Client) guard(ctx context.Context, r Request, do func() (Response, error)) (Response, error) {
	var answer Response
	var err error
	_, open := c.breaker.Execute(func() (Response, error) {
		if answer, err = do(); patience(ctx).Err() != nil || !speaksAgainstHost(err) || r.Yield && yielded(err) {
			return answer, nil
		}
		return answer, err
	})
	if errors.Is(open, gobreaker.ErrOpenState) || errors.Is(open, gobreaker.ErrTooManyRequests) {
		return Response{}, &Error{Kind: NotSent, Method: r.Method, Host: c.base.Host, Path: c.opts.Redact.Text(r.Path, maxExcerpt),
			Message: fmt.Sprintf("not sent, because the last %d requests to this host have failed", tripAfter)}
	}
	return answer, err
}

// yielded says whether a failure is a 429, which the caller of a Yield answers by asking for less.
func yielded(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == Throttled
}

// speaksAgainstHost says whether a failure speaks against the host.
func speaksAgainstHost(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Kind == Throttled || e.Kind == NotSent || e.Kind == Unclear)
}

type lingerKey struct{}

// Linger returns a context for the one request that may outlive ctx, a write in flight: it ends d after ctx is done,
// and not before. Under it Do sends once more at most: as soon as ctx is done it neither waits nor tries again.
func Linger(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithValue(context.WithoutCancel(ctx), lingerKey{}, ctx))
	stop := context.AfterFunc(ctx, func() {
		if timer.Wait(longer, d) == nil {
			cancel(context.Cause(ctx))
		}
	})
	return longer, func() {
		stop()
		cancel(context.Canceled)
	}
}

// patience returns the context that ends waiting: under Linger it is the one that was to be outlived.
func patience(ctx context.Context) context.Context {
	if outer, ok := ctx.Value(lingerKey{}).(context.Context); ok && outer != nil {
		return outer
	}
	return ctx
}
