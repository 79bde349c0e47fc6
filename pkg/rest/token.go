package rest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/callroll/callroll/pkg/secret"
)

// Token is a bearer token. If Expires is zero, the token is used until the service rejects it.
type Token struct {
	Value   secret.String
	Expires time.Time
	Margin  time.Duration // how long before Expires the token is renewed
}

// Tokens shares one token between all requests. There is only one sign-in at a time: if ten requests need a token, there is
// one sign-in, and all of them get its token or its error. It is safe for concurrent use.
type Tokens struct {
	fetch    func(context.Context) (Token, error)
	failures atomic.Int64  // number of failed sign-ins
	turn     chan struct{} // lock for the fields below; unlike with a sync.Mutex, a context can end the wait

	token   secret.String
	renewAt time.Time // zero: never
	failed  error     // error of the last failed sign-in
	refused error     // error of a sign-in that was refused; there is no other attempt
}

// NewTokens returns a Tokens that calls fetch to sign in.
func NewTokens(fetch func(context.Context) (Token, error)) *Tokens {
	return &Tokens{fetch: fetch, turn: make(chan struct{}, 1)}
}

// Get returns the token. It signs in if there is no token, or if the token is about to expire.
func (t *Tokens) Get(ctx context.Context) (secret.String, error) {
	return t.Renew(ctx, secret.String{})
}

// Renew returns a token that differs from the one that the service has rejected. If several requests were rejected with the
// same token, only the first one signs in.
func (t *Tokens) Renew(ctx context.Context, rejected secret.String) (secret.String, error) {
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
		return secret.String{}, t.failed // another request has signed in while this one waited
	}
	token, err := t.fetch(ctx)
	if err == nil {
		t.token, t.renewAt = token.Value, token.renewAt(time.Now())
		return t.token, nil
	}
	if ctx.Err() == nil { // otherwise only this caller has ended, and the next one signs in
		t.failed = err
		t.failures.Add(1)
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Refused || RefusedByProxy(err) {
		t.refused = err
	}
	return secret.String{}, err
}

// fresh reports whether the current token can be used.
func (t *Tokens) fresh(rejected secret.String) bool {
	if t.token.IsZero() || t.token.Reveal() == rejected.Reveal() {
		return false
	}
	return t.renewAt.IsZero() || time.Now().Before(t.renewAt)
}

// renewAt returns when to renew the token: Margin before Expires, or half-way if the token does not live for twice the Margin.
func (t Token) renewAt(now time.Time) time.Time {
	if t.Expires.IsZero() {
		return time.Time{}
	}
	return t.Expires.Add(-min(t.Margin, t.Expires.Sub(now)/2))
}
