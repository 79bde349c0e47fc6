// Package graph reads people, groups and the jobs of Entra's own provisioning from Microsoft Graph, signed in with MSAL as an
// application. It writes nothing, and
// it returns the members of a group only if they are complete by the count that Graph sends. Start with [New] and
// [Client.Members].
package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/callroll/callroll/pkg/rest"
)

// Options configure a Client. Credential and HTTP are required, and TenantID and ClientID unless the credential is a managed
// identity.
type Options struct {
	TenantID   string // a GUID or a domain of the tenant
	ClientID   string
	Credential Credential
	Ends       time.Time // when the credential expires; zero if that is not known
	Cloud      Cloud
	LoginURL   string // replaces the cloud's; https
	GraphURL   string // replaces the cloud's; https
	HTTP       *http.Client
	Retry      rest.Retry
	Trace      rest.Trace
	UserAgent  string
	Redact     *rest.Redactor // shared with other clients, so that no client shows the secret of another; nil for a new one
}

// Client reads from one tenant. It is safe for concurrent use.
type Client struct {
	cloud  string
	signIn *signIn
	tokens *rest.Tokens
	graph  *rest.Client
	secret *secretEnd

	mu         sync.Mutex
	userCaches map[Selection]*userCache
}

// New returns a client. It sends no request; the first reading signs in.
func New(o Options) (*Client, error) {
	identity := o.Credential.ManagedIdentity != ""
	switch {
	case o.TenantID == "" && !identity:
		return nil, errors.New("no tenant id for Entra")
	case o.ClientID == "" && !identity:
		return nil, errors.New("no client id for Entra")
	case o.Credential.isZero():
		return nil, errors.New("no credential for Entra")
	}
	login, graph, err := o.addresses()
	if err != nil {
		return nil, err
	}
	redact := cmp.Or(o.Redact, rest.NewRedactor())
	redact.Add(o.Credential.Secret)
	in, err := newSignIn(o, login, graph, redact)
	if err != nil {
		return nil, err
	}
	tokens := rest.NewTokens(in.token)
	options := rest.Options{
		Base: graph.String(), HTTP: o.HTTP, Retry: o.Retry, Trace: o.Trace, Token: tokens, UserAgent: o.UserAgent,
		Prepare: prepare, DecodeError: decodeError, Redact: redact,
		RequestIDHeaders: []string{"request-id"}, SentIDHeader: clientRequestID,
	}
	client, err := rest.New(options)
	if err != nil {
		return nil, err
	}
	end, err := newSecretEnd(in, options)
	if err != nil {
		return nil, err
	}
	return &Client{
		cloud: cmp.Or(o.Cloud, clouds()[0]).Name, signIn: in, tokens: tokens, graph: client, secret: end, userCaches: map[Selection]*userCache{},
	}, nil
}

// Cloud returns the name of Microsoft's cloud.
func (c *Client) Cloud() string { return c.cloud }

// CredentialEnd returns when the credential expires, or the zero time if that is not known. If the end of a client secret is not
// in the options, and the application is signed in and may read its own object, the first call reads it there with one request.
func (c *Client) CredentialEnd(ctx context.Context) time.Time {
	if !c.signIn.ends.IsZero() {
		return c.signIn.ends
	}
	return c.secret.get(ctx)
}

// clientRequestID is the header with an id that the client generates (page "Microsoft Graph error responses").
const clientRequestID = "client-request-id"

// prepare adds the headers that each page needs, because a next link has no headers: ConsistencyLevel, without which Graph
// silently ignores $count (page "Advanced query capabilities"), and an id that support can search for.
func prepare(header http.Header) {
	header.Set("ConsistencyLevel", "eventual")
	header.Set(clientRequestID, uuid.NewString())
}

// decodeError reads the error resource type of Graph.
func decodeError(_ int, body []byte) rest.Detail {
	var b struct {
		Error struct {
			Code       string `json:"code"`
			Message    string `json:"message"`
			InnerError struct {
				RequestID string `json:"request-id"`
			} `json:"innerError"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &b) // a gateway answers HTML; then only the status is known
	d := rest.Detail{Code: b.Error.Code, Message: b.Error.Message}
	if id := b.Error.InnerError.RequestID; id != "" {
		d.RequestIDs = []string{"request-id " + id}
	}
	return d
}
