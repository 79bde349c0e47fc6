package graph_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

func TestSignIn(t *testing.T) {
	f := newFake(t, nil)
	c := f.client()
	got, err := c.SignIn(t.Context())
	want := graph.Identity{TenantID: tenant, Roles: []string{"GroupMember.Read.All", "User.Read.All"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("SignIn: %v (-want +got):\n%s", err, diff)
	}
	if f.tokens != 1 || f.configs != 1 {
		t.Errorf("%d token requests and %d of the configuration, want one each", f.tokens, f.configs)
	}
}

func TestTenantIDFallsBackToTheConfiguration(t *testing.T) {
	for configured, want := range map[string]string{tenant: tenant, "contoso.example": ""} {
		f := newFake(t, nil)
		f.token = func(int) *http.Response {
			return reply(200, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": "opaque"})
		}
		got, err := f.client(func(o *graph.Options) { o.TenantID = configured }).SignIn(t.Context())
		if err != nil || got.TenantID != want || got.Roles != nil {
			t.Errorf("SignIn as %s = %+v, %v; want tenant %q and no roles", configured, got, err, want)
		}
	}
}

func TestTheTokenIsTakenOnceAndRenewed(t *testing.T) {
	f := newFake(t, pages(0, nil))
	synctest.Test(t, func(t *testing.T) {
		c := f.client()
		read := func() {
			t.Helper()
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if _, err := c.Members(t.Context(), groupID, graph.Selection{}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		read()
		if f.tokens != 1 {
			t.Errorf("%d token requests for ten readers, want one", f.tokens)
		}
		time.Sleep(56 * time.Minute)
		read()
		if f.tokens != 2 {
			t.Errorf("%d token requests after 56 minutes, want a second before the first ends", f.tokens)
		}
	})
}

func TestA401BringsAnotherToken(t *testing.T) {
	f := newFake(t, nil)
	f.graph = func(req *http.Request) *http.Response {
		if len(f.asked) == 1 {
			return graphError(401, "InvalidAuthenticationToken")
		}
		return pages(0, nil)(req)
	}
	if _, err := f.client().Members(t.Context(), groupID, graph.Selection{}); err != nil || f.tokens != 2 {
		t.Errorf("%d tokens, %v; want a second one", f.tokens, err)
	}
	if a, b := f.asked[0].Header.Get("Authorization"), f.asked[1].Header.Get("Authorization"); a == b {
		t.Error("the second request has the first token")
	}
}

func TestSignInThatFails(t *testing.T) {
	aadsts := func(status int, code, text string) func(int) *http.Response {
		return func(int) *http.Response {
			return reply(status, map[string]any{"error": code, "error_description": text + " secret " + password + " Trace ID: t-1 Correlation ID: c-1", "trace_id": "t-1", "correlation_id": "c-1"})
		}
	}
	leak := "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	tests := []struct {
		name   string
		token  func(int) *http.Response
		change func(*fake)
		cause  membership.Cause
		words  []string
		tokens int
	}{
		{name: "bad secret", token: aadsts(401, "invalid_client", "AADSTS7000215: Invalid client secret provided."), cause: membership.Denied,
			words: []string{"AADSTS7000215", "correlation_id c-1", "the client secret is wrong", tenant}, tokens: 1},
		{name: "an unknown code", token: aadsts(401, "invalid_client", "AADSTS123456: Something is wrong."), cause: membership.Denied,
			words: []string{"401 invalid_client: AADSTS123456: Something is wrong", "correlation_id c-1", "client secret; -v shows", "\ntenant: " + tenant}, tokens: 1},
		{name: "an unknown code with a long text", token: aadsts(401, "invalid_client", "AADSTS123456: "+strings.Repeat("Something is wrong. ", 20)), cause: membership.Denied,
			words: []string{"401 invalid_client: AADSTS123456: Something is wrong. Something is", "… (correlation_id c-1)"}, tokens: 1},
		{name: "503 with a long text", token: aadsts(503, "temporarily_unavailable", "AADSTS90033: "+strings.Repeat("Try it later. ", 20)), cause: membership.Unavailable,
			words: []string{"503 temporarily_unavailable: AADSTS90033: Try it later", "… (5 attempts, correlation_id c-1)"}, tokens: 5},
		{name: "no such application", token: aadsts(400, "unauthorized_client", "AADSTS700016: not found"), cause: membership.Denied, words: []string{"AADSTS700016"}, tokens: 1},
		{name: "400 temporarily_unavailable", token: aadsts(400, "temporarily_unavailable", "AADSTS90033"), cause: membership.Unavailable, words: []string{"5 attempts"}, tokens: 5},
		{name: "400 server_error", token: aadsts(400, "server_error", "AADSTS90006"), cause: membership.Unavailable, words: []string{"5 attempts"}, tokens: 5},
		{name: "503", token: aadsts(503, "temporarily_unavailable", "AADSTS90033"), cause: membership.Unavailable, words: []string{"5 attempts"}, tokens: 5},
		{name: "throttled", token: func(int) *http.Response { return reply(429, "", "Retry-After: 999") }, cause: membership.Unavailable, tokens: 1},
		{name: "cut connection", token: func(int) *http.Response { return nil }, cause: membership.Unavailable, tokens: 5},
		{name: "a token that is no JSON", token: func(int) *http.Response { return reply(200, `{"access_token":"`+leak) }, cause: membership.Unavailable, words: []string{"not JSON"}, tokens: 1},
		{name: "no token", token: func(int) *http.Response { return reply(200, `{"token_type":"Bearer","expires_in":1}`) }, cause: membership.Unavailable, words: []string{"no usable token"}, tokens: 1},
		{name: "an error with 200", token: func(int) *http.Response {
			return reply(200, map[string]any{"error": "x", "error_description": password})
		}, cause: membership.Unavailable, tokens: 1},
		{name: "a token that is cut", token: func(int) *http.Response { return cut(200) }, cause: membership.Unavailable, words: []string{"cut short", "5 attempts"}, tokens: 5},
		{name: "HTML", token: func(int) *http.Response { return reply(200, "<html>"+leak) }, cause: membership.Unavailable, words: []string{"not JSON"}, tokens: 1},
		{name: "redirect", token: func(int) *http.Response { return reply(307, "", "Location: https://evil.example/token") }, cause: membership.Unavailable, words: []string{"evil.example", "not followed"}, tokens: 1},
		{name: "an issuer elsewhere", change: func(f *fake) { f.issuer = "evil.example" }, cause: membership.Unavailable, words: []string{"issuer"}},
		{name: "a token endpoint elsewhere", change: func(f *fake) { f.postTo = "evil.example" }, cause: membership.Unavailable, words: []string{"evil.example"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, nil)
			f.token = tt.token
			if tt.change != nil {
				tt.change(f)
			}
			synctest.Test(t, func(t *testing.T) {
				var told strings.Builder
				c := f.client(func(o *graph.Options) {
					o.Trace.Exchange = func(e rest.Exchange) { told.WriteString(e.Body) }
					o.Trace.Wait = func(w rest.Wait) { told.WriteString(w.Why) }
				})
				_, err := c.SignIn(t.Context())
				wantCause(t, err, tt.cause, append(tt.words, "signing in to Entra")...)
				if line := "callroll: " + err.Error(); len([]rune(line)) >= 160 {
					t.Errorf("a line of %d columns: %s", len([]rune(line)), line)
				}
				if f.tokens != tt.tokens {
					t.Errorf("%d token requests, want %d", f.tokens, tt.tokens)
				}
				if strings.Contains(told.String()+err.Error(), password) || strings.Contains(told.String()+err.Error(), "c2lnbmF0dXJl") {
					t.Errorf("a secret is in the trace: %s", told.String())
				}
			})
		})
	}
}

func TestSignInSucceedsAfterTrouble(t *testing.T) {
	f := newFake(t, nil)
	f.token = func(n int) *http.Response {
		switch n {
		case 1:
			return reply(503, "")
		case 2:
			return reply(429, "", "Retry-After: 60")
		}
		return reply(200, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": "opaque"})
	}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if _, err := f.client().SignIn(t.Context()); err != nil || f.tokens != 3 {
			t.Fatalf("after %d token requests: %v", f.tokens, err)
		}
		if d := time.Since(start); d < time.Minute || f.configs != 1 {
			t.Errorf("it took %v and %d configurations, want the minute that was asked for, and one", d, f.configs)
		}
	})
}

func TestClouds(t *testing.T) {
	tests := []struct{ name, login, graph string }{
		{"", "login.microsoftonline.com", "graph.microsoft.com"},
		{"Global", "login.microsoftonline.com", "graph.microsoft.com"},
		{"usgov", "login.microsoftonline.us", "graph.microsoft.us"},
		{"dod", "login.microsoftonline.us", "dod-graph.microsoft.us"},
		{"china", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"},
	}
	for _, tt := range tests {
		cloud, err := graph.ParseCloud(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		f := newFake(t, pages(0, nil))
		f.login = tt.login
		if _, err := f.client(func(o *graph.Options) { o.Cloud = cloud }).Members(t.Context(), groupID, graph.Selection{}); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got := f.asked[0].URL.Host; got != tt.graph {
			t.Errorf("cloud %q reads from %s, want %s", tt.name, got, tt.graph)
		}
	}
	if _, err := graph.ParseCloud("germany"); err == nil || !strings.Contains(err.Error(), "usgov") {
		t.Errorf("ParseCloud(germany): %v, want the names that there are", err)
	}
}

func TestAnotherLoginAndGraph(t *testing.T) {
	f := newFake(t, pages(0, nil))
	f.login = "localhost:8443"
	_, err := f.client(func(o *graph.Options) {
		o.LoginURL, o.GraphURL = "https://localhost:8443/", "https://localhost:9443/"
	}).Members(t.Context(), groupID, graph.Selection{})
	if err != nil || f.asked[0].URL.String() != "https://localhost:9443"+members+"?$count=true&$select=id,userPrincipalName,mail,displayName&$top=999" {
		t.Errorf("asked for %v, %v", f.asked, err)
	}
}

// With another login host, the secret goes to that host alone, not to Microsoft's hosts either.
func TestTheSecretStaysAtAnotherLogin(t *testing.T) {
	f := newFake(t, pages(0, nil))
	f.login, f.postTo = "localhost:8443", "login.microsoftonline.com"
	_, err := f.client(func(o *graph.Options) { o.LoginURL, o.GraphURL = "https://localhost:8443", "https://localhost:9443" }).SignIn(t.Context())
	if err == nil || f.tokens != 0 {
		t.Errorf("%d token requests, %v; want none, and an error", f.tokens, err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := graph.Options{TenantID: tenant, ClientID: "c", Credential: graph.Credential{Secret: secret.New(password)}, HTTP: http.DefaultClient}
	for name, change := range map[string]func(*graph.Options){
		"tenant":     func(o *graph.Options) { o.TenantID = "" },
		"client id":  func(o *graph.Options) { o.ClientID = "" },
		"credential": func(o *graph.Options) { o.Credential.Secret = secret.String{} },
		"login_url":  func(o *graph.Options) { o.LoginURL = "http://login.example" },
		"graph_url":  func(o *graph.Options) { o.GraphURL = "graph.example" },
		"leave out":  func(o *graph.Options) { o.GraphURL = "https://graph.example/v1.0" },
		"HTTP":       func(o *graph.Options) { o.HTTP = nil },
	} {
		o := good
		change(&o)
		if _, err := graph.New(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("New: %v, want %q named", err, name)
		}
	}
	if _, err := graph.New(good); err != nil {
		t.Errorf("New: %v", err)
	}
}
