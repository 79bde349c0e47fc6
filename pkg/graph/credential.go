package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"

	"github.com/callroll/callroll/pkg/certificate"
	"github.com/callroll/callroll/pkg/idtoken"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/secret"
)

// Credential is how the application proves to Entra who it is. Exactly one of Secret, Certificate, Assertion and
// ManagedIdentity is set.
type Credential struct {
	Secret      secret.String
	Certificate *certificate.Certificate
	// SendX5C sends the certificates with each sign-in, for an application that trusts their issuer and the subject's name.
	SendX5C   bool
	Assertion idtoken.Source // returns a token of another issuer, which the application trusts
	// ManagedIdentity is [SystemAssigned], or the client id or resource id of a user-assigned identity, or its object id after
	// [ObjectIDPrefix], because both ids look the same.
	ManagedIdentity string
}

const (
	// SystemAssigned is the identity of the Azure resource that callroll runs on.
	SystemAssigned = "system"
	// ObjectIDPrefix begins an object id of a managed identity.
	ObjectIDPrefix = "object:"
)

func (c Credential) isZero() bool {
	return c.Secret.IsZero() && c.Certificate == nil && c.Assertion == nil && c.ManagedIdentity == ""
}

// assertion is an ID token, with its claims for the message about a refusal.
type assertion struct {
	token  secret.String
	claims idtoken.Claims
}

// acquire is a function that requests a token from MSAL.
type acquire func(context.Context) (confidential.AuthResult, error)

// acquirer returns the function that requests a token. Each sign-in has a new MSAL client, because MSAL caches its token almost
// until the expiry and cannot be forced to renew it. With a certificate MSAL signs a new assertion for each attempt.
func (s *signIn) acquirer(a assertion) (acquire, error) {
	if s.credential.ManagedIdentity != "" {
		return s.identity()
	}
	credential, err := s.msal(a)
	if err != nil {
		return nil, err
	}
	options := []confidential.Option{
		confidential.WithHTTPClient(s),
		// Instance discovery would send every authority that MSAL does not know to a Microsoft host, and known hosts do not need it.
		confidential.WithInstanceDiscovery(false),
		// MSAL_FORCE_REGION must not send the credential to another host.
		confidential.WithAzureRegion("DisableMsalForceRegion"),
	}
	if s.credential.SendX5C {
		options = append(options, confidential.WithX5C())
	}
	client, err := confidential.New(s.authority, s.clientID, credential, options...)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (confidential.AuthResult, error) {
		return client.AcquireTokenByCredential(ctx, s.scopes)
	}, nil
}

// msal returns the credential in the form of MSAL.
func (s *signIn) msal(a assertion) (confidential.Credential, error) {
	switch c := s.credential; {
	case c.Certificate != nil:
		return confidential.NewCredFromCert(c.Certificate.Chain, c.Certificate.Key)
	case c.Assertion != nil:
		return confidential.NewCredFromAssertionCallback(
			func(context.Context, confidential.AssertionRequestOptions) (string, error) {
				return a.token.Reveal(), nil
			}), nil
	}
	return confidential.NewCredFromSecret(s.credential.Secret.Reveal())
}

// assert gets a new ID token if the credential needs one.
func (s *signIn) assert(ctx context.Context) (assertion, error) {
	if s.credential.Assertion == nil {
		return assertion{}, nil
	}
	token, err := s.credential.Assertion(ctx)
	if err != nil {
		return assertion{}, err
	}
	s.redact.Add(token)
	claims, ok := idtoken.ClaimsOf(token)
	if !ok {
		return assertion{}, membership.Fail(membership.Denied, errors.New("the federated token is not a JWT"))
	}
	return assertion{token, claims}, nil
}

// identity returns the function that requests a token for a managed identity. MSAL asks the end point of this machine, which the
// environment names, or that of a virtual machine.
func (s *signIn) identity() (acquire, error) {
	var id managedidentity.ID = managedidentity.UserAssignedClientID(s.credential.ManagedIdentity)
	switch object, isObject := strings.CutPrefix(s.credential.ManagedIdentity, ObjectIDPrefix); {
	case s.credential.ManagedIdentity == SystemAssigned:
		id = managedidentity.SystemAssigned()
	case isObject:
		id = managedidentity.UserAssignedObjectID(object)
	case strings.HasPrefix(s.credential.ManagedIdentity, "/subscriptions/"):
		id = managedidentity.UserAssignedResourceID(s.credential.ManagedIdentity)
	case !membership.IsID(s.credential.ManagedIdentity):
		return nil, fmt.Errorf("%q is none of: %s, the client id of a managed identity, %s with its object id, "+
			"and its resource id, which begins with /subscriptions/", s.credential.ManagedIdentity, SystemAssigned, ObjectIDPrefix)
	}
	client, err := managedidentity.New(
		id, managedidentity.WithHTTPClient(localEndpoint{s}), managedidentity.WithRetryPolicyDisabled())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (confidential.AuthResult, error) {
		// MSAL keeps these tokens for the whole process. With claims, which it does not send, it asks for a new one: after a 401
		// the old one is of no use.
		return client.AcquireToken(ctx, strings.TrimSuffix(s.scopes[0], "/.default"), managedidentity.WithClaims("{}"))
	}, nil
}

// localEndpoint is the HTTP client for managed identities. Their end points belong to this machine and mostly have no TLS. The
// only secret that is sent is the one of IDENTITY_HEADER, to the end point that the same environment names. Redirects are not
// followed.
type localEndpoint struct{ signIn *signIn }

func (l localEndpoint) Do(req *http.Request) (*http.Response, error) { return l.signIn.send(req) }

func (l localEndpoint) CloseIdleConnections() {}
