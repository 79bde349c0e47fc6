package rest

import (
	"context"
	"errors"
	"sync"
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
	fetch func(context.Context) (Token, error)

	mu      sync.Mutex
	token   secret.String
	renewAt time.Time // zero: never
	refused error     // a clear no is not asked for again
	flight  *flight
}

// flight is a sign-in under way.
type flight struct {
	done      chan struct{}
	token     secret.String
	err       error
	abandoned bool // it failed because whoever started it gave up
}

// NewTokens returns Tokens that signs in by fetch.
func NewTokens(fetch func(context.Context) (Token, error)) *Tokens { return &Tokens{fetch: fetch} }

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
	for {
		t.mu.Lock()
		if t.refused != nil {
			defer t.mu.Unlock()
			return secret.String{}, t.refused
		}
		if t.fresh(rejected) {
			defer t.mu.Unlock()
			return t.token, nil
		}
		f := t.flight
		if f == nil {
			f = &flight{done: make(chan struct{})}
			t.flight = f
			t.mu.Unlock()
			t.signIn(ctx, f)
			return f.token, f.err
		}
		t.mu.Unlock()
		select {
		case <-f.done:
			if !f.abandoned {
				return f.token, f.err
			}
		case <-ctx.Done():
			return secret.String{}, context.Cause(ctx)
		}
	}
}

// fresh says whether the token at hand will do.
func (t *Tokens) fresh(rejected secret.String) bool {
	if t.token.IsZero() || t.token.Reveal() == rejected.Reveal() {
		return false
	}
	return t.renewAt.IsZero() || time.Now().Before(t.renewAt)
}

func (t *Tokens) signIn(ctx context.Context, f *flight) {
	f.err = errors.New("the sign-in was broken off") // what a panic leaves behind for those who wait
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.flight = nil
		close(f.done)
	}()
	token, err := t.fetch(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	f.token, f.err, f.abandoned = token.Value, err, err != nil && ctx.Err() != nil
	if err == nil {
		t.token, t.renewAt = token.Value, token.renewAt(time.Now())
	}
	var e *Error
	if errors.As(err, &e) && e.Kind == Refused || RefusedByProxy(err) {
		t.refused = err
	}
}

// renewAt is Margin before the end, or half-way for a token that does not live that long.
func (t Token) renewAt(now time.Time) time.Time {
	if t.Expires.IsZero() {
		return time.Time{}
	}
	return t.Expires.Add(-min(t.Margin, t.Expires.Sub(now)/2))
}
