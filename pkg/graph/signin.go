package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// Identity identifies the application, as its token says.
type Identity struct {
	TenantID string   // the tid of the token, or the configured tenant if it is an id; otherwise empty
	Roles    []string // the granted permissions; nil if the token does not have them
}

// SignIn signs in, unless there is a valid token, and returns the identity of the application. Call it before concurrent
// readings, so that they share the token.
func (c *Client) SignIn(ctx context.Context) (Identity, error) {
	token, err := c.tokens.Get(ctx)
	if err != nil {
		return Identity{}, err
	}
	who := parseIdentity(token)
	if who.TenantID == "" && membership.IsID(c.signIn.tenant) {
		who.TenantID = strings.ToLower(c.signIn.tenant)
	}
	return who, nil
}

// parseIdentity reads the claims of a token without checking its signature. Nothing is authorized by them: they are shown,
// they explain attributes that are null, and they say which requests Graph would refuse.
func parseIdentity(token secret.String) Identity {
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return Identity{}
	}
	var claims struct {
		TenantID string   `json:"tid"`
		Roles    []string `json:"roles"`
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil {
		return Identity{}
	}
	return Identity{TenantID: strings.ToLower(claims.TenantID), Roles: claims.Roles}
}

// signIn gets tokens from Entra through MSAL.
type signIn struct {
	tenant, clientID string
	authority        string
	scopes           []string
	credential       Credential
	ends             time.Time // see Options.Ends
	login            *rest.Client
	agent            string
	redact           *rest.Redactor
	latest           atomic.Pointer[rest.Token] // nil before the first sign-in
}

// maxTokenBody limits the answers of the sign-in, which MSAL reads completely.
const maxTokenBody = 1 << 20

// tokenMargin is how long before its expiry a token is renewed. MSAL uses the same margin.
const tokenMargin = 5 * time.Minute

func newSignIn(o Options, login, graph *url.URL, redact *rest.Redactor) (*signIn, error) {
	client, err := rest.New(rest.Options{
		Base: login.String(), HTTP: o.HTTP, Retry: o.Retry, Trace: o.Trace, UserAgent: o.UserAgent,
		DecodeError: decodeSignInError, RequestIDHeaders: []string{"x-ms-request-id"}, Redact: redact, MaxBody: maxTokenBody,
	})
	if err != nil {
		return nil, err
	}
	in := &signIn{
		tenant: o.TenantID, clientID: o.ClientID, credential: o.Credential, ends: o.Ends, login: client, agent: o.UserAgent, redact: redact,
		authority: login.JoinPath(url.PathEscape(o.TenantID)).String(),
		scopes:    []string{graph.String() + "/.default"},
	}
	if _, err := in.acquirer(assertion{}); err != nil && o.Credential.ManagedIdentity != "" {
		return nil, err
	} else if err != nil {
		return nil, errors.New("the tenant id, client id or login_url is not fit for a sign-in")
	}
	return in, nil
}

// token signs in. MSAL does not retry, so package rest does.
func (s *signIn) token(ctx context.Context) (rest.Token, error) {
	proof, err := s.assert(ctx)
	if err != nil {
		return rest.Token{}, fmt.Errorf("signing in to Entra tenant %s: %w", s.tenant, err)
	}
	acquire, err := s.acquirer(proof)
	if err != nil {
		return rest.Token{}, err
	}
	var result confidential.AuthResult
	err = s.login.Retry(ctx, func(attempt int) error {
		// Without a deadline MSAL would set its own. The HTTP client has the right timeouts.
		callCtx, cancel := context.WithTimeout(context.WithValue(ctx, attemptKey{}, attempt), 5*time.Minute)
		defer cancel()
		var err error
		if result, err = acquire(callCtx); err != nil {
			return s.failure(ctx, err)
		}
		return nil
	})
	if err != nil {
		return rest.Token{}, s.explain(err, proof)
	}
	token := rest.Token{Value: secret.New(result.AccessToken), Expires: result.ExpiresOn, Margin: tokenMargin}
	s.latest.Store(&token)
	return token, nil
}

type attemptKey struct{}

// Do implements MSAL's HTTP client. It sends requests with the pace, trace and limits of all other requests, and only to the
// host that the secret is for.
func (s *signIn) Do(req *http.Request) (*http.Response, error) {
	host := s.login.Host()
	same := strings.EqualFold(req.URL.Host, host) || isMicrosoftLogin(host) && isMicrosoftLogin(req.URL.Host)
	if req.URL.Scheme != "https" || !same {
		return nil, s.login.Elsewhere(req)
	}
	return s.send(req)
}

func (s *signIn) send(req *http.Request) (*http.Response, error) {
	if s.agent != "" {
		req.Header.Set("User-Agent", s.agent)
	}
	attempt, _ := req.Context().Value(attemptKey{}).(int)
	return s.login.Send(req, attempt)
}

// CloseIdleConnections implements MSAL's HTTP client.
func (s *signIn) CloseIdleConnections() {}
