package sandbox_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/golang-jwt/jwt/v5"

	"github.com/callroll/callroll/pkg/sandbox"
)

// rsaKeys returns two keys, which are made once, because that takes long.
var rsaKeys = sync.OnceValue(func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		keys[i], _ = rsa.GenerateKey(rand.Reader, 2048) // never fails with this size
	}
	return keys
})

// certificate returns a self-signed certificate of a key that is valid for a time around now.
func certificate(t *testing.T, key *rsa.PrivateKey, from, until time.Duration) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "callroll"},
		NotBefore: time.Now().Add(from), NotAfter: time.Now().Add(until),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func pemText(c *x509.Certificate) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

// withCertificates returns a World whose application has only certificates.
func withCertificates(certificates ...*x509.Certificate) *sandbox.World {
	e := smallEntra()
	e.ClientSecret = ""
	for _, c := range certificates {
		e.Certificates = append(e.Certificates, pemText(c))
	}
	return sandbox.New(e, smallGenesys())
}

// msalSignIn signs in with MSAL and any credential.
func msalSignIn(t *testing.T, w *sandbox.World, cred confidential.Credential, options ...confidential.Option) (string, error) {
	t.Helper()
	t.Setenv("MSAL_FORCE_REGION", "")
	options = append(options, confidential.WithHTTPClient(&http.Client{Transport: w}))
	client, err := confidential.New("https://login.microsoftonline.com/"+w.Entra().Domain, w.Entra().ClientID, cred, options...)
	if err != nil {
		t.Fatal(err)
	}
	result, err := client.AcquireTokenByCredential(context.Background(), []string{graphHost + "/.default"})
	return result.AccessToken, err
}

func certificateCredential(t *testing.T, c *x509.Certificate, key crypto.PrivateKey) confidential.Credential {
	t.Helper()
	cred, err := confidential.NewCredFromCert([]*x509.Certificate{c}, key)
	if err != nil {
		t.Fatal(err)
	}
	return cred
}

func TestMSALSignsInWithCertificate(t *testing.T) {
	key := rsaKeys()[0]
	good, other := certificate(t, key, -time.Hour, time.Hour), certificate(t, key, -time.Hour, 2*time.Hour)
	for name, options := range map[string][]confidential.Option{
		"thumbprint": nil,
		"x5c":        {confidential.WithX5C()},
	} {
		w := withCertificates(other, good)
		token, err := msalSignIn(t, w, certificateCredential(t, good, key), options...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if a := get(t, w, graphHost+"/v1.0/groups", "Authorization: Bearer "+token); a.status != 200 {
			t.Errorf("%s: GET groups: %d %s", name, a.status, a.text)
		}
	}
}

func TestMSALCertificateIsRefused(t *testing.T) {
	keys := rsaKeys()
	good := certificate(t, keys[0], -time.Hour, time.Hour)
	expired := certificate(t, keys[0], -2*time.Hour, -time.Hour)
	future := certificate(t, keys[0], time.Hour, 2*time.Hour)
	sum := sha256.Sum256(expired.Raw)
	for _, c := range []struct {
		name     string
		world    *sandbox.World
		uses     *x509.Certificate
		wantCode string
		wantText string
	}{
		{"not registered", withCertificates(good), expired, "AADSTS700027", fmt.Sprintf("%X", sum)},
		{"none registered", withCertificates(), good, "AADSTS700027", "The key was not found."},
		{"expired", withCertificates(good, expired), expired, "AADSTS700027", "The key used is expired."},
		{"not yet valid", withCertificates(future), future, "AADSTS700027", "not yet valid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := msalSignIn(t, c.world, certificateCredential(t, c.uses, keys[0]))
			if err == nil || !strings.Contains(err.Error(), c.wantCode) || !strings.Contains(err.Error(), c.wantText) {
				t.Errorf("error %v, want %s and %s", err, c.wantCode, c.wantText)
			}
		})
	}
}

