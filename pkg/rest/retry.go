package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/sony/gobreaker/v2"

	"github.com/callroll/callroll/pkg/internal/timer"
)

// Retry says how often a request is tried and how long to wait between attempts. A zero field means the default.
type Retry struct {
	Attempts      int           // total number of attempts; default 5
	Base          time.Duration // wait before the second attempt, then doubled, with jitter; default 1 s
	Max           time.Duration // maximum wait between two attempts; default 30 s
	RetryAfterMax time.Duration // if Retry-After is longer than this, the request fails; default 120 s
}

// WithDefaults returns r with the default in each zero field.
func (r Retry) WithDefaults() Retry {
	return Retry{
		Attempts:      cmp.Or(max(r.Attempts, 0), 5),
		Base:          cmp.Or(max(r.Base, 0), time.Second),
		Max:           cmp.Or(max(r.Max, 0), 30*time.Second),
		RetryAfterMax: cmp.Or(max(r.RetryAfterMax, 0), 120*time.Second),
	}
}

// Retry calls try with the number of the attempt, from 1, until it succeeds, fails for good, or the policy or ctx ends it. An
// [*Error] knows whether another attempt may help; any other error is final.
func (c *Client) Retry(ctx context.Context, try func(attempt int) error) error {
	early := patience(ctx)
	waits := c.opts.Retry.waits()
	policy := backoff.WithContext(backoff.WithMaxRetries(waits, uint64(c.opts.Retry.Attempts-1)), early)
	var last *Error // the last failure after which another attempt may help
	attempt := 0
	err := backoff.RetryNotify(func() error {
		attempt++
		before := last
		last = nil
		err := try(attempt)
		e, ok := errors.AsType[*Error](err)
		switch {
		case errors.As(err, new(*backoff.PermanentError)):
			return err
		case !ok:
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
	}, policy, func(err error, wait time.Duration) {
		c.opts.Trace.wait(Wait{Host: c.base.Host, Why: whyWait(err), For: wait})
	})
	if last == nil || early.Err() == nil {
		return err
	}
	// backoff returns only the error of the context. The last error of the service is added, so that it is not lost.
	return fmt.Errorf("%w; stopped before another attempt: %w", last, context.Cause(early))
}

// whyWait returns the text of an error before a wait. Of a service that asks to try later it leaves out for how long: the wait has
// that already. The error of the last attempt has all of it.
func whyWait(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Throttled {
		short := *e
		short.Message, short.RetryAfter = "", 0
		return short.Error()
	}
	return err.Error()
}

// BackOff returns the waits of the policy for one series of attempts. It does not count the attempts.
func (r Retry) BackOff() backoff.BackOff { return r.waits() }

func (r Retry) waits() *waits {
	r = r.WithDefaults()
	return &waits{policy: r, growing: backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(r.Base),
		backoff.WithMaxInterval(r.Max),
		backoff.WithMultiplier(2),
		backoff.WithMaxElapsedTime(0), // the number of attempts is limited instead
	)}
}

// waits are the waits of one series of attempts: exponential, and never shorter than the service asks for.
type waits struct {
	policy  Retry
	growing *backoff.ExponentialBackOff
	wanted  time.Duration // Retry-After of the last response
}

// Reset implements backoff.BackOff. It starts again with the first wait.
func (w *waits) Reset() { w.growing.Reset() }

// NextBackOff implements backoff.BackOff. It returns the wait before the next attempt, or backoff.Stop if the service asks for
// a longer wait than RetryAfterMax.
func (w *waits) NextBackOff() time.Duration {
	if w.wanted > w.policy.RetryAfterMax {
		return backoff.Stop
	}
	return max(w.wanted, min(w.growing.NextBackOff(), w.policy.Max))
}

// After tripAfter failed requests in a row, each with all its attempts, no request is sent to the host for the time leftAlone.
// More requests would only add to the load of a host that is overloaded.
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

// guard sends a request through the circuit breaker. Requests that the service has refused, and requests of a run that was
// stopped, do not count as failures of the host.
func (c *Client) guard(ctx context.Context, r Request, do func() (Response, error)) (Response, error) {
	var answer Response
	var err error
	_, open := c.breaker.Execute(func() (Response, error) {
		if answer, err = do(); patience(ctx).Err() != nil || !speaksAgainstHost(err, r) {
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

// speaksAgainstHost reports whether a failure counts as a failure of the host. A 429 does not with Yield: the caller then asks
// for less.
func speaksAgainstHost(err error, r Request) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Kind == Throttled && !r.Yield || e.Kind == NotSent || e.Kind == Unclear)
}

type lingerKey struct{}

// Linger returns a context for a request that may take longer than ctx, such as a write that was sent. It ends d after ctx has
// ended. Once ctx has ended, Do sends the request at most once more: it neither waits nor retries.
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

// patience returns the context that ends waits and retries: for a context of [Linger] the original one, otherwise ctx itself.
func patience(ctx context.Context) context.Context {
	if outer, ok := ctx.Value(lingerKey{}).(context.Context); ok && outer != nil {
		return outer
	}
	return ctx
}
