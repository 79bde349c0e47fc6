// Package rest sends requests to one service and reads its answers, which are JSON or, where a caller says so, [Text].
// [Client.Do] sends one logical request: it adds the token, keeps the pace, retries, checks next links, limits the size of
// the response and returns a typed error. A Client never sends a token to another host, never follows a redirect, and sends
// nothing after its context has ended. The package contains nothing about a vendor. It does not log, but calls the
// functions of a [Trace].
package rest

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/sony/gobreaker/v2"
)

// Options configure a [Client]. Base and HTTP are required.
type Options struct {
	Base  string // https URL of the service; tokens are sent only to its host
	HTTP  *http.Client
	Retry Retry
	Pace  *Pace   // nil: no limit
	Trace Trace   // receives requests and waits, for a log
	Token *Tokens // nil: requests have no bearer token

	UserAgent string
	// Prepare adds headers to each attempt, for example a new request id.
	Prepare func(http.Header)
	// DecodeError decodes the error body of the vendor. It is called for every status of 400 and above. What it returns need
	// not be redacted.
	DecodeError func(status int, body []byte) Detail
	// RequestIDHeaders are the response headers with the ids that the vendor's support asks for.
	RequestIDHeaders []string
	// SentIDHeader is the request header with an id that the client has chosen. It is the only id if there is no response.
	SentIDHeader string
	// Redact makes outside text safe to print. nil means a redactor without known secrets.
	Redact  *Redactor
	MaxBody int64 // maximum size of a response body in bytes; 0 means 64 MiB
}

// Detail is the content of a vendor's error body.
type Detail struct {
	Code, Message string
	Limit         string   // the limit that was reached, if the body names one
	RequestIDs    []string // ids for the vendor's support, each after its name: "contextId 4711"
	Throttled     bool     // the vendor asks to try later although the status is not 429
	Own           bool     // the body is an error in the form that the vendor documents
}

// LaterCode reports whether the error code of a token endpoint asks for another attempt, whatever the status is. RFC 6749
// §4.1.2.1 defines these two codes for cases in which a 503 or a 500 cannot be sent, and token endpoints send them with 400.
func LaterCode(code string) bool { return code == "temporarily_unavailable" || code == "server_error" }

// Request is one logical request.
type Request struct {
	Method string
	Path   string     // below Base, escaped where needed
	Query  url.Values // not used with Link
	Link   string     // an absolute next link, used as given instead of Path and Query
	Header http.Header
	Body   []byte
	// Repeat says that the request may be sent twice without harm. Then it is sent again after an unclear response, as a GET
	// always is. Without Repeat, a request is sent again only if it was certainly not carried out.
	Repeat  bool
	MaxBody int64 // maximum size of the response body in bytes; 0 means that of the client
	// Yield returns a 429 to the caller, who may ask for less, instead of sending the same request again.
	Yield bool
}

// Response is the response to a request, without its body.
type Response struct {
	Status     int
	Header     http.Header
	RequestIDs []string // ids for the vendor's support, each after its name
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
	o.Redact = cmp.Or(o.Redact, NewRedactor())
	o.MaxBody = cmp.Or(max(o.MaxBody, 0), defaultMaxBody)
	o.Retry = o.Retry.WithDefaults()
	client := *o.HTTP
	client.CheckRedirect = neverFollow
	return &Client{opts: o, base: base, http: &client, breaker: newBreaker()}, nil
}

// ParseBase parses the URL of a service. It must be https with a host, and may have a path but no user, query or fragment. The
// returned path has no slash at its end.
func ParseBase(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	shown := strconv.Quote(address)
	if strings.ContainsAny(address, "@?#") { // a user, a query or a fragment may be or contain a secret
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

// Host returns the host of the service, with its port if it has one.
func (c *Client) Host() string { return c.base.Host }

// Do sends r, with the attempts that [Retry] allows, and decodes the body of a 2xx response into into: a [Reader], a pointer to a
// [Text], or a pointer to a value. If into is nil, Do does not read the body. Errors are of type [*Error], except those of the
// token and of a Reader.
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

// target returns the URL of a request.
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

// encode writes a query as in the documentation of the vendors: $ and comma of OData are not escaped, and a space is %20 and
// not a plus sign, which means a space only in forms.
func encode(query url.Values) string {
	return strings.NewReplacer("%24", "$", "%2C", ",", "+", "%20").Replace(query.Encode())
}
