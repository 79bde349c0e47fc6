package sandbox_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// msalToken signs in as callroll does: with MSAL, and the World as its transport.
func msalToken(t *testing.T, w *sandbox.World, authority, scope, secret string, options ...confidential.Option) (string, error) {
	t.Helper()
	t.Setenv("MSAL_FORCE_REGION", "")
	cred, err := confidential.NewCredFromSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	options = append(options, confidential.WithHTTPClient(&http.Client{Transport: w}))
	client, err := confidential.New(authority, w.Entra().ClientID, cred, options...)
	if err != nil {
		t.Fatal(err)
	}
	result, err := client.AcquireTokenByCredential(context.Background(), []string{scope})
	return result.AccessToken, err
}

func TestMSALSignsInOnEveryCloud(t *testing.T) {
	for _, cloud := range []struct{ login, graph string }{
		{"login.microsoftonline.com", "graph.microsoft.com"},
		{"login.microsoftonline.us", "graph.microsoft.us"},
		{"login.microsoftonline.us", "dod-graph.microsoft.us"},
		{"login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"},
	} {
		for _, tenant := range []string{id(90), "fabrikam.example"} {
			w := small()
			token, err := msalToken(t, w, "https://"+cloud.login+"/"+tenant, "https://"+cloud.graph+"/.default", w.Entra().ClientSecret)
			if err != nil {
				t.Fatalf("%s: %v", cloud.graph, err)
			}
			target := "https://" + cloud.graph + "/v1.0/groups/" + id(10)
			if a := get(t, w, target, "Authorization: Bearer "+token); a.status != 200 {
				t.Errorf("GET %s: %d %s", target, a.status, a.text)
			}
			var made []string
			for _, r := range w.Requests() {
				made = append(made, r.Method+" "+r.Path)
			}
			want := []string{
				"GET /common/discovery/instance",
				"GET /" + tenant + "/v2.0/.well-known/openid-configuration", "POST /" + id(90) + "/oauth2/v2.0/token", "GET /v1.0/groups/" + id(10),
			}
			if diff := cmp.Diff(want, made); diff != "" {
				t.Errorf("requests: %s", diff)
			}
		}
	}
}

func TestMSALIsToldWhatIsWrong(t *testing.T) {
	const login, scope = "https://login.microsoftonline.com/", graphHost + "/.default"
	secret := smallEntra().ClientSecret
	for _, c := range []struct{ name, authority, scope, secret, want string }{
		{"secret", login + id(90), scope, "wrong", "AADSTS7000215"},
		{"tenant", login + id(99), scope, secret, "AADSTS90002"},
		{"scope of another cloud", login + id(90), "https://graph.microsoft.us/.default", secret, "AADSTS500011"},
		{"scope that is not https", login + id(90), "http://graph.microsoft.com/.default", secret, "AADSTS1002012"},
		{"scope that is a host", login + id(90), graphHost, secret, "AADSTS1002012"},
		{"scope without .default", login + id(90), graphHost + "/User.Read", secret, "AADSTS1002012"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := msalToken(t, small(), c.authority, c.scope, c.secret); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

// TestMSALOnTheClockOfSynctest signs in on the clock of testing/synctest, which begins in the year 2000.
func TestMSALOnTheClockOfSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := small()
		token, err := msalToken(t, w, "https://login.microsoftonline.com/"+id(90), graphHost+"/.default", w.Entra().ClientSecret)
		if err != nil {
			t.Fatal(err)
		}
		if a := get(t, w, graphHost+"/v1.0/groups", "Authorization: Bearer "+token); a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
	})
}

func TestEntraTokenErrors(t *testing.T) {
	good := entraForm(smallEntra(), graphHost+"/.default")
	for _, c := range []struct {
		name, tenant, body, kind string
		status                   int
		err                      string
	}{
		{"good", id(90), good, formType, 200, ""},
		{"secret", id(90), strings.Replace(good, "entra-secret", "other-secret", 1), formType, 401, "invalid_client"},
		{"client", id(90), strings.Replace(good, id(91), id(77), 1), formType, 400, "unauthorized_client"},
		{"grant", id(90), strings.Replace(good, "client_credentials", "password", 1), formType, 400, "unsupported_grant_type"},
		{"scope", id(90), strings.Replace(good, "graph.microsoft.com", "graph.example.com", 1), formType, 400, "invalid_resource"},
		{"two scopes", id(90), good + "+https%3A%2F%2Fgraph.microsoft.us%2F.default", formType, 400, "invalid_scope"},
		{"tenant", id(91), good, formType, 400, "invalid_tenant"},
		{"no form", id(90), good, "Content-Type: application/json", 400, "invalid_request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, small(), "POST", "https://login.microsoftonline.com/"+c.tenant+"/oauth2/v2.0/token", c.body, c.kind)
			if a.status != c.status || (c.err != "" && a.at("error") != c.err) {
				t.Errorf("%d %s, want %d %s", a.status, a.text, c.status, c.err)
			}
			if c.err != "" && (a.at("error_codes") == nil || a.at("correlation_id") == "" || !strings.HasPrefix(a.at("error_description").(string), "AADSTS")) {
				t.Errorf("not Entra's shape: %s", a.text)
			}
		})
	}
}

