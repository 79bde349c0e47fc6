package sandbox_test

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/golang-jwt/jwt/v5"

	"github.com/callroll/callroll/pkg/sandbox"
)

const (
	cluster         = "https://oidc.fabrikam.example/cluster/"
	serviceAccount  = "system:serviceaccount:callroll:callroll"
	tokenExchange   = "api://AzureADTokenExchange"
	unknownProvider = "https://oidc.fabrikam.example/gone/"
)

func keyText(t *testing.T, key *rsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// federatedEntra has a cluster whose tokens the application may use, and no secret.
func federatedEntra(t *testing.T) sandbox.Entra {
	t.Helper()
	e := smallEntra()
	e.ClientSecret = ""
	e.Issuers = []sandbox.Issuer{{Issuer: cluster, Key: keyText(t, rsaKeys()[0])}}
	e.FederatedCredentials = []sandbox.FederatedCredential{
		{Name: "another", Issuer: cluster, Subject: "system:serviceaccount:billing:billing", Audience: "other"},
		{Name: "cluster", Issuer: cluster, Subject: serviceAccount, Audience: tokenExchange},
		{Name: "gone", Issuer: unknownProvider, Subject: serviceAccount, Audience: tokenExchange},
	}
	return e
}

func TestMSALSignsInWithFederatedToken(t *testing.T) {
	w := sandbox.New(federatedEntra(t), smallGenesys())
	cred := confidential.NewCredFromAssertionCallback(func(context.Context, confidential.AssertionRequestOptions) (string, error) {
		return w.IssueIDToken(cluster, serviceAccount, tokenExchange, time.Hour)
	})
	token, err := msalSignIn(t, w, cred)
	if err != nil {
		t.Fatal(err)
	}
	if a := get(t, w, graphHost+"/v1.0/groups", "Authorization: Bearer "+token); a.status != 200 {
		t.Errorf("GET groups: %d %s", a.status, a.text)
	}
}

func TestFederatedAssertion(t *testing.T) {
	keys := rsaKeys()
	for _, c := range []struct {
		name   string
		change func(*clientAssertion)
		code   int // of Entra; 0 if the assertion is accepted
		text   string
	}{
		{"good", func(*clientAssertion) {}, 0, ""},
		{"without jti", func(a *clientAssertion) { delete(a.claims, "jti") }, 0, ""},
		{"other key", func(a *clientAssertion) { a.key = keys[1] }, 50013, "signature"},
		{"other algorithm", func(a *clientAssertion) { a.method = jwt.SigningMethodPS256 }, 50013, "signature"},
		{"no signature", func(a *clientAssertion) {
			a.method, a.key = jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType
		}, 50013, "signature"},
		{"other issuer", func(a *clientAssertion) { a.claims["iss"] = "https://oidc.fabrikam.example/cluster" }, 700211,
			"issuer 'https://oidc.fabrikam.example/cluster'"},
		{"issuer that does not answer", func(a *clientAssertion) { a.claims["iss"] = unknownProvider }, 50166, "OIDC"},
		{"other subject", func(a *clientAssertion) { a.claims["sub"] = "system:serviceaccount:x:y" }, 700213,
			"subject 'system:serviceaccount:x:y'"},
		{"subject in other case", func(a *clientAssertion) { a.claims["sub"] = strings.ToUpper(serviceAccount) }, 7002138,
			"case-insensitive"},
		{"other audience", func(a *clientAssertion) { a.claims["aud"] = "api://other" }, 700212, "audience 'api://other'"},
		{"audience of another credential", func(a *clientAssertion) { a.claims["aud"] = "other" }, 700212, "audience 'other'"},
		{"two audiences", func(a *clientAssertion) { a.claims["aud"] = []string{tokenExchange, "other"} }, 700212, "audience"},
		{"end six minutes ago", func(a *clientAssertion) { a.claims["exp"] = time.Now().Add(-6 * time.Minute).Unix() }, 700024,
			"expiry time of assertion"},
		{"beginning in six minutes", func(a *clientAssertion) { a.claims["nbf"] = time.Now().Add(6 * time.Minute).Unix() }, 700024,
			"assertion valid from"},
		{"no end", func(a *clientAssertion) { delete(a.claims, "exp") }, 700024, "valid time range"},
		{"client id as issuer", func(a *clientAssertion) { a.claims["iss"], a.claims["sub"] = id(91), id(91) }, 5002723, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := federatedAssertion(keys[0])
			c.change(a)
			got := signIn(t, sandbox.New(federatedEntra(t), smallGenesys()), a.encode(t))
			checkCode(t, got, c.code)
			if !strings.Contains(got.text, c.text) {
				t.Errorf("%s, want %s", got.text, c.text)
			}
		})
	}
}

func federatedAssertion(key *rsa.PrivateKey) *clientAssertion {
	a := newClientAssertion(&x509.Certificate{}, key)
	a.method, a.header = jwt.SigningMethodRS256, nil
	a.claims["iss"], a.claims["sub"], a.claims["aud"] = cluster, serviceAccount, tokenExchange
	return a
}

func TestFederatedTokenMayBeUsedTwice(t *testing.T) {
	w := sandbox.New(federatedEntra(t), smallGenesys())
	form := federatedAssertion(rsaKeys()[0]).encode(t)
	checkCode(t, signIn(t, w, form), 0)
	checkCode(t, signIn(t, w, form), 0)
}

func TestNoFederatedCredential(t *testing.T) {
	e := federatedEntra(t)
	e.FederatedCredentials = nil
	got := signIn(t, sandbox.New(e, smallGenesys()), federatedAssertion(rsaKeys()[0]).encode(t))
	checkCode(t, got, 70021)
	for _, want := range []string{"Issuer: '" + cluster, "Subject: '" + serviceAccount, "Audience: '" + tokenExchange} {
		if !strings.Contains(got.text, want) {
			t.Errorf("%s, want %s", got.text, want)
		}
	}
}

func TestIssuersInFileAreChecked(t *testing.T) {
	good := keyText(t, rsaKeys()[0])
	for want, issuer := range map[string]sandbox.Issuer{
		"issuers[0]: the issuer must begin with https://": {Issuer: "http://oidc.fabrikam.example", Key: good},
		"issuers[0]: the key is not an RSA key":           {Issuer: cluster, Key: good[:len(good)/2]},
	} {
		e := smallEntra()
		e.Issuers = []sandbox.Issuer{issuer}
		_, err := send(sandbox.New(e, smallGenesys()), "GET", graphHost+"/v1.0/groups", "")
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), good[40:60]) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := small().IssueIDToken(cluster, serviceAccount, tokenExchange, time.Hour); err == nil {
		t.Error("a token of an unknown issuer")
	}
}
