package sandbox

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// checkCertificateAssertion checks an assertion that the application signed with the key of a certificate (Microsoft identity
// platform: certificate credentials).
func (w *World) checkCertificateAssertion(c *request, a assertion) *reply {
	named, thumbprint := a.header["x5t#S256"], a.header["x5t"]
	if named == nil && thumbprint == nil {
		return entraError(c, http.StatusUnauthorized, "invalid_client", 5002723, "Invalid JWT token. "+
			"No certificate SHA-1 thumbprint, certificate SHA-256 thumbprint, nor keyId specified in token header.")
	}
	certificate := w.certificate(a.header)
	switch {
	case certificate == nil:
		return w.keyError(c, a, "is not registered on application", "The key was not found.")
	case time.Now().After(certificate.NotAfter):
		return w.keyError(c, a, "is expired on application", "The key used is expired.")
	case time.Now().Before(certificate.NotBefore):
		return w.keyError(c, a, "is not yet valid on application", "The key used is not yet valid.")
	case a.verify(certificate.PublicKey, "PS256", "RS256") != nil:
		return w.keyError(c, a, "does not fit the signature of the assertion", "The key was found, but use of the key to "+
			"verify the signature failed.")
	case !a.beginsWith(certificate):
		return w.keyError(c, a, "is not the first one in the header x5c", "The key was found, but the x5c names another.")
	}
	if r := w.checkCertificateClaims(c, a.claims); r != nil {
		return r
	}
	return w.useOnce(c, a.claims)
}

// certificate returns the registered certificate that a header names, or nil. The thumbprints are compared as bytes, because
// MSAL Go encodes them as base64, and RFC 7515 §4.1.8 as base64url. If a header has both, both must fit.
func (w *World) certificate(header map[string]any) *x509.Certificate {
	for _, text := range w.entra.Certificates {
		certificate, err := parseCertificate(text)
		if err != nil {
			continue // entra.json was checked when it was read
		}
		sha256sum, sha1sum := sha256.Sum256(certificate.Raw), sha1.Sum(certificate.Raw)
		if names(header, "x5t#S256", sha256sum[:]) && names(header, "x5t", sha1sum[:]) {
			return certificate
		}
	}
	return nil
}

// names says whether a header, if it is there, has a thumbprint.
func names(header map[string]any, name string, thumbprint []byte) bool {
	value, ok := header[name]
	return !ok || slices.Equal(decodeThumbprint(value), thumbprint)
}

func decodeThumbprint(value any) []byte {
	text, _ := value.(string)
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	thumbprint, _ := base64.RawURLEncoding.DecodeString(text) // what cannot be decoded is no thumbprint
	return thumbprint
}

// beginsWith says whether the chain x5c, if there is one, begins with the certificate (RFC 7515 §4.1.6).
func (a assertion) beginsWith(certificate *x509.Certificate) bool {
	value, ok := a.header["x5c"]
	chain, _ := value.([]any)
	if !ok {
		return true
	}
	return len(chain) > 0 && chain[0] == base64.StdEncoding.EncodeToString(certificate.Raw)
}

// keyError is the error for a key that is not accepted. Like Entra, it shows the thumbprint that the client sent.
func (w *World) keyError(c *request, a assertion, problem, reason string) *reply {
	thumbprint := decodeThumbprint(a.header["x5t#S256"])
	if thumbprint == nil {
		thumbprint = decodeThumbprint(a.header["x5t"])
	}
	return entraError(c, http.StatusUnauthorized, "invalid_client", 700027, fmt.Sprintf(
		"The certificate with identifier used to sign the client assertion %s. "+
			"[Reason - %s, Thumbprint of key used by client: '%s', Please visit the Azure Portal, Graph Explorer or directly "+
			"use MS Graph to see configured keys for app Id '%s'.]",
		problem, reason, strings.ToUpper(hex.EncodeToString(thumbprint)), w.entra.ClientID))
}

// checkCertificateClaims checks the claims of an assertion with a valid signature.
func (w *World) checkCertificateClaims(c *request, claims jwt.RegisteredClaims) *reply {
	endpoint := func(tenant string) string { return c.origin + "/" + tenant + "/oauth2/v2.0/token" }
	endpoints := []string{endpoint(w.entra.TenantID), endpoint(w.entra.Domain)}
	switch {
	case claims.Issuer != w.entra.ClientID || claims.Subject != w.entra.ClientID:
		return entraError(c, http.StatusUnauthorized, "invalid_client", 700021,
			"Client assertion application identifier doesn't match 'client_id' parameter.")
	case len(claims.Audience) != 1 || !slices.Contains(endpoints, claims.Audience[0]):
		return entraError(c, http.StatusUnauthorized, "invalid_client", 700023,
			"Client assertion audience claim does not match Realm issuer.")
	case claims.ID == "":
		return entraError(c, http.StatusUnauthorized, "invalid_client", 50027, "Invalid JWT token. The claim 'jti' is missing.")
	}
	return checkTimes(c, claims)
}

// useOnce refuses an assertion whose jti was used before (RFC 7523 §3). Microsoft documents no code for it, so that the sandbox
// is stricter than Entra here.
func (w *World) useOnce(c *request, claims jwt.RegisteredClaims) *reply {
	now := time.Now()
	maps.DeleteFunc(w.assertions, func(_ string, end time.Time) bool { return now.Sub(end) > clockTolerance })
	if _, used := w.assertions[claims.ID]; used {
		return entraError(c, http.StatusUnauthorized, "invalid_client", 50013,
			"Assertion is invalid: an assertion with this 'jti' was used before.")
	}
	w.assertions[claims.ID] = claims.ExpiresAt.Time
	return nil
}
