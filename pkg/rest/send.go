package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

// Send carries one request once, at the client's pace, and tells the trace. It adds nothing to the request, decides
// nothing about the status, and returns an error only where there was no answer: then it is an *Error. The answer's
// body has been read: it is bounded, and closing it is not needed. If it could not be read, reading it fails with an
// *Error.
func (c *Client) Send(req *http.Request, attempt int) (*http.Response, error) {
	ctx := req.Context()
	err := c.pace(ctx)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		e := c.newError(req, NotSent)
		e.Err = err
		return nil, e
	}
	start := time.Now()
	seen := Exchange{Host: req.URL.Host, Method: req.Method, Attempt: attempt, Path: c.opts.Redact.Text(req.URL.EscapedPath(), maxExcerpt)}
	var sent wire
	resp, err := c.http.Do(req.WithContext(sent.trace(ctx)))
	if err != nil {
		e := c.lost(req, err, &sent)
		seen.Duration, seen.Err, seen.RequestIDs = time.Since(start), e.Err, e.RequestIDs
		c.opts.Trace.exchange(seen)
		return nil, e
	}
	body, err := c.read(resp)
	end := failing{io.EOF}
	if err != nil && resp.StatusCode < 300 { // of an error's body any part will do
		end.err = c.unusable(req, resp, err)
	}
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), end))
	seen.Duration, seen.Status, seen.RequestIDs = time.Since(start), resp.StatusCode, c.requestIDs(resp.Header, nil)
	if resp.StatusCode >= 400 {
		seen.Body = c.opts.Redact.Text(string(body), maxTicket)
	}
	c.opts.Trace.exchange(seen)
	return resp, nil
}

// read reads a body through the limit. Of an error's body the beginning is enough.
func (c *Client) read(resp *http.Response) ([]byte, error) {
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		return io.ReadAll(io.LimitReader(resp.Body, min(maxErrorBody, c.opts.MaxBody)))
	}
	return io.ReadAll(&bounded{body: resp.Body, left: c.opts.MaxBody})
}

// failing is the end of a body, and says what kind of end.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// wire remembers how far a request came.
type wire struct{ asked, connected atomic.Bool }

func (w *wire) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.connected.Store(true) },
	})
}

// untouched says whether it is proven that nothing was sent: the transport looked for a connection and never got one,
// or the network says so itself. A transport that tells nothing proves nothing.
func (w *wire) untouched(err error) bool {
	if w.connected.Load() {
		return false
	}
	var op *net.OpError
	var dns *net.DNSError
	return w.asked.Load() || errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}

// lost makes the error of a request that got no answer.
func (c *Client) lost(req *http.Request, err error, sent *wire) *Error {
	e := c.newError(req, Unclear)
	if sent.untouched(err) {
		e.Kind = NotSent
	}
	var bad *tls.CertificateVerificationError
	e.again = req.Context().Err() == nil && !errors.As(err, &bad)
	e.Err = c.plain(err)
	if id := req.Header.Get(c.opts.SentIDHeader); id != "" {
		e.RequestIDs = []string{c.opts.SentIDHeader + " " + id}
	}
	if cause := context.Cause(req.Context()); cause != nil {
		e.Err = cause
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		e.Message = "if a proxy inspects TLS here, name its root in ca_file"
	}
	return e
}

// plain takes the *url.Error off an error, because its text has the whole address with the query, and makes the rest
// fit to be shown.
func (c *Client) plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return &shown{text: c.opts.Redact.Text(err.Error(), maxExcerpt), err: err}
}

// shown is an error with another text.
type shown struct {
	text string
	err  error
}

func (s *shown) Error() string { return s.text }
func (s *shown) Unwrap() error { return s.err }
