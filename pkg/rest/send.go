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
	"regexp"
	"strings"
	"sync/atomic"
	"time"
)

// Send sends one request once, at the pace of the client, and reports it to the [Trace]. It adds nothing to the request and
// accepts any status. It returns an error, of type [*Error], only if there was no response. The body of the response is
// already in memory, is limited in size, and need not be closed. If the body could not be read completely, reading it returns
// an *Error.
func (c *Client) Send(req *http.Request, attempt int) (*http.Response, error) {
	a, err := c.open(req, attempt, c.opts.MaxBody)
	if err != nil {
		return nil, err
	}
	defer a.close()
	if a.resp.StatusCode >= 300 {
		a.resp.Body = io.NopCloser(bytes.NewReader(a.errorBody()))
		return a.resp, nil
	}
	body, err := io.ReadAll(a.body)
	end := bodyEnd{io.EOF}
	if err != nil {
		end.err = a.unusable(err)
	}
	a.resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), end))
	return a.resp, nil
}

// arrival is a response whose body is not read yet.
type arrival struct {
	client *Client
	req    *http.Request
	resp   *http.Response
	body   *bounded
	start  time.Time
	seen   Exchange
}

// open sends the request and waits for the head of the response. The body may have at most maxBody bytes. The caller must
// close the arrival.
func (c *Client) open(req *http.Request, attempt int, maxBody int64) (*arrival, error) {
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
	a := &arrival{client: c, req: req, start: time.Now()}
	path := c.opts.Redact.Text(req.URL.EscapedPath(), maxExcerpt)
	a.seen = Exchange{Host: req.URL.Host, Method: req.Method, Attempt: attempt, Path: path}
	var sent wire
	a.resp, err = c.http.Do(req.WithContext(sent.trace(ctx))) //nolint:bodyclose // arrival.close closes it
	if err != nil {
		e := c.lost(req, err, &sent)
		a.seen.Duration, a.seen.Err, a.seen.RequestIDs = time.Since(a.start), e.Err, e.RequestIDs
		c.opts.Trace.exchange(a.seen)
		return nil, e
	}
	c.opts.Trace.clock(req.URL.Host, a.resp.Header, a.start, time.Now())
	c.opts.Pace.heed(a.resp.Header)
	a.seen.Status, a.seen.RequestIDs = a.resp.StatusCode, c.requestIDs(a.resp.Header, nil)
	a.body = &bounded{body: a.resp.Body, left: maxBody}
	return a, nil
}

// errorBody reads the beginning of the body of a response that is not a 2xx. Errors are ignored: any part of the body helps.
func (a *arrival) errorBody() []byte {
	a.body.left = min(maxErrorBody, a.body.left)
	body, _ := io.ReadAll(a.body)
	if a.seen.Status >= 400 {
		a.seen.Body = a.client.opts.Redact.Text(string(body), maxTicket)
	}
	return body
}

// close closes the body and reports the request to the trace.
func (a *arrival) close() {
	_ = a.body.Close()
	a.seen.Duration = time.Since(a.start)
	a.client.opts.Trace.exchange(a.seen)
}

// bodyEnd is a reader that returns err: io.EOF, or why the body could not be read completely.
type bodyEnd struct{ err error }

func (f bodyEnd) Read([]byte) (int, error) { return 0, f.err }

// wire records how far a request came.
type wire struct{ asked, connected atomic.Bool }

func (w *wire) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { w.connected.Store(true) },
	})
}

// untouched reports whether certainly nothing was sent: the transport asked for a connection and did not get one, or the error
// says so. For a transport that does not call the httptrace functions only the error counts.
func (w *wire) untouched(err error) bool {
	if w.connected.Load() {
		return false
	}
	op, ok := errors.AsType[*net.OpError](err)
	return w.asked.Load() || errors.As(err, new(*net.DNSError)) || ok && op.Op == "dial"
}

// lost returns the error of a request without a response.
func (c *Client) lost(req *http.Request, err error, sent *wire) *Error {
	e := c.newError(req, Unclear)
	if sent.untouched(err) {
		e.Kind = NotSent
	}
	e.again = req.Context().Err() == nil && !errors.As(err, new(*tls.CertificateVerificationError))
	e.Err = c.plain(err)
	if id := req.Header.Get(c.opts.SentIDHeader); id != "" {
		e.RequestIDs = []string{c.opts.SentIDHeader + " " + id}
	}
	if proxy, ok := errors.AsType[*ProxyError](err); ok {
		e.Kind, e.Err, e.RetryAfter = NotSent, proxy, proxy.retryAfter
		e.again = e.again && repeatable(proxy.Status)
	}
	if cause := context.Cause(req.Context()); cause != nil {
		e.Err = cause
	}
	if errors.As(err, new(x509.UnknownAuthorityError)) {
		e.Message = "if a proxy inspects TLS here, name its root in ca_file"
	}
	return e
}

// plain removes the *url.Error around an error, whose text contains the whole URL with the query, and redacts the rest.
func (c *Client) plain(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if strings.HasPrefix(err.Error(), "failed to parse Location header") { // the rest of the text contains the whole URL
		err = errors.New("the service answers with a redirect to what is no URL")
	}
	return &shown{text: c.opts.Redact.Text(withoutQuotes(err.Error()), maxExcerpt), err: err}
}

// withoutQuotes removes quoted text from an error of net/http about a response that is not HTTP. If a length was wrong or a
// status has no body, that text may be part of a token that is not known yet. All these errors quote with %q.
func withoutQuotes(text string) string {
	for _, words := range []string{"malformed HTTP", "malformed MIME header", "Content-Length", "transfer encoding"} {
		if strings.Contains(text, words) {
			return regexp.MustCompile(`"(\\.|[^"\\])*"?`).ReplaceAllString(text, "(not shown)")
		}
	}
	return text
}

// shown is an error with a different text.
type shown struct {
	text string
	err  error
}

func (s *shown) Error() string { return s.text }
func (s *shown) Unwrap() error { return s.err }