// clientAssertion is a client assertion and the form around it. Tests change what they want to be refused.
type clientAssertion struct {
	method jwt.SigningMethod
	key    any
	header map[string]any
	claims jwt.MapClaims
	form   url.Values
}

func newClientAssertion(c *x509.Certificate, key *rsa.PrivateKey) *clientAssertion {
	sum, now := sha256.Sum256(c.Raw), time.Now()
	return &clientAssertion{
		method: jwt.SigningMethodPS256, key: key,
		header: map[string]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])},
		claims: jwt.MapClaims{
			"aud": "https://login.microsoftonline.com/" + id(90) + "/oauth2/v2.0/token", "iss": id(91), "sub": id(91),
			"jti": "1", "nbf": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
		},
		form: url.Values{
			"grant_type": {"client_credentials"}, "client_id": {id(91)}, "scope": {graphHost + "/.default"},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		},
	}
}

func (a *clientAssertion) encode(t *testing.T) string {
	t.Helper()
	token := jwt.NewWithClaims(a.method, a.claims)
	for name, value := range a.header {
		token.Header[name] = value
	}
	text, err := token.SignedString(a.key)
	if err != nil {
		t.Fatal(err)
	}
	if !a.form.Has("client_assertion") {
		a.form.Set("client_assertion", text)
	}
	return a.form.Encode()
}

// signIn sends the form to the token endpoint.
func signIn(t *testing.T, w *sandbox.World, form string) answer {
	t.Helper()
	return ask(t, w, "POST", "https://login.microsoftonline.com/"+id(90)+"/oauth2/v2.0/token", form, formType)
}

func TestCertificateAssertion(t *testing.T) {
	keys := rsaKeys()
	good, other := certificate(t, keys[0], -time.Hour, time.Hour), certificate(t, keys[1], -time.Hour, time.Hour)
	sum := sha1.Sum(good.Raw)
	for _, c := range []struct {
		name   string
		change func(*clientAssertion)
		code   int // of Entra; 0 if the assertion is accepted
	}{
		{"good", func(*clientAssertion) {}, 0},
		{"RS256", func(a *clientAssertion) { a.method = jwt.SigningMethodRS256 }, 0},
		{"x5t", func(a *clientAssertion) {
			a.header = map[string]any{"x5t": base64.RawURLEncoding.EncodeToString(sum[:])}
		}, 0},
		{"domain in the audience", func(a *clientAssertion) {
			a.claims["aud"] = "https://login.microsoftonline.com/fabrikam.example/oauth2/v2.0/token"
		}, 0},
		{"end four minutes ago", func(a *clientAssertion) { a.claims["exp"] = time.Now().Add(-4 * time.Minute).Unix() }, 0},
		{"end six minutes ago", func(a *clientAssertion) { a.claims["exp"] = time.Now().Add(-6 * time.Minute).Unix() }, 700024},
		{"beginning in six minutes", func(a *clientAssertion) { a.claims["nbf"] = time.Now().Add(6 * time.Minute).Unix() }, 700024},
		{"no end", func(a *clientAssertion) { delete(a.claims, "exp") }, 700024},
		{"other key", func(a *clientAssertion) { a.key = keys[1] }, 700027},
		{"other algorithm", func(a *clientAssertion) { a.method = jwt.SigningMethodRS512 }, 700027},
		{"HMAC with the public key", func(a *clientAssertion) {
			a.method, a.key = jwt.SigningMethodHS256, x509.MarshalPKCS1PublicKey(&keys[0].PublicKey)
		}, 700027},
		{"no signature", func(a *clientAssertion) {
			a.method, a.key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType
		}, 700027},
		{"other thumbprint", func(a *clientAssertion) { a.header["x5t#S256"] = "AAAA" }, 700027},
		{"two thumbprints that differ", func(a *clientAssertion) { a.header["x5t"] = "AAAA" }, 700027},
		{"no thumbprint", func(a *clientAssertion) { a.header = nil }, 5002723},
		{"x5c of the certificate", func(a *clientAssertion) {
			a.header["x5c"] = []string{base64.StdEncoding.EncodeToString(good.Raw)}
		}, 0},
		{"x5c of another", func(a *clientAssertion) {
			a.header["x5c"] = []string{base64.StdEncoding.EncodeToString(other.Raw), base64.StdEncoding.EncodeToString(good.Raw)}
		}, 700027},
		{"empty x5c", func(a *clientAssertion) { a.header["x5c"] = []string{} }, 700027},
		{"other audience", func(a *clientAssertion) { a.claims["aud"] = "https://login.microsoftonline.com/" + id(90) + "/v2.0" }, 700023},
		{"audience of another cloud", func(a *clientAssertion) {
			a.claims["aud"] = "https://login.microsoftonline.us/" + id(90) + "/oauth2/v2.0/token"
		}, 700023},
		{"no audience", func(a *clientAssertion) { delete(a.claims, "aud") }, 700023},
		{"other issuer", func(a *clientAssertion) { a.claims["iss"] = id(92) }, 700021},
		{"other subject", func(a *clientAssertion) { a.claims["sub"] = id(92) }, 700021},
		{"no jti", func(a *clientAssertion) { delete(a.claims, "jti") }, 50027},
		{"no JWT", func(a *clientAssertion) { a.form.Set("client_assertion", "secret") }, 50027},
		{"other type", func(a *clientAssertion) { a.form.Set("client_assertion_type", "jwt") }, 900144},
		{"secret too", func(a *clientAssertion) { a.form.Set("client_secret", "x") }, 70002},
		{"nothing", func(a *clientAssertion) { a.form.Set("client_assertion", "") }, 7000216},
		{"a secret alone", func(a *clientAssertion) {
			a.form.Set("client_assertion", "")
			a.form.Set("client_secret", "x")
		}, 7000215},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newClientAssertion(good, keys[0])
			c.change(a)
			checkCode(t, signIn(t, withCertificates(good), a.encode(t)), c.code)
		})
	}
}

