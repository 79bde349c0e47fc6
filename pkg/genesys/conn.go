// Package genesys reads users and groups from Genesys Cloud through SCIM 2.0 and replaces the members of a group; it
// creates, renames and deletes nothing, and refuses to write without the version of what was read.
//
// Everything that reads is a Reader; the one method that writes is a Writer's, so that who is to change nothing need not
// be handed one.
package genesys

import (
	"errors"
	"net/http"

	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/scim"
	"github.com/callroll/callroll/pkg/secret"
)

// Options configure a connection. Region, ClientID, Secret and HTTP are required.
type Options struct {
	Region            Region
	ClientID          string
	Secret            secret.String
	Scope             string // sent only when set: for client credentials the roles of the client decide
	HTTP              *http.Client
	Retry             rest.Retry
	RequestsPerMinute int // 0: no pace. The vendor allows 300 to one token
	AtOnce            int // how many pages of a list are read at the same time; one after the other if it is not positive
	Trace             rest.Trace
	UserAgent         string
	Redact            *rest.Redactor // shared with other clients, so that none shows another's secret; nil for one of its own
}

// mostOfAToken bounds the answer of the token endpoint, and mostOfAList that of a page of a list: a hundred groups of ten
// thousand members take about that much.
const (
	mostOfAToken = 1 << 20
	mostOfAList  = 128 << 20
)

// Conn is a connection to one org, shared by its Reader and its Writer. It is safe for concurrent use.
type Conn struct {
	api        *rest.Client
	tokens     *rest.Tokens
	clientID   string
	atOnce     int
	userPages  *pageSize
	groupPages *pageSize
}

// Connect prepares a connection. It sends nothing; whoever asks first signs in.
func Connect(o Options) (*Conn, error) {
	switch {
	case o.ClientID == "":
		return nil, errors.New("no client id for Genesys")
	case o.Secret.IsZero():
		return nil, errors.New("no client secret for Genesys")
	}
	redact := o.Redact
	if redact == nil {
		redact = rest.NewRedactor()
	}
	redact.Add(o.Secret)
	common := rest.Options{
		HTTP: o.HTTP, Retry: o.Retry, Pace: rest.NewPace(o.RequestsPerMinute), Trace: o.Trace, UserAgent: o.UserAgent,
		RequestIDHeaders: []string{"ININ-Correlation-Id"}, Redact: redact,
	}
	login := common
	login.Base, login.DecodeError, login.MaxBody = o.Region.LoginURL, decodeSignInError, mostOfAToken
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
		userPages: newPageSize(manyAtATime), groupPages: newPageSize(manyGroups),
	}, nil
}

// Host names the org's API host.
func (c *Conn) Host() string { return c.api.Host() }

// ClientID is that of the OAuth client which the connection signs in with.
func (c *Conn) ClientID() string { return c.clientID }

// accept takes both media types: the vendor gives either (RFC 7644 §3.8).
func accept() http.Header {
	return http.Header{"Accept": {scim.MediaType + ", application/json"}}
}

// decodeError reads either of the vendor's error shapes.
func decodeError(status int, body []byte) rest.Detail {
	f := scim.DecodeFailure(status, body)
	d := rest.Detail{Code: f.Code, Message: f.Message, Own: f.Own}
	if f.Limit != nil {
		d.Limit = f.Limit.String()
	}
	if f.ContextID != "" {
		d.RequestIDs = []string{"contextId " + f.ContextID}
	}
	return d
}
