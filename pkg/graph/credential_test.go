package graph_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/certificate"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/secret"
)

// selfSigned returns a certificate with its key.
func selfSigned(t *testing.T) *certificate.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &certificate.Certificate{Chain: []*x509.Certificate{leaf}, Key: key}
}

// idToken returns a token of another issuer, which only Entra would check.
func idToken(n int) secret.String {
	encode := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"iss":"https://issuer.example","sub":"repo:contoso/callroll:ref:refs/heads/main","aud":"api://AzureADTokenExchange","n":%d}`, n)
	return secret.New(encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte("signature")))
}

// Each way to sign in sends what Entra expects. A token that ends is renewed in time, with a new proof, and a token that is
// refused is replaced.
func TestEveryCredential(t *testing.T) {
	own := selfSigned(t)
	for name, credential := range map[string]graph.Credential{
		"secret":           {Secret: secret.New(password)},
		"certificate":      {Certificate: own},
		"certificate, x5c": {Certificate: own, SendX5C: true},
		"federated":        {},
		"managed identity": {ManagedIdentity: graph.SystemAssigned},
		"client id":        {ManagedIdentity: "0c9be2a4-93b4-4d0f-8f0e-6a7d2f5bb002"},
		"object id":        {ManagedIdentity: "object:0c9be2a4-93b4-4d0f-8f0e-6a7d2f5bb002"},
		"resource id":      {ManagedIdentity: "/subscriptions/1/resourcegroups/r/providers/Microsoft.ManagedIdentity/userAssignedIdentities/callroll"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "IMDS_ENDPOINT"} {
				t.Setenv(variable, "")
			}
			synctest.Test(t, func(t *testing.T) {
				var sent []url.Values
				f := newFake(t, nil)
				refused := ""
				f.graph = func(req *http.Request) *http.Response {
					if req.URL.Host == "169.254.169.254" {
						f.tokens++
						sent = append(sent, req.URL.Query())
						return reply(200, map[string]any{
							"token_type": "Bearer", "expires_in": "3600", "resource": "https://" + graphHost, "access_token": f.jwt(f.tokens),
							"expires_on": fmt.Sprint(time.Now().Add(time.Hour).Unix()),
						})
					}
					if req.Header.Get("Authorization") == refused {
						return graphError(401, "InvalidAuthenticationToken")
					}
					return pages(0, nil)(req)
				}
				asked := 0
				if name == "federated" {
					credential.Assertion = func(context.Context) (secret.String, error) { asked++; return idToken(asked), nil }
				}
				form := formOf{f, &sent}
				c := form.client(func(o *graph.Options) { o.Credential = credential })
				read := func() {
					t.Helper()
					if _, err := c.Members(t.Context(), groupID, graph.Selection{}); err != nil {
						t.Fatal(err)
					}
				}
				read()
				read()
				time.Sleep(56 * time.Minute)
				read()
				refused = f.asked[len(f.asked)-1].Header.Get("Authorization")
				read()
				if f.tokens != 3 || len(sent) != 3 {
					t.Fatalf("%d tokens, want three: at the beginning, before the end of the first, and after a 401", f.tokens)
				}
				checkProof(t, name, own, sent)
			})
		})
	}
}

// formOf is a fake that also keeps the forms of the token requests.
type formOf struct {
	*fake
	sent *[]url.Values
}

func (f formOf) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/oauth2/v2.0/token") {
		body, _ := io.ReadAll(req.Body)
		form, _ := url.ParseQuery(string(body))
		*f.sent = append(*f.sent, form)
	}
	return f.fake.RoundTrip(req)
}

func (f formOf) client(change func(*graph.Options)) *graph.Client {
	return f.fake.client(change, func(o *graph.Options) { o.HTTP = &http.Client{Transport: f} })
}

// checkProof checks what was sent to get tokens.
func checkProof(t *testing.T, name string, own *certificate.Certificate, sent []url.Values) {
	t.Helper()
	first, second := sent[0], sent[1]
	header, claims := jwtOf(first.Get("client_assertion"))
	switch name {
	case "secret":
		if first.Get("client_secret") != password {
			t.Errorf("sent %v", first)
		}
	case "certificate", "certificate, x5c":
		if header["alg"] != "PS256" || header["x5t#S256"] == nil || claims["iss"] != first.Get("client_id") || claims["sub"] != claims["iss"] {
			t.Errorf("header %v, claims %v", header, claims)
		}
		x5c, _ := header["x5c"].([]any)
		if whole := base64.StdEncoding.EncodeToString(own.Leaf().Raw); (len(x5c) == 1 && x5c[0] == whole) != (name != "certificate") {
			t.Errorf("x5c is %v", x5c)
		}
		if _, again := jwtOf(second.Get("client_assertion")); again["jti"] == claims["jti"] {
			t.Error("an assertion was sent twice")
		}
	case "federated":
		for i, form := range sent {
			if form.Get("client_assertion") != idToken(i+1).Reveal() {
				t.Errorf("sign-in %d has not a new token", i+1)
			}
		}
	default:
		key := map[string]string{"client id": "client_id", "object id": "object_id", "resource id": "msi_res_id"}[name]
		if first.Get("resource") != "https://"+graphHost || key != "" && first.Get(key) == "" {
			t.Errorf("asked for %v", first)
		}
	}
}

// jwtOf returns the header and the claims of a JWT.
func jwtOf(token string) (header, claims map[string]any) {
	parts := strings.Split(token, ".")
	for i, into := range []*map[string]any{&header, &claims} {
		if len(parts) == 3 {
			data, _ := base64.RawURLEncoding.DecodeString(parts[i])
			_ = json.Unmarshal(data, into)
		}
	}
	return header, claims
}

// Each refusal that has a known meaning says it, and what to do, in lines that fit into a window.
func TestRefusedSignIns(t *testing.T) {
	own := selfSigned(t)
	federated := func(context.Context) (secret.String, error) { return idToken(1), nil }
	for code, test := range map[string]struct {
		credential graph.Credential
		ends       time.Time
		words      []string
	}{
		"7000215": {words: []string{"the client secret is wrong", "value of the secret and not its id"}},
		"7000222": {words: []string{"the client secret has expired", "make a new secret now", "Certificates & secrets"}},
		"7000222 and its end is known": {
			ends: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), words: []string{"the client secret expired on 2026-02-03", "make a new secret now"},
		},
		"7000222 and its end is said to come": {
			ends: time.Date(2999, 2, 3, 4, 5, 6, 0, time.UTC), words: []string{"the client secret has expired", "make a new secret now"},
		},
		"700016":  {words: []string{"does not have this application", "entra.tenant_id", "entra.cloud"}},
		"90002":   {words: []string{"no such tenant", "entra.tenant_id", "entra.cloud"}},
		"50034":   {words: []string{"does not have this account", "entra.cloud"}},
		"53003":   {words: []string{"Conditional Access", "workload identities"}},
		"700027":  {credential: graph.Credential{Certificate: own}, words: []string{"not registered", "thumbprint: " + own.Thumbprint()}},
		"700024":  {credential: graph.Credential{Assertion: federated}, words: []string{"not valid at this time", "clock"}},
		"70021":   {credential: graph.Credential{Assertion: federated}, words: []string{"no federated credential", "issuer: https://issuer.example", "subject: repo:contoso/callroll:ref:refs/heads/main", "audience: api://AzureADTokenExchange"}},
		"700213":  {credential: graph.Credential{Assertion: federated}, words: []string{"no federated credential", "subject: repo:contoso"}},
		"500011":  {words: []string{"Microsoft Graph", "entra.graph_url"}},
		"7000112": {words: []string{"disabled", "Enterprise applications"}},
	} {
		t.Run(code, func(t *testing.T) {
			code, _, _ := strings.Cut(code, " ")
			f := newFake(t, nil)
			id := "11111111-2222-4333-8444-555555555555"
			f.token = func(int) *http.Response {
				return reply(401, map[string]any{"error": "invalid_client", "correlation_id": id,
					"error_description": "AADSTS" + code + ": The raw text. Trace ID: t Correlation ID: " + id})
			}
			c := f.client(func(o *graph.Options) {
				o.Ends = test.ends
				if test.credential.Certificate != nil || test.credential.Assertion != nil {
					o.Credential = test.credential
				}
			})
			_, err := c.SignIn(t.Context())
			wantCause(t, err, membership.Denied, append(test.words, "AADSTS"+code, "correlation_id "+id, tenant)...)
			text := "callroll: " + err.Error() + "\ncallroll: hint: " + membership.HintOf(err)
			for line := range strings.Lines(text) {
				if len(line) > 160 {
					t.Errorf("a line of %d bytes: %s", len(line), line)
				}
			}
			if strings.Contains(text, "raw text") || strings.Contains(text, idToken(1).Reveal()) {
				t.Errorf("the error shows %q", text)
			}
		})
	}
}
