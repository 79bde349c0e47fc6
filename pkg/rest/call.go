package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/cenkalti/backoff/v4"

	"github.com/callroll/callroll/pkg/secret"
)

// call is one logical request under way.
type call struct {
	Request
	client  *Client
	target  *url.URL
	into    any
	renewed bool // a 401 was answered with another token once
}

// try makes one attempt. A 401 renews the token and asks again within the same attempt, once in the whole call.
func (l *call) try(ctx context.Context, attempt int) (Response, error) {
	token, err := l.token(ctx)
	if err != nil {
		return Response{}, backoff.Permanent(err) // the sign-in has tried for itself
	}
	answer, err := l.exchange(ctx, attempt, token)
	var e *Error
	rejected := errors.As(err, &e) && e.Status == http.StatusUnauthorized
	if !rejected || l.renewed || token.IsZero() || patience(ctx).Err() != nil {
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

// exchange sends the request once and looks at the answer.
func (l *call) exchange(ctx context.Context, attempt int, token secret.String) (Response, error) {
	req, err := l.request(ctx, token)
	if err != nil {
		return Response{}, err
	}
	resp, err := l.client.Send(req, attempt)
	if err != nil {
		return Response{}, l.settle(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer := Response{Status: resp.StatusCode, Header: resp.Header, RequestIDs: l.client.requestIDs(resp.Header, nil)}
	body, readErr := io.ReadAll(resp.Body)
	switch {
	case answer.Status < 200 || answer.Status > 299:
		return answer, l.settle(l.client.Failure(req, answer.Status, resp.Header, body))
	case l.into == nil:
		return answer, nil
	case readErr != nil:
		return answer, l.settle(readErr)
	}
	if err := json.Unmarshal(body, l.into); err != nil {
		return answer, l.settle(l.client.unusable(req, resp, err))
	}
	return answer, nil
}

func (l *call) request(ctx context.Context, token secret.String) (*http.Request, error) {
	var body io.Reader
	if l.Body != nil {
		body = bytes.NewReader(l.Body)
	}
	req, err := http.NewRequestWithContext(ctx, l.Method, l.target.String(), body)
	if err != nil {
		return nil, &Error{Kind: NotSent, Method: l.Method, Host: l.client.base.Host, Path: l.Path, Message: "the request cannot be made"}
	}
	if !l.repeat() {
		// Without GetBody net/http does not send a write again by itself when a kept connection breaks, which it
		// otherwise does for every request that has an Idempotency-Key.
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

// settle forbids another attempt after an unclear answer to what must not be sent twice.
func (l *call) settle(err error) error {
	var e *Error
	if errors.As(err, &e) && !l.repeat() && e.Kind != Throttled && e.Kind != NotSent {
		e.again = false
	}
	return err
}

// unusable is the error of a 2xx answer whose body is no JSON for us. Only one that was cut short may be better next
// time. What was in it is not shown: it may be anybody's data, or a token.
func (c *Client) unusable(req *http.Request, resp *http.Response, err error) *Error {
	e := c.newError(req, Unusable)
	e.Status = resp.StatusCode
	e.RequestIDs = c.requestIDs(resp.Header, nil)
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, errTooLarge):
		e.Message = fmt.Sprintf("the answer is larger than %d bytes", c.opts.MaxBody)
	case errors.As(err, &wrong):
		e.Message = fmt.Sprintf("the answer has a JSON %s where none belongs (%s)", wrong.Value, c.opts.Redact.Text(wrong.Field, maxExcerpt))
	case errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input":
		e.Message, e.again = "the answer is cut short", true
	case errors.As(err, &syntax):
		e.Message = "the answer cannot be read as JSON: " + c.opts.Redact.Text(syntax.Error(), maxExcerpt)
	default:
		e.Message, e.again = "the answer is cut short", true
		e.Err = c.plain(err)
	}
	return e
}
