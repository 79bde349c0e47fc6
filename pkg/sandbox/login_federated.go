package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// isIssuer says whether a claim iss names an OpenID provider. An assertion that the application signed has its client id there.
func isIssuer(name string) bool { return strings.HasPrefix(name, "https://") }

// checkFederatedAssertion checks a token of another issuer against the federated credentials (Microsoft identity platform:
// workload identity federation). Such a token may be used more than once.
func (w *World) checkFederatedAssertion(c *request, a assertion) *reply {
	if len(w.entra.FederatedCredentials) == 0 {
		return entraError(c, http.StatusBadRequest, "invalid_request", 70021, fmt.Sprintf("No matching federated identity "+
			"record found for presented assertion. Assertion Issuer: '%s'. Assertion Subject: '%s'. Assertion Audience: '%s'. %s",
			a.claims.Issuer, a.claims.Subject, strings.Join(a.claims.Audience, " "), federationPage))
	}
	credentials := slices.DeleteFunc(slices.Clone(w.entra.FederatedCredentials), func(f FederatedCredential) bool {
		return f.Issuer != a.claims.Issuer
	})
	issuer := w.entra.issuer(a.claims.Issuer)
	switch {
	case len(credentials) == 0:
		return mismatch(c, 700211, "issuer '"+a.claims.Issuer+"'", "")
	case issuer == nil:
		return entraError(c, http.StatusBadRequest, "invalid_request", 50166, "Request to External OIDC endpoint failed.")
	case !issuer.signed(a):
		return entraError(c, http.StatusUnauthorized, "invalid_client", 50013, "Assertion failed signature validation. "+
			"[Reason - The key was not found.]")
	}
	if r := checkTimes(c, a.claims); r != nil {
		return r
	}
	return matchFederated(c, a.claims, credentials)
}

// matchFederated compares the claims of a valid token with the federated credentials of its issuer.
func matchFederated(c *request, claims jwt.RegisteredClaims, credentials []FederatedCredential) *reply {
	subject := slices.DeleteFunc(slices.Clone(credentials), func(f FederatedCredential) bool { return f.Subject != claims.Subject })
	other := func(f FederatedCredential) bool { return strings.EqualFold(f.Subject, claims.Subject) }
	audience := func(f FederatedCredential) bool { return slices.Equal(claims.Audience, []string{f.Audience}) }
	switch {
	case slices.ContainsFunc(subject, audience):
		return nil
	case len(subject) > 0:
		return mismatch(c, 700212, "audience '"+strings.Join(claims.Audience, " ")+"'", "")
	case slices.ContainsFunc(credentials, other):
		return mismatch(c, 7002138, "subject '"+claims.Subject+"'",
			" The subject matches with case-insensitive comparison, but not with case-sensitive comparison.")
	}
	return mismatch(c, 700213, "subject '"+claims.Subject+"'", "")
}

const federationPage = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"

// mismatch is the error for a token that fits no federated credential.
func mismatch(c *request, code int, what, more string) *reply {
	return entraError(c, http.StatusUnauthorized, "invalid_client", code, fmt.Sprintf("No matching federated identity record "+
		"found for presented assertion %s.%s Check your federated identity credential Subject, Audience and Issuer against "+
		"the presented assertion. %s", what, more, federationPage))
}

// signed says whether an issuer signed a token.
func (i *Issuer) signed(a assertion) bool {
	key, err := i.privateKey()
	return err == nil && a.verify(key.Public(), "RS256") == nil
}

// IssueIDToken returns a token of one of the tenant's issuers, which is valid from now on for a time. If life is negative, the
// token ended so long ago.
func (w *World) IssueIDToken(issuer, subject, audience string, life time.Duration) (string, error) {
	defer w.lockForRead()()
	i := w.entra.issuer(issuer)
	if i == nil {
		return "", fmt.Errorf("sandbox: there is no issuer %q", issuer)
	}
	return i.issue(subject, audience, life)
}

// issue returns a token that is signed by the issuer.
func (i *Issuer) issue(subject, audience string, life time.Duration) (string, error) {
	key, err := i.privateKey()
	if err != nil {
		return "", fmt.Errorf("sandbox: issuer %s: %w", i.Issuer, err)
	}
	now := time.Now()
	begin := now.Add(min(0, 2*life))
	return jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.RegisteredClaims{
		Issuer: i.Issuer, Subject: subject, Audience: jwt.ClaimStrings{audience}, ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(begin), NotBefore: jwt.NewNumericDate(begin), ExpiresAt: jwt.NewNumericDate(now.Add(life)),
	}).SignedString(key)
}
