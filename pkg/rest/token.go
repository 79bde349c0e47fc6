package rest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/callroll/callroll/pkg/secret"
)

// Token is a bearer token and how long it may be used. Without an Expires it is used until the service rejects it.
type Token struct {
	Value   secret.String
	Expires time.Time
	Margin  time.Duration // how long before Expires it is renewed
}

// Tokens hands one token to everybody who asks, and sees that only one is asked for at a time: ten requests without a
// token make one sign-in, whether it succeeds or fails.
type Tokens struct {
	fetch    func(context.Context) (Token, error)
	failures atomic.Int64  // sign-ins that failed
	turn     chan struct{} // a lock of what follows that a context can stop waiting for

	token   secret.String
	renewAt time.Time // zero: never
	failed  error     // by the last sign-in
	refused error     // a clear no is not asked for again
}

// NewTokens returns Tokens that signs in by fetch.
func NewTokens(fetch func(context.Context) (Token, error)) *Tokens {
	return &Tokens{fetch: fetch, turn: make(chan struct{}, 1)}
}

// Get returns the token, signing in if there is none that will last.
func (t *Tokens) Get(ctx context.Context) (secret.String, error) {
	return t.get(ctx, secret.String{})
}

// Renew returns another token than the one that the service rejected. Of several who were rejected with the same token
// only the first signs in.
func (t *Tokens) Renew(ctx context.Context, rejected secret.String) (secret.String, error) {
	return t.get(ctx, rejected)
}

func (t *Tokens) get(ctx context.Context, rejected secret.String) (secret.String, error) {
	before := t.failures.Load()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return secret.String{}, context.Cause(ctx)
	}
	switch {
	case t.refused != nil:
		return secret.String{}, t.refused
	case t.fresh(rejected):
		return t.token, nil
	case t.failures.Load() != before:
		return secret.String{}, t.failed // it was waited for
	}
	token, err := t.fetch(ctx)
	if err == nil {
		t.token, t.renewAt = token.Value, token.renewAt(time.Now())
		return t.token, nil
	}
	if ctx.Err() == nil { // otherwise the next one signs in: the haste was this caller's
		t.failed = err
		t.failures.Add(1)
	}
	var e *Error
	if errors.As(err, &e) && e.Kind == Refused || RefusedByProxy(err) {
		t.refused = err
	}
	return secret.String{}, err
}

// fresh says whether the token at hand will do.
func (t *Tokens) fresh(rejected secret.String) bool {
	if t.token.IsZero() || t.token.Reveal() == rejected.Reveal() {
		return false
	}
	return t.renewAt.IsZero() || time.Now().Before(t.renewAt)
}

// renewAt is Margin before the end, or half-way for a token that does not live that long.
func (t Token) renewAt(now time.Time) time.Time {
	if t.Expires.IsZero() {
		return time.Time{}
	}
	return t.Expires.Add(-min(t.Margin, t.Expires.Sub(now)/2))
}
