package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" // RFC 7523 §2.2

// clockTolerance is how much the clocks of a client and of Entra may differ.
const clockTolerance = 5 * time.Minute

// authenticate checks the credential of a token request, of which there must be exactly one (RFC 6749 §2.3). It returns nil
// if the credential is accepted.
func (w *World) authenticate(c *request, form url.Values) *reply {
	secret, assertion := form.Get("client_secret"), form.Get("client_assertion")
	switch {
	case secret != "" && assertion != "":
		return entraError(c, http.StatusBadRequest, "invalid_request", 70002,
			"The request has both a 'client_secret' and a 'client_assertion'.")
	case assertion != "":
		return w.checkAssertion(c, form)
	case secret == "":
		return entraError(c, http.StatusUnauthorized, "invalid_client", 7000216,
			"'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.")
	case secret != w.entra.ClientSecret:
		return entraError(c, http.StatusUnauthorized, "invalid_client", 7000215,
			"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.")
	case !time.Now().Before(w.secretEnd()):
		return entraError(c, http.StatusUnauthorized, "invalid_client", 7000222, "The provided client secret keys for app '"+
			w.entra.ClientID+"' are expired. Visit the Azure portal to create new keys for your app: "+
			"https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: "+
			"https://aka.ms/certCreds.")
	}
	return nil
}

// checkAssertion checks a client assertion (RFC 7523 §3).
func (w *World) checkAssertion(c *request, form url.Values) *reply {
	if form.Get("client_assertion_type") != assertionType {
		return entraError(c, http.StatusBadRequest, "invalid_request", 900144,
			"The value of 'client_assertion_type' must be '"+assertionType+"'.")
	}
	var claims jwt.RegisteredClaims
	token, _, err := jwt.NewParser().ParseUnverified(form.Get("client_assertion"), &claims)
	if err != nil {
		return entraError(c, http.StatusBadRequest, "invalid_request", 50027, "JWT token is invalid or malformed.")
	}
	a := assertion{text: form.Get("client_assertion"), header: token.Header, claims: claims}
	if isIssuer(claims.Issuer) {
		return w.checkFederatedAssertion(c, a)
	}
	return w.checkCertificateAssertion(c, a)
}

// assertion is a client assertion. Its claims are not to be trusted before the signature is verified.
type assertion struct {
	text   string
	header map[string]any
	claims jwt.RegisteredClaims
}

// verify verifies the signature.
func (a assertion) verify(key any, algorithms ...string) error {
	parser := jwt.NewParser(jwt.WithValidMethods(algorithms), jwt.WithoutClaimsValidation())
	_, err := parser.Parse(a.text, func(*jwt.Token) (any, error) { return key, nil })
	return err
}

// checkTimes checks exp, which must be there, and nbf.
func checkTimes(c *request, claims jwt.RegisteredClaims) *reply {
	err := jwt.NewValidator(jwt.WithExpirationRequired(), jwt.WithLeeway(clockTolerance)).Validate(claims)
	if err == nil {
		return nil
	}
	return entraError(c, http.StatusUnauthorized, "invalid_client", 700024, fmt.Sprintf(
		"Client assertion is not within its valid time range. Current time: %s, assertion valid from %s, "+
			"expiry time of assertion %s.", entraTime(time.Now()), numericTime(claims.NotBefore), numericTime(claims.ExpiresAt)))
}

func numericTime(t *jwt.NumericDate) string {
	if t == nil {
		return entraTime(time.Unix(0, 0))
	}
	return entraTime(t.Time)
}

func entraTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }
