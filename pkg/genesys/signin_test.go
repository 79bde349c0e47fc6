package genesys_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

func oneGroup(*http.Request) *http.Response { return reply(200, group("g1", "u1")) }

func read(t *testing.T, r *genesys.Reader) error {
	t.Helper()
	_, err := r.Group(t.Context(), "g1")
	return err
}

func TestSignIn(t *testing.T) {
	for scope, form := range map[string]string{"": "grant_type=client_credentials", "a b": "grant_type=client_credentials&scope=a+b"} {
		f := newFake(t, oneGroup)
		if err := read(t, genesys.NewReader(f.conn(func(o *genesys.Options) { o.Scope = scope }))); err != nil {
			t.Fatal(err)
		}
		req := f.logins[0]
		if got := req.Method + " " + req.URL.String(); got != "POST https://login.mypurecloud.ie/oauth/token" || f.forms[0] != form {
			t.Errorf("%s with %s, want %s", got, f.forms[0], form)
		}
		basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(clientID+":"+password))
		if req.Header.Get("Authorization") != basic || req.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("headers %v, want Basic and a form", req.Header)
		}
	}
}

func TestTheTokenIsKeptUntilThirtySecondsBeforeItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, oneGroup)
		f.login = func(int) *http.Response {
			return reply(200, map[string]any{"access_token": token, "expires_in": 300})
		}
		r := genesys.NewReader(f.conn())
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {269 * time.Second, 1}, {2 * time.Second, 2}} {
			time.Sleep(step.wait)
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if err := read(t, r); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if len(f.logins) != step.want {
				t.Errorf("after another %v: %d sign-ins, want %d", step.wait, len(f.logins), step.want)
			}
		}
	})
}

func TestA401SignsInOnceMore(t *testing.T) {
	f := newFake(t, nil)
	f.answer = func(req *http.Request) *http.Response {
		if len(f.asked) == 1 {
			return reply(401, `{"code":"credentials.expired"}`)
		}
		return oneGroup(req)
	}
	if err := read(t, genesys.NewReader(f.conn())); err != nil || len(f.logins) != 2 {
		t.Errorf("%d sign-ins, %v; want two", len(f.logins), err)
	}
}

func TestSignInThatFails(t *testing.T) {
	tests := []struct {
		name  string
		give  *http.Response
		cause membership.Cause
		words []string
		calls int
	}{
		{"400", reply(400, `{"error":"invalid_client","description":"client not found: `+clientID+`"}`), membership.Denied, []string{"bad credentials", clientID, "invalid_client", "client not found"}, 1},
		{"401", reply(401, `{"error":"invalid_client","error_description":"no `+password+`"}`), membership.Denied, []string{"bad credentials", "login.mypurecloud.ie"}, 1},
		{"a long text", reply(401, `{"error":"invalid_client","description":"authentication failed: `+strings.Repeat("a long word ", 20)+`"}`,
			"ININ-Correlation-Id: a06a0f2c-34c6-44de-9ef9-c498a902a2ef"), membership.Denied, []string{"bad credentials: 401 invalid_client: authentication failed", "… (ININ-Correlation-Id a06a0f2c"}, 1},
		{"a long text later", reply(503, strings.Repeat("a long word ", 20), "ININ-Correlation-Id: a06a0f2c-34c6-44de-9ef9-c498a902a2ef"), membership.Unavailable,
			[]string{"at login.mypurecloud.ie: 503 a long", "5 attempts, ININ-Correlation-Id a06a0f2c"}, 5},
		{"401 in HTML", reply(401, "<html>"), membership.Denied, []string{"bad credentials"}, 1},
		{"rate limit in the description", reply(400, `{"error":"invalid_request","description":"Rate limit exceeded; wait"}`, "Retry-After: 1"), membership.Unavailable, []string{"5 attempts"}, 5},
		{"rate limit in the error_description", reply(400, `{"error":"invalid_request","error_description":"rate limit exceeded; wait"}`), membership.Unavailable, []string{"5 attempts"}, 5},
		{"400 temporarily_unavailable", reply(400, `{"error":"temporarily_unavailable"}`), membership.Unavailable, []string{"5 attempts"}, 5},
		{"400 server_error", reply(400, `{"error":"server_error"}`), membership.Unavailable, []string{"5 attempts"}, 5},
		{"429", reply(429, ""), membership.Unavailable, nil, 5},
		{"503", reply(503, ""), membership.Unavailable, nil, 5},
		{"cut connection", nil, membership.Unavailable, nil, 5},
		{"no token", reply(200, `{"token_type":"bearer"}`), membership.Unavailable, []string{"no access_token"}, 1},
		{"HTML", reply(200, "<html>"), membership.Unavailable, nil, 1},
		{"404", reply(404, ""), membership.Unavailable, nil, 1},
		{"redirect", reply(307, "", "Location: https://evil.example/"), membership.Unavailable, []string{"evil.example"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, oneGroup)
				f.login = func(int) *http.Response { return tt.give }
				var told strings.Builder
				conn := f.conn(func(o *genesys.Options) {
					o.Trace.Exchange = func(e rest.Exchange) { told.WriteString(e.Body) }
				})
				err := read(t, genesys.NewReader(conn))
				wantCause(t, err, tt.cause, append(tt.words, "signing in to Genesys")...)
				_, text, _ := strings.Cut(err.Error(), "reading it: ")
				if line := "callroll: " + text; len([]rune(line)) >= 160 {
					t.Errorf("a line of %d columns: %s", len([]rune(line)), line)
				}
				if len(f.logins) != tt.calls || len(f.asked) != 0 {
					t.Errorf("%d sign-ins and %d requests, want %d and none", len(f.logins), len(f.asked), tt.calls)
				}
				if strings.Contains(told.String(), password) {
					t.Errorf("the secret is in the trace: %s", told.String())
				}
			})
		})
	}
}

// The vendor counts the requests of one token. The sign-in has its own limit.
func TestSignInAndRequestsSharePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, oneGroup)
		start := time.Now()
		r := genesys.NewReader(f.conn(func(o *genesys.Options) { o.RequestsPerMinute = 6 }))
		for range 6 {
			if err := read(t, r); err != nil {
				t.Fatal(err)
			}
		}
		if d := time.Since(start); d < time.Minute {
			t.Errorf("a sign-in and six requests took %v, want a minute at least", d)
		}
	})
}