// checkCode checks the AADSTS code of an answer. 0 is a token.
func checkCode(t *testing.T, a answer, code int) {
	t.Helper()
	if code == 0 {
		if a.status != 200 || a.at("access_token") == nil {
			t.Errorf("%d %s, want a token", a.status, a.text)
		}
		return
	}
	if want := fmt.Sprintf("AADSTS%d: ", code); a.status/100 != 4 || !strings.Contains(a.text, want) {
		t.Errorf("%d %s, want %s", a.status, a.text, want)
	}
	if strings.Contains(a.text, "PRIVATE KEY") || strings.Contains(a.text, "eyJ") {
		t.Errorf("an assertion or a key is in the answer %s", a.text)
	}
}

func TestAssertionIsAcceptedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key := rsaKeys()[0]
		good := certificate(t, key, -time.Hour, time.Hour)
		w := withCertificates(good)
		form := newClientAssertion(good, key).encode(t)
		checkCode(t, signIn(t, w, form), 0)
		checkCode(t, signIn(t, w, form), 50013)
		time.Sleep(10*time.Minute + time.Second) // expired, but within the tolerance
		checkCode(t, signIn(t, w, form), 50013)
		time.Sleep(5 * time.Minute)
		checkCode(t, signIn(t, w, form), 700024)
		next := newClientAssertion(good, key)
		next.claims["jti"] = "2"
		checkCode(t, signIn(t, w, next.encode(t)), 0)
	})
}

func TestCertificateInFileIsChecked(t *testing.T) {
	e := smallEntra()
	e.Certificates = []string{"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}
	w := sandbox.New(e, smallGenesys())
	_, err := send(w, "GET", graphHost+"/v1.0/groups", "")
	if want := "certificates[0]: it is not a certificate in PEM format"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}
