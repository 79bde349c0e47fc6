package rest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sony/gobreaker/v2"
)

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
