package graph_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

const (
	tenant    = "7f1c0e52-6d0b-4b7e-9a54-1f0d5c3ab001"
	password  = "entra~secret/value"
	groupID   = "a1b2c3d4-0001-4a00-8000-00000000000a"
	members   = "/v1.0/groups/" + groupID + "/members/microsoft.graph.user"
	nested    = "/v1.0/groups/" + groupID + "/transitiveMembers/microsoft.graph.user"
	graphHost = "graph.microsoft.com"
)

// fake is a transport that answers for Entra and Graph. A request without an answer fails the test.
type fake struct {
	t       *testing.T
	login   string   // host
	roles   []string // of the token
	token   func(n int) *http.Response
	graph   func(*http.Request) *http.Response
	mu      sync.Mutex
	asked   []*http.Request // of Graph
	tokens  int
	configs int
	issuer  string // replaces that of the login host
	postTo  string // host of the token endpoint, replaces the login host
}

func newFake(t *testing.T, answer func(*http.Request) *http.Response) *fake {
	t.Setenv("MSAL_FORCE_REGION", "westeurope") // must have no effect
	return &fake{t: t, login: "login.microsoftonline.com", graph: answer, roles: []string{"GroupMember.Read.All", "User.Read.All"}}
}

func (f *fake) RoundTrip(req *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	resp := f.answer(req)
	if resp == nil {
		return nil, io.ErrUnexpectedEOF
	}
	resp.Request = req
	return resp, nil
}

func (f *fake) answer(req *http.Request) *http.Response {
	switch {
	case req.URL.Host == f.login && strings.HasSuffix(req.URL.Path, "/v2.0/.well-known/openid-configuration"):
		f.configs++
		issuer, post := f.login, f.login
		if f.issuer != "" {
			issuer = f.issuer
		}
		if f.postTo != "" {
			post = f.postTo
		}
		return reply(200, map[string]any{
			"issuer":                 "https://" + issuer + "/" + tenant + "/v2.0",
			"authorization_endpoint": "https://" + f.login + "/" + tenant + "/oauth2/v2.0/authorize",
			"token_endpoint":         "https://" + post + "/" + tenant + "/oauth2/v2.0/token",
		})
	case strings.HasSuffix(req.URL.Path, "/oauth2/v2.0/token") && (req.URL.Host == f.login || f.postTo != ""):
		f.tokens++
		if f.token != nil {
			return f.token(f.tokens)
		}
		return reply(200, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": f.jwt(f.tokens)})
	case f.graph != nil:
		f.asked = append(f.asked, req)
		return f.graph(req)
	}
	f.t.Errorf("nobody answers %s", req.URL)
	return nil
}

// jwt returns a token in the form of Entra, with an invalid signature.
func (f *fake) jwt(n int) string {
	claims, _ := json.Marshal(map[string]any{"tid": strings.ToUpper(tenant), "roles": f.roles, "n": n})
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"typ":"JWT"}`)) + "." + encode(claims) + "." + encode([]byte("signature"))
}

func (f *fake) client(change ...func(*graph.Options)) *graph.Client {
	f.t.Helper()
	h, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: f})
	if err != nil {
		f.t.Fatal(err)
	}
	o := graph.Options{TenantID: tenant, ClientID: "0c9be2a4-93b4-4d0f-8f0e-6a7d2f5bb002", Credential: graph.Credential{Secret: secret.New(password)}, HTTP: h, UserAgent: "callroll/test"}
	for _, c := range change {
		c(&o)
	}
	client, err := graph.New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	return client
}

func reply(status int, body any, headers ...string) *http.Response {
	w := httptest.NewRecorder()
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	if text, ok := body.(string); ok {
		_, _ = io.WriteString(w, text)
	} else {
		_ = json.NewEncoder(w).Encode(body)
	}
	return w.Result()
}

// cut returns an answer with a truncated body.
func cut(status int) *http.Response {
	resp := reply(status, "")
	resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"access_token":"`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	return resp
}

func graphError(status int, code string) *http.Response {
	return reply(status, map[string]any{"error": map[string]any{"code": code, "message": "no", "innerError": map[string]any{"request-id": "r-1"}}}, "request-id: r-1")
}

// person returns the n-th person.
func person(n int, change ...map[string]any) map[string]any {
	p := map[string]any{
		"id": fmt.Sprintf("11111111-AAAA-4000-8000-%012d", n), "userPrincipalName": fmt.Sprintf("p%d@contoso.example", n),
		"mail": nil, "displayName": fmt.Sprintf("Person %d", n),
	}
	for _, c := range change {
		maps.Copy(p, c)
	}
	return p
}

// pages answers with one page after another, with the count on the first, and starts again after the last.
func pages(count any, sets ...[]map[string]any) func(*http.Request) *http.Response {
	return func(req *http.Request) *http.Response {
		n := 0
		_, _ = fmt.Sscanf(req.URL.Query().Get("$skiptoken"), "page%d", &n)
		body := map[string]any{"value": sets[n]}
		if sets[n] == nil {
			body["value"] = []any{}
		}
		if n == 0 {
			body["@odata.count"] = count
		}
		if n+1 < len(sets) {
			body["@odata.nextLink"] = fmt.Sprintf("https://%s%s?$skiptoken=page%d&x=a%%2Fb", req.URL.Host, req.URL.Path, n+1)
		}
		return reply(200, body)
	}
}

func wantCause(t *testing.T, err error, cause membership.Cause, words ...string) {
	t.Helper()
	if err == nil || membership.CauseOf(err) != cause {
		t.Fatalf("error %v, want one with the cause %s", err, cause)
	}
	for _, word := range words {
		if !strings.Contains(err.Error()+"\nhint: "+membership.HintOf(err), word) {
			t.Errorf("error %v (hint: %s), want %q in it", err, membership.HintOf(err), word)
		}
	}
	if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), "eyJ") {
		t.Errorf("a secret is in %v", err)
	}
}
