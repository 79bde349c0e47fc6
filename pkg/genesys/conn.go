// Package genesys reads users and groups from Genesys Cloud through SCIM 2.0, reads what SCIM does not show about groups from
// the vendor's other API, and replaces the members of a group. It creates, renames and deletes nothing, and it does not write
// without the version of the group that was read.
//
// Start with [Connect]. A [Reader] has all methods that read, and a [Writer] has the only method that writes, so that code
// that must not write gets no Writer.
package genesys

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// Options configure a connection. Region, ClientID, Secret and HTTP are required.
type Options struct {
	Region            Region
	ClientID          string
	Secret            secret.String
	Scope             string // sent only if set: for client credentials the roles of the client decide
	HTTP              *http.Client
	Retry             rest.Retry
	RequestsPerMinute int // 0 is unlimited. The vendor allows 300 for one token
	AtOnce            int // how many pages of a list are read in parallel; 1 if it is not positive
	Trace             rest.Trace
	UserAgent         string
	Redact            *rest.Redactor // shared with other clients, so that no client shows the secret of another; nil for a new one
}

// requestID is the header with the id that the vendor's support asks for.
const requestID = "ININ-Correlation-Id"

// maxTokenBody limits the answer of the token endpoint. maxListBody limits a page of a list, which is about the size of a
// hundred groups with ten thousand members.
const (
	maxTokenBody = 1 << 20
	maxListBody  = 128 << 20
)

// Conn is a connection to one org, shared by its Reader and its Writer. Create one with [Connect]. It is safe for
// concurrent use.
type Conn struct {
	api        *rest.Client
	tokens     *rest.Tokens
	clientID   string
	atOnce     int
	userPages  *pageSize
	groupPages *pageSize
}

// Connect returns a connection. It sends no request; the first request signs in.
func Connect(o Options) (*Conn, error) {
	switch {
	case o.ClientID == "":
		return nil, errors.New("no client id for Genesys")
	case o.Secret.IsZero():
		return nil, errors.New("no client secret for Genesys")
	}
	redact := cmp.Or(o.Redact, rest.NewRedactor())
	redact.Add(o.Secret)
	common := rest.Options{
		HTTP: o.HTTP, Retry: o.Retry, Pace: rest.NewPace(o.RequestsPerMinute), Trace: o.Trace, UserAgent: o.UserAgent,
		RequestIDHeaders: []string{requestID}, Redact: redact,
	}
	login := common
	login.Base, login.DecodeError, login.MaxBody = o.Region.LoginURL, decodeSignInError, maxTokenBody
	in, err := newSignIn(o, login)
	if err != nil {
		return nil, err
	}
	api := common
	api.Base, api.DecodeError = o.Region.APIURL, decodeError
	tokens := rest.NewTokens(in.token)
	api.Token = tokens
	client, err := rest.New(api)
	if err != nil {
		return nil, err
	}
	return &Conn{
		api: client, tokens: tokens, clientID: o.ClientID, atOnce: o.AtOnce,
		userPages: newPageSize(userPageSize), groupPages: newPageSize(groupPageSize),
	}, nil
}

// Host returns the name of the org's API host.
func (c *Conn) Host() string { return c.api.Host() }

// ClientID returns the id of the OAuth client that the connection signs in with.
func (c *Conn) ClientID() string { return c.clientID }

// accept returns a header for both media types: the vendor sends either (RFC 7644 §3.8).
func accept() http.Header {
	return http.Header{"Accept": {scim.MediaType + ", application/json"}}
}
