package rest

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Kind is the kind of failure of a request. It says whether the service may have carried out the request.
type Kind string

// The kinds of failures.
const (
	Refused   Kind = "refused"   // the service has refused the request: a 4xx response
	Throttled Kind = "throttled" // the service asks to try later; it has not carried out the request
	NotSent   Kind = "not sent"  // no byte of the request was sent
	Unclear   Kind = "unclear"   // the request may have been carried out or not: 408, 5xx, a timeout, a broken connection
	Unusable  Kind = "unusable"  // a 2xx response whose body cannot be used
	Elsewhere Kind = "elsewhere" // a redirect or a link to another host
)

// Error is a failed request. All text in it that comes from outside is redacted, on one line and short.
type Error struct {
	Kind       Kind
	Method     string
	Host       string
	Path       string // without the query, which may hold names or a page token
	Status     int    // 0 if there was no response
	Code       string // the error code of the service
	Message    string
	Limit      string        // the limit that was reached, if the service names one
	RequestIDs []string      // ids for the vendor's support, each after its name
	RetryAfter time.Duration // how long the service asks to wait; 0 if it does not say
	TooLarge   bool          // the response was larger than the limit
	Own        bool          // the body is an error of the service itself, not of a gateway on the way
	Attempts   int           // number of attempts
	Err        error         // the error of the network or of the context, if any

	again bool // another attempt may help
}

// Error names the request, the response and the request ids that the vendor's support asks for.
func (e *Error) Error() string {
	var b strings.Builder
	switch {
	case e.Status == 0:
		fmt.Fprintf(&b, "%s %s%s: ", e.Method, e.Host, e.Path)
	case e.Code == "" && e.Message == "" && e.Err == nil:
		fmt.Fprintf(&b, "%s %s: %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	default:
		fmt.Fprintf(&b, "%s %s: %d ", e.Method, e.Path, e.Status)
	}
	b.WriteString(e.reason())
	if notes := e.notes(); len(notes) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(notes, ", "))
	}
	return b.String()
}

// reason returns the code, the message and the error of the network, as far as they are known.
func (e *Error) reason() string {
	parts := []string{e.Code, e.Message}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// Unwrap returns the error of the network or of the context.
func (e *Error) Unwrap() error { return e.Err }

func (e *Error) notes() []string {
	var notes []string
	if e.Limit != "" {
		notes = append(notes, "limit "+e.Limit)
	}
	if e.RetryAfter > 0 {
		notes = append(notes, "the service asks to wait "+inWords(e.RetryAfter))
	}
	if e.Attempts > 1 {
		notes = append(notes, fmt.Sprintf("%d attempts", e.Attempts))
	}
	return append(notes, e.RequestIDs...)
}

// Failure returns the error of a response that is not a 2xx. [Client.Do] calls it itself; call it after [Client.Send].
func (c *Client) Failure(req *http.Request, status int, header http.Header, body []byte) *Error {
	e := c.newError(req, statusKind(status))
	e.Status = status
	e.again = e.Kind == Throttled || repeatable(status)
	if e.Kind == Elsewhere {
		e.Message = c.redirectText(header)
		e.RequestIDs = c.requestIDs(header, nil)
		return e
	}
	var d Detail
	if c.opts.DecodeError != nil {
		d = c.opts.DecodeError(status, body)
	}
	e.Own = d.Own && isJSON(header)
	if d.Throttled {
		e.Kind, e.again = Throttled, true
	}
	if d.Code == "" && d.Message == "" {
		d.Message = string(body)
	}
	e.Code = c.opts.Redact.Text(d.Code, maxExcerpt)
	e.Message = c.opts.Redact.Text(d.Message, maxExcerpt)
	e.Limit = c.opts.Redact.Text(d.Limit, maxExcerpt)
	e.RequestIDs = c.requestIDs(header, d.RequestIDs)
	e.RetryAfter = retryAfter(header, time.Now())
	return e
}

// isJSON reports whether the media type of a body is JSON, including types with the suffix +json (RFC 6838 §4.2.8).
func isJSON(header http.Header) bool {
	kind, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

func (c *Client) newError(req *http.Request, kind Kind) *Error {
	host := req.URL.Host
	if host != c.base.Host {
		host = c.opts.Redact.Host(host)
	}
	return &Error{Kind: kind, Method: req.Method, Host: host, Path: c.opts.Redact.Text(req.URL.EscapedPath(), maxExcerpt)}
}

func statusKind(status int) Kind {
	switch {
	case status == http.StatusTooManyRequests:
		return Throttled
	case status == http.StatusRequestTimeout || status >= 500:
		return Unclear
	case status >= 400:
		return Refused
	}
	return Elsewhere
}

// repeatable reports whether the same request may get another response after this status. 509 is "bandwidth limit exceeded" of
// Microsoft Graph.
func repeatable(status int) bool {
	return slices.Contains([]int{408, 429, 500, 502, 503, 504, 509}, status)
}

// requestIDs returns the ids in the headers and those in the body, without duplicates.
func (c *Client) requestIDs(header http.Header, more []string) []string {
	var ids []string
	for _, name := range c.opts.RequestIDHeaders {
		if value := header.Get(name); value != "" {
			ids = append(ids, c.opts.Redact.Text(name+" "+value, maxExcerpt))
		}
	}
	for _, id := range more {
		id = c.opts.Redact.Text(id, maxExcerpt)
		_, value, _ := strings.Cut(id, " ")
		if !slices.ContainsFunc(ids, func(known string) bool { return strings.HasSuffix(known, " "+value) }) {
			ids = append(ids, id)
		}
	}
	return ids
}
