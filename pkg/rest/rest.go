// Package rest carries one logical JSON request to one service: token, pace, retry, link check, bounded body, typed
// error. It refuses to send a token to any other host, to follow a redirect, and to send anything once its context is
// done; it knows neither vendor, and what it has to tell it tells to callbacks.
package rest

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/sony/gobreaker/v2"
)

// Options configure a Client. Base and HTTP are required.
type Options struct {
	Base  string // https URL of the service; a token goes to its host and to no other
	HTTP  *http.Client
	Retry Retry
	Pace  *Pace   // nil: no pace
	Trace Trace   // what happens on the wire, for a log
	Token *Tokens // nil: requests carry no bearer token

	UserAgent string
	// Prepare adds what every single attempt carries, a fresh request id for instance.
	Prepare func(http.Header)
	// DecodeError reads the vendor's error body. It is asked for every status of 400 and above, and what it returns
	// may be as raw as the body was.
	DecodeError func(status int, body []byte) Detail
	// RequestIDHeaders name the response headers that the vendor's support asks for.
	RequestIDHeaders []string
	// SentIDHeader names the request header with an id of ours, which is all there is to ask for when no answer came.
	SentIDHeader string
	// Redact makes foreign text fit to be shown; nil for one that knows no secrets beforehand.
	Redact  *Redactor
	MaxBody int64 // of an answer; 0 for 64 MiB
}

// Detail is what a vendor's error body says.
type Detail struct {
	Code, Message string
	Limit         string   // the limit that was reached, where the body names one
	RequestIDs    []string // ids for the vendor's support, each with its name: "contextId 4711"
	Throttled     bool     // the vendor says "later" although the status is not 429
	Own           bool     // the body is an error of the vendor's, as the vendor documents it
}

// LaterCode says whether the error code of a token end point asks for another attempt, whatever the status is. RFC 6749
// §4.1.2.1 has these two codes where no 503 and no 500 can be answered, and token end points send them with 400.
func LaterCode(code string) bool { return code == "temporarily_unavailable" || code == "server_error" }

// Request is one logical request.
type Request struct {
	Method string
	Path   string     // below Base, escaped where needed
	Query  url.Values // not with Link
	Link   string     // an absolute next link, followed as given, in place of Path and Query
	Header http.Header
	Body   []byte
	// Repeat says that sending it twice does no harm, so that it is sent again after an answer that is not clear. A GET
	// always is. Without it only what was clearly not carried out is sent again.
	Repeat  bool
	MaxBody int64 // of the answer; 0 for the client's
	// Yield gives a 429 to the caller, who may ask for less, instead of sending the same again.
	Yield bool
}

// Response is the answer to a request, without its body.
type Response struct {
	Status     int
	Header     http.Header
	RequestIDs []string // for the vendor's support, each with its name
}

// Client sends requests to one service. It is safe for concurrent use.
type Client struct {
	opts    Options
	base    *url.URL
	http    *http.Client
	breaker *gobreaker.CircuitBreaker[Response]

	decoders sync.Pool // of *jsontext.Decoder
}

const (
	defaultMaxBody = 64 << 20
	maxErrorBody   = 64 << 10
)

// New returns a client. It sends nothing.
func New(o Options) (*Client, error) {
	base, err := ParseBase(o.Base)
	if err != nil {
		return nil, err
	}
	if o.HTTP == nil {
		return nil, fmt.Errorf("no HTTP client for %s", base.Host)
	}
	if o.Redact == nil {
		o.Redact = NewRedactor()
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	o.Retry = o.Retry.WithDefaults()
	client := *o.HTTP
	client.CheckRedirect = neverFollow
	return &Client{opts: o, base: base, http: &client, breaker: newBreaker()}, nil
}

// ParseBase checks the address of a service: https, a host, nothing but a path besides. The path has no slash at its
// end.
func ParseBase(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	shown := strconv.Quote(address)
	if strings.ContainsAny(address, "@?#") { // a user, a query and a fragment may be, or hold, a secret
		shown = "the address (not shown: a part of it may be a secret)"
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s is not a URL", shown)
	case u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("%s is not an https URL with a host", shown)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return nil, fmt.Errorf("%s must be a host without user, query and fragment", shown)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

// Host returns the host, with its port if it has one, that this client talks to.
func (c *Client) Host() string { return c.base.Host }

// Do sends r, again and again as the policy allows, and decodes a 2xx answer's body into into, which is a Reader or a
// pointer to a value. If it is nil the status is answer enough and the body is not looked at. Errors are of type *Error but
// for those of the token and of a Reader.
func (c *Client) Do(ctx context.Context, r Request, into any) (Response, error) {
	call := call{Request: r, client: c, into: into}
	target, err := c.target(r)
	if err != nil {
		return Response{}, err
	}
	call.target = target
	return c.guard(ctx, r, func() (Response, error) {
		var answer Response
		err := c.Retry(ctx, func(attempt int) error {
			var err error
			answer, err = call.try(ctx, attempt)
			return err
		})
		return answer, err
	})
}

// target returns the address of a request.
func (c *Client) target(r Request) (*url.URL, error) {
	if r.Link != "" {
		return c.checkLink(r)
	}
	u, err := url.Parse(c.base.String() + r.Path)
	if err != nil {
		return nil, &Error{Kind: NotSent, Method: r.Method, Host: c.base.Host, Path: r.Path, Message: "the path is not fit for a URL"}
	}
	u.RawQuery = encode(r.Query)
	return u, nil
}

// encode writes a query as the vendors' documentation writes it: OData's dollars and commas as they are, and %20 rather
// than a plus for a space, because a plus means a space only in forms.
func encode(query url.Values) string {
	return strings.NewReplacer("%24", "$", "%2C", ",", "+", "%20").Replace(query.Encode())
}
