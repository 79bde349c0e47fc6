package graph_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// passwordCredential is a secret of an application, as Graph shows it.
func passwordCredential(hint, end any) map[string]any {
	return map[string]any{"hint": hint, "endDateTime": end, "secretText": nil}
}

// The end of a client secret is that of the secret whose hint fits. If several fit, it is the last end.
func TestSecretEnd(t *testing.T) {
	const early, late, none = "2027-03-01T10:00:00Z", "2028-03-01T10:00:00.1234567Z", ""
	mine, other := password[:3], "~~~"
	for name, test := range map[string]struct {
		secrets []any
		want    string
	}{
		"the only one":          {[]any{passwordCredential(mine, early)}, early},
		"one of two":            {[]any{passwordCredential(other, late), passwordCredential(mine, early)}, early},
		"two fit":               {[]any{passwordCredential(mine, late), passwordCredential(mine, early)}, late},
		"two fit, other order":  {[]any{passwordCredential(mine, early), passwordCredential(mine, late)}, late},
		"none fits":             {[]any{passwordCredential(other, early)}, none},
		"another letter case":   {[]any{passwordCredential(strings.ToUpper(mine), early)}, none},
		"no secrets":            {[]any{}, none},
		"without a hint":        {[]any{passwordCredential(nil, early)}, early},
		"one has no hint":       {[]any{passwordCredential(mine, early), passwordCredential(nil, late)}, late},
		"one never expires":     {[]any{passwordCredential(mine, nil), passwordCredential(mine, early)}, none},
		"an end that is a word": {[]any{passwordCredential(mine, "soon")}, none},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, func(*http.Request) *http.Response {
				return reply(200, map[string]any{"passwordCredentials": test.secrets})
			})
			f.roles = append(f.roles, "Application.Read.All")
			c := f.client()
			if _, err := c.SignIn(t.Context()); err != nil {
				t.Fatal(err)
			}
			want, _ := time.Parse(time.RFC3339, test.want)
			if got := c.CredentialEnd(t.Context()); !got.Equal(want) {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// The application's own object is asked for once, with the token that is there, if the token allows it and the end is not known.
func TestSecretEndRequests(t *testing.T) {
	const id = "0c9be2a4-93b4-4d0f-8f0e-6a7d2f5bb002"
	roles := func(role ...string) func(*fake) { return func(f *fake) { f.roles = role } }
	for name, test := range map[string]struct {
		fake    func(*fake)
		options func(*graph.Options)
		before  func(*testing.T, *graph.Client) // in place of a sign-in
		want    int
	}{
		"Application.Read.All":          {fake: roles("User.Read.All", "Application.Read.All"), want: 1},
		"Application.ReadWrite.OwnedBy": {fake: roles("Application.ReadWrite.OwnedBy"), want: 1},
		"Directory.Read.All":            {fake: roles("Directory.Read.All"), want: 1},
		"other roles":                   {fake: roles("Application.Read", "GroupMember.Read.All", "User.Read.All")},
		"a token that cannot be read": {fake: func(f *fake) {
			f.token = func(int) *http.Response {
				return reply(200, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": "opaque"})
			}
		}},
		"the end is configured": {fake: roles("Application.Read.All"), options: func(o *graph.Options) { o.Ends = time.Now() }},
		"a certificate": {fake: roles("Application.Read.All"), options: func(o *graph.Options) {
			o.Credential = graph.Credential{Certificate: selfSigned(t)}
		}},
		"no UUID":       {fake: roles("Application.Read.All"), options: func(o *graph.Options) { o.ClientID = "x')/owners" }},
		"not signed in": {fake: roles("Application.Read.All"), before: func(*testing.T, *graph.Client) {}},
		"the token has expired": {fake: roles("Application.Read.All"), before: func(t *testing.T, c *graph.Client) {
			_, _ = c.SignIn(t.Context())
			time.Sleep(61 * time.Minute)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(*http.Request) *http.Response { return reply(200, map[string]any{"passwordCredentials": []any{}}) })
				test.fake(f)
				c := f.client(func(o *graph.Options) {
					if test.options != nil {
						test.options(o)
					}
				})
				if test.before != nil {
					test.before(t, c)
				} else if _, err := c.SignIn(t.Context()); err != nil {
					t.Fatal(err)
				}
				tokens := f.tokens
				c.CredentialEnd(t.Context())
				c.CredentialEnd(t.Context())
				if len(f.asked) != test.want || f.tokens != tokens {
					t.Fatalf("%d requests and %d more tokens, want %d and none", len(f.asked), f.tokens-tokens, test.want)
				}
				want := "/v1.0/applications(appId='" + id + "')?$select=passwordCredentials"
				if test.want == 1 && f.asked[0].URL.RequestURI() != want {
					t.Errorf("GET %s, want %s", f.asked[0].URL.RequestURI(), want)
				}
			})
		})
	}
}

// If the end cannot be read it is not known. There is no second attempt, no other sign-in and no long wait, other requests are not
// disturbed, and no message has the hint.
func TestSecretEndThatCannotBeRead(t *testing.T) {
	const hint = "Q~7"
	for name, answer := range map[string]func(*http.Request) *http.Response{
		"401":             func(*http.Request) *http.Response { return graphError(401, "InvalidAuthenticationToken") },
		"403":             func(*http.Request) *http.Response { return graphError(403, "Authorization_RequestDenied") },
		"429":             func(*http.Request) *http.Response { return reply(429, "", "Retry-After: 30") },
		"503":             func(*http.Request) *http.Response { return graphError(503, "serviceNotAvailable") },
		"no answer":       func(*http.Request) *http.Response { return nil },
		"a late answer":   func(req *http.Request) *http.Response { <-req.Context().Done(); return nil },
		"no JSON":         func(*http.Request) *http.Response { return reply(200, "<html>") },
		"a redirect":      func(*http.Request) *http.Response { return reply(307, "", "Location: https://evil.example/") },
		"another type":    func(*http.Request) *http.Response { return reply(200, `{"passwordCredentials":"`+hint+`"}`) },
		"a hint and more": func(*http.Request) *http.Response { return reply(200, `{"passwordCredentials":[{"hint":"`+hint) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, nil)
				f.graph = func(req *http.Request) *http.Response {
					if strings.Contains(req.URL.Path, "/applications(") {
						return answer(req)
					}
					return pages(0, nil)(req)
				}
				f.roles = []string{"Application.Read.All"}
				var told strings.Builder
				c := f.client(func(o *graph.Options) {
					o.Credential.Secret = secret.New(hint + "vRkW2mXcT9")
					o.Trace.Exchange = func(e rest.Exchange) {
						if e.Err != nil {
							told.WriteString(e.Err.Error())
						}
						told.WriteString(e.Body)
					}
					o.Trace.Wait = func(w rest.Wait) { t.Errorf("a wait: %s", w.Why) }
					o.Trace.Note = func(text string) { told.WriteString(text) }
				})
				if _, err := c.SignIn(t.Context()); err != nil {
					t.Fatal(err)
				}
				begin := time.Now()
				end := c.CredentialEnd(t.Context())
				if took := time.Since(begin); !end.IsZero() || len(f.asked) != 1 || f.tokens != 1 || took > 10*time.Second {
					t.Errorf("%s after %s, %d requests, %d tokens; want none, in 10 s, one and one", end, took, len(f.asked), f.tokens)
				}
				if strings.Contains(told.String(), hint) {
					t.Errorf("a message has the hint: %s", told.String())
				}
				if _, err := c.Members(t.Context(), groupID, graph.Selection{}); err != nil {
					t.Errorf("the next request: %v", err)
				}
			})
		})
	}
}
