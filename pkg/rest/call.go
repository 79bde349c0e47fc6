package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/cenkalti/backoff/v4"

	"github.com/callroll/callroll/pkg/secret"
)

// call is one logical request and its state.
type call struct {
	Request
	client  *Client
	target  *url.URL
	into    any
	renewed bool // the token was renewed once after a 401
}

// try makes one attempt. After a 401 it renews the token and sends the request again in the same attempt, once for the whole
// call.
func (l *call) try(ctx context.Context, attempt int) (Response, error) {
	token, err := l.token(ctx)
	if err != nil {
		return Response{}, backoff.Permanent(err) // the sign-in makes its own attempts
	}
	answer, err := l.exchange(ctx, attempt, token)
	e, failed := errors.AsType[*Error](err)
	if !failed || e.Status != http.StatusUnauthorized || l.renewed || token.IsZero() || patience(ctx).Err() != nil {
		return answer, err
	}
	l.renewed = true
	token, err = l.client.opts.Token.Renew(ctx, token)
	if err != nil {
		return Response{}, backoff.Permanent(err)
	}
	l.client.opts.Redact.Add(token)
	return l.exchange(ctx, attempt, token)
}

func (l *call) token(ctx context.Context) (secret.String, error) {
	if l.client.opts.Token == nil {
		return secret.String{}, nil
	}
	token, err := l.client.opts.Token.Get(ctx)
	l.client.opts.Redact.Add(token)
	return token, err
}

// exchange sends the request once and reads the response.
func (l *call) exchange(ctx context.Context, attempt int, token secret.String) (Response, error) {
	req, err := l.request(ctx, token)
	if err != nil {
		return Response{}, err
	}
	a, err := l.client.open(req, attempt, cmp.Or(l.MaxBody, l.client.opts.MaxBody))
	if err != nil {
		return Response{}, l.settle(err)
	}
	defer a.close()
	answer := Response{Status: a.seen.Status, Header: a.resp.Header, RequestIDs: a.seen.RequestIDs}
	switch {
	case answer.Status < 200 || answer.Status > 299:
		return answer, l.settle(l.client.Failure(req, answer.Status, a.resp.Header, a.errorBody()))
	case l.into == nil:
		return answer, nil
	}
	return answer, l.settle(a.read(l.into))
}

func (l *call) request(ctx context.Context, token secret.String) (*http.Request, error) {
	var body io.Reader
	if l.Body != nil {
		body = bytes.NewReader(l.Body)
	}
	req, err := http.NewRequestWithContext(ctx, l.Method, l.target.String(), body)
	if err != nil {
		return nil, &Error{Kind: NotSent, Method: l.Method, Host: l.client.base.Host, Path: l.Path,
			Message: "the request cannot be made"}
	}
	if !l.repeat() {
		// Without GetBody, net/http does not send a write again by itself when a kept connection breaks. With it, net/http
		// does so for every request that has an Idempotency-Key.
		req.GetBody = nil
	}
	req.Header.Set("Accept", "application/json")
	for name, values := range l.Header {
		req.Header[name] = values
	}
	if l.client.opts.UserAgent != "" {
		req.Header.Set("User-Agent", l.client.opts.UserAgent)
	}
	if !token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+token.Reveal())
	}
	if l.client.opts.Prepare != nil {
		l.client.opts.Prepare(req.Header)
	}
	return req, nil
}

func (l *call) repeat() bool { return l.Repeat || l.Method == http.MethodGet }

// settle marks an error as final, so that there is no other attempt: after an unclear response to a request that must not be
// sent twice, and after a 429 if the caller has set Yield.
func (l *call) settle(err error) error {
	e, ok := errors.AsType[*Error](err)
	if ok && e.Kind == Throttled && l.Yield {
		e.again = false
	}
	if ok && !l.repeat() && e.Kind != Throttled && e.Kind != NotSent {
		e.again = false
	}
	return err
}
