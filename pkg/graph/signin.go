package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/google/uuid"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// Identity is who the application is, by its token.
type Identity struct {
	TenantID string   // the token's tid, or the configured one if that is an id; else empty
	Roles    []string // the permissions that were granted; nil if the token does not say
}

// SignIn signs in, unless a token is at hand, and says as whom. Call it once before many goroutines read.
func (c *Client) SignIn(ctx context.Context) (Identity, error) {
	token, err := c.tokens.Get(ctx)
	if err != nil {
		return Identity{}, err
	}
	who := identity(token)
	if who.TenantID == "" && uuid.Validate(c.signIn.tenant) == nil {
		who.TenantID = strings.ToLower(c.signIn.tenant)
	}
	return who, nil
}

// identity reads a token's claims without checking its signature: they are shown, and explain nulls, and open nothing.
func identity(token secret.String) Identity {
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return Identity{}
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Identity{}
	}
	var claims struct {
		TenantID string   `json:"tid"`
		Roles    []string `json:"roles"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return Identity{}
	}
	return Identity{TenantID: strings.ToLower(claims.TenantID), Roles: claims.Roles}
}

// signIn gets tokens from Entra through MSAL.
type signIn struct {
	tenant, clientID string
	authority        string
	scopes           []string
	secret           secret.String
	login            *rest.Client
	transport        *msalTransport
}

// mostOfAToken bounds the answers of the sign-in, which MSAL reads to their end.
const mostOfAToken = 1 << 20

// tokenMargin is how long before its end a token is renewed; MSAL's own margin.
const tokenMargin = 5 * time.Minute

func newSignIn(o Options, login, graph *url.URL, redact *rest.Redactor) (*signIn, error) {
	client, err := rest.New(rest.Options{
		Base: login.String(), HTTP: o.HTTP, Retry: o.Retry, Trace: o.Trace, UserAgent: o.UserAgent,
		DecodeError: decodeSignInError, RequestIDHeaders: []string{"x-ms-request-id"}, Redact: redact, MaxBody: mostOfAToken,
	})
	if err != nil {
		return nil, err
	}
	in := &signIn{
		tenant: o.TenantID, clientID: o.ClientID, secret: o.Secret, login: client,
		authority: login.JoinPath(url.PathEscape(o.TenantID)).String(),
		scopes:    []string{graph.String() + "/.default"},
		transport: &msalTransport{login: client, host: login.Host, agent: o.UserAgent},
	}
	if _, err := in.client(); err != nil {
		return nil, errors.New("the tenant id, client id or login_url is not fit for a sign-in")
	}
	return in, nil
}

// token signs in. MSAL keeps its token until shortly before the end and cannot be made to renew it, so that each
// sign-in has a client of its own; and it repeats nothing, so that rest does.
func (s *signIn) token(ctx context.Context) (rest.Token, error) {
	client, err := s.client()
	if err != nil {
		return rest.Token{}, err
	}
	var result confidential.AuthResult
	err = s.login.Retry(ctx, func(attempt int) error {
		// Without a deadline MSAL would set its own; the HTTP client is the one who knows when to give up.
		once, cancel := context.WithTimeout(context.WithValue(ctx, attemptKey{}, attempt), 5*time.Minute)
		defer cancel()
		var err error
		result, err = client.AcquireTokenByCredential(once, s.scopes)
		if err != nil {
			return s.failure(ctx, err)
		}
		return nil
	})
	if err != nil {
		return rest.Token{}, s.explain(err)
	}
	return rest.Token{Value: secret.New(result.AccessToken), Expires: result.ExpiresOn, Margin: tokenMargin}, nil
}

// client makes a new MSAL client. Instance discovery would ask a Microsoft host about every authority that MSAL does
// not know, and the hosts that it knows need none. MSAL_FORCE_REGION must not lead the secret to another host.
func (s *signIn) client() (confidential.Client, error) {
	credential, err := confidential.NewCredFromSecret(s.secret.Reveal())
	if err != nil {
		return confidential.Client{}, err
	}
	return confidential.New(s.authority, s.clientID, credential,
		confidential.WithHTTPClient(s.transport),
		confidential.WithInstanceDiscovery(false),
		confidential.WithAzureRegion("DisableMsalForceRegion"))
}

type attemptKey struct{}

// msalTransport sends the requests of MSAL: paced, traced and bounded like all others, and only to the host that the
// secret is meant for.
type msalTransport struct {
	login *rest.Client
	host  string
	agent string
}

// Do implements MSAL's HTTP client.
func (d *msalTransport) Do(req *http.Request) (*http.Response, error) {
	same := strings.EqualFold(req.URL.Host, d.host) || microsoftLogin(d.host) && microsoftLogin(req.URL.Host)
	if req.URL.Scheme != "https" || !same {
		return nil, d.login.Elsewhere(req)
	}
	if d.agent != "" {
		req.Header.Set("User-Agent", d.agent)
	}
	attempt, _ := req.Context().Value(attemptKey{}).(int)
	return d.login.Send(req, attempt)
}

// CloseIdleConnections implements MSAL's HTTP client.
func (d *msalTransport) CloseIdleConnections() {}

// explain says what to do about a sign-in that failed for good.
func (s *signIn) explain(err error) error {
	var e *rest.Error
	if errors.As(err, &e) && e.Kind == rest.Refused {
		return signInRefused(s.clientID, s.tenant, err)
	}
	if rest.RefusedByProxy(err) {
		return membership.Fail(membership.Denied, signInFailed(s.tenant, err))
	}
	return membership.Fail(membership.Unavailable, signInFailed(s.tenant, err))
}