func TestEntraTokenClaims(t *testing.T) {
	w := small()
	first, second := graphToken(t, w), graphToken(t, w)
	if first == second {
		t.Error("two tokens are the same")
	}
	parts := strings.Split(first, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Tid, Aud, Appid string
		Roles           []string
		Exp             int64
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Tid != id(90) || claims.Aud != graphHost || claims.Appid != id(91) || len(claims.Roles) != 2 || claims.Exp <= time.Now().Unix() {
		t.Errorf("claims %s", payload)
	}
}

func TestInstanceDiscovery(t *testing.T) {
	const discovery = "https://login.microsoftonline.com/common/discovery/instance?api-version=1.1&authorization_endpoint="
	a := get(t, small(), discovery+"https://login.microsoftonline.us/t/oauth2/v2.0/authorize")
	if got := a.at("tenant_discovery_endpoint"); got != "https://login.microsoftonline.us/t/v2.0/.well-known/openid-configuration" {
		t.Errorf("tenant_discovery_endpoint %v", got)
	}
	if a := get(t, small(), discovery+"https://login.example.com/t/oauth2/v2.0/authorize"); a.status != 400 || a.at("error") != "invalid_instance" {
		t.Errorf("unknown instance: %d %s", a.status, a.text)
	}
}

func TestEntraLoginKnowsNothingElse(t *testing.T) {
	for _, c := range []struct{ method, path string }{
		{"POST", "common/discovery/instance"},
		{"POST", id(90) + "/v2.0/.well-known/openid-configuration"},
		{"GET", id(90) + "/oauth2/v2.0/token"},
		{"GET", id(90) + "/oauth2/v2.0/authorize"},
		{"POST", id(90) + "/oauth2/token"},
		{"GET", id(90) + "/discovery/instance"},
		{"GET", "common/instance"},
	} {
		if a := ask(t, small(), c.method, "https://login.microsoftonline.com/"+c.path, ""); a.status != 404 || a.at("error") != "invalid_request" {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.text)
		}
	}
}

func TestGenesysTokenErrors(t *testing.T) {
	g := smallGenesys()
	const login = "https://login.mypurecloud.ie/oauth/token"
	const grant = "grant_type=client_credentials"
	good := basic(g.ClientID, g.ClientSecret)
	for _, c := range []struct {
		name, method, target, body, auth, kind string
		status                                 int
		err                                    string
	}{
		{"good", "POST", login, grant, good, formType, 200, ""},
		{"secret", "POST", login, grant, basic(g.ClientID, "x"), formType, 400, "invalid_client"},
		{"client", "POST", login, grant, basic("x", g.ClientSecret), formType, 400, "invalid_client"},
		{"secret in the form", "POST", login, grant + "&client_id=" + g.ClientID + "&client_secret=" + g.ClientSecret, "X: y", formType, 400, "invalid_client"},
		{"grant", "POST", login, "grant_type=password", good, formType, 400, "unsupported_grant_type"},
		{"no form", "POST", login, grant, good, "Content-Type: application/json", 400, "invalid_request"},
		{"GET", "GET", login, "", good, formType, 405, "invalid_request"},
		{"path", "POST", "https://login.mypurecloud.ie/token", grant, good, formType, 404, "invalid_request"},
		{"api host", "POST", apiHost + "/oauth/token", grant, good, formType, 401, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, small(), c.method, c.target, c.body, c.auth, c.kind)
			if a.status != c.status || (c.err != "" && (a.at("error") != c.err || a.at("description") != a.at("error_description"))) {
				t.Errorf("%d %s, want %d %s", a.status, a.text, c.status, c.err)
			}
		})
	}
}

func TestTokensAreForOneSideAndOneHost(t *testing.T) {
	w := small()
	entra, genesys := graphToken(t, w), genesysToken(t, w)
	for _, c := range []struct {
		target, auth string
		status       int
		code         string
	}{
		{graphHost + "/v1.0/groups", entra, 200, ""},
		{graphHost + "/v1.0/groups", genesys, 401, "InvalidAuthenticationToken"},
		{graphHost + "/v1.0/groups", "X: none", 401, "InvalidAuthenticationToken"},
		{"https://graph.microsoft.us/v1.0/groups", entra, 401, "InvalidAuthenticationToken"},
		{apiHost + "/api/v2/scim/groups", genesys, 200, ""},
		{apiHost + "/api/v2/scim/groups", entra, 401, "bad.credentials"},
		{apiHost + "/api/v2/scim/groups", strings.Replace(genesys, "Bearer", "Token", 1), 401, "authentication.required"},
		{apiHost + "/api/v2/scim/groups", "Authorization: Bearer guess", 401, "bad.credentials"},
		{apiHost + "/api/v2/scim/groups", "X: none", 401, "authentication.required"},
	} {
		a := get(t, w, c.target, c.auth)
		code := a.at("code")
		if strings.HasPrefix(c.target, graphHost) || strings.Contains(c.target, "graph.") {
			code = a.at("error", "code")
		}
		if a.status != c.status || (c.code != "" && code != c.code) {
			t.Errorf("GET %s with %.25s: %d %s, want %d %s", c.target, c.auth, a.status, a.text, c.status, c.code)
		}
	}
}

func TestTokensExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, g := smallEntra(), smallGenesys()
		e.TokenSeconds, g.TokenSeconds = 60, 60
		w := sandbox.New(e, g)
		entra, genesys := graphToken(t, w), genesysToken(t, w)
		time.Sleep(59 * time.Second)
		if a, b := get(t, w, graphHost+"/v1.0/groups", entra), get(t, w, apiHost+"/api/v2/scim/groups", genesys); a.status != 200 || b.status != 200 {
			t.Errorf("before their end: %d, %d", a.status, b.status)
		}
		time.Sleep(time.Second)
		if a, b := get(t, w, graphHost+"/v1.0/groups", entra), get(t, w, apiHost+"/api/v2/scim/groups", genesys); a.status != 401 || b.at("code") != "credentials.expired" {
			t.Errorf("after their end: %s, %s", a.text, b.text)
		}
	})
}
