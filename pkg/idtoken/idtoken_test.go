package idtoken_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/idtoken"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

func jwt(claims string) secret.String {
	encode := base64.RawURLEncoding.EncodeToString
	return secret.New(encode([]byte(`{}`)) + "." + encode([]byte(claims)) + ".c2ln")
}

func TestClaimsOf(t *testing.T) {
	for _, test := range []struct {
		token secret.String
		want  idtoken.Claims
		ok    bool
	}{
		{jwt(`{"iss":"i","sub":"s","aud":"a"}`), idtoken.Claims{Issuer: "i", Subject: "s", Audience: []string{"a"}}, true},
		{jwt(`{"iss":"i","sub":"s","aud":["a","b"]}`), idtoken.Claims{Issuer: "i", Subject: "s", Audience: []string{"a", "b"}}, true},
		{jwt(`{"aud":1}`), idtoken.Claims{}, false},
		{jwt(`[]`), idtoken.Claims{}, false},
		{secret.New("a.b"), idtoken.Claims{}, false},
		{secret.New("a.%.c"), idtoken.Claims{}, false},
		{secret.String{}, idtoken.Claims{}, false},
	} {
		if got, ok := idtoken.ClaimsOf(test.token); ok != test.ok || !cmp.Equal(got, test.want) {
			t.Errorf("ClaimsOf(%s): %v, %t; want %v", test.token.Reveal(), got, ok, test.want)
		}
	}
}

// A file is read at each sign-in.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	source := idtoken.File(path)
	if _, err := source(t.Context()); membership.CauseOf(err) != membership.Unavailable {
		t.Errorf("no file: %v", err)
	}
	for _, content := range []string{"first\n", "second\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if token, err := source(t.Context()); err != nil || token.Reveal()+"\n" != content {
			t.Errorf("%q, %v; want %q", token.Reveal(), err, content)
		}
	}
}

type transport func(*http.Request) *http.Response

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp := f(req)
	resp.Request = req
	return resp, nil
}

func options(t *testing.T, answer transport) rest.Options {
	t.Helper()
	h, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: answer})
	if err != nil {
		t.Fatal(err)
	}
	return rest.Options{HTTP: h, Retry: rest.Retry{Attempts: 1}}
}

// The runners of GitHub and the agents of Azure DevOps are asked as their pages say, each time, and their refusals say what to
// do without showing the token of the job.
func TestPipelines(t *testing.T) {
	const job = "the-Token-of-The-job-4711"
	github := map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": "https://run.actions.githubusercontent.com/a/idtoken?api-version=2.0", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": job}
	azure := map[string]string{"SYSTEM_OIDCREQUESTURI": "https://dev.azure.com/c/_apis/oidctoken", "SYSTEM_ACCESSTOKEN": job}
	for _, test := range []struct {
		name    string
		source  func(rest.Options) (idtoken.Source, error)
		request string
		answer  string
		denied  string
	}{
		{"GitHub", func(o rest.Options) (idtoken.Source, error) {
			return idtoken.GitHub(github, "api://AzureADTokenExchange", o)
		},
			"GET https://run.actions.githubusercontent.com/a/idtoken?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange", `{"count":9,"value":"the-id-token"}`, "id-token: write"},
		{"Azure DevOps", func(o rest.Options) (idtoken.Source, error) { return idtoken.AzureDevOps(azure, "4711", o) },
			"POST https://dev.azure.com/c/_apis/oidctoken?api-version=7.1&serviceConnectionId=4711", `{"oidcToken":"the-id-token"}`, "service connection"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body, asked := 200, test.answer, 0
			source, err := test.source(options(t, func(req *http.Request) *http.Response {
				asked++
				if got := req.Method + " " + req.URL.String(); got != test.request || req.Header.Get("Authorization") != "Bearer "+job {
					t.Errorf("asked %s with %q", got, req.Header.Get("Authorization"))
				}
				return &http.Response{StatusCode: status, Header: http.Header{}, Body: bodyOf(body)}
			}))
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if token, err := source(t.Context()); err != nil || token.Reveal() != "the-id-token" {
					t.Errorf("%q, %v", token.Reveal(), err)
				}
			}
			if asked != 2 {
				t.Errorf("asked %d times for two sign-ins", asked)
			}
			for _, refusal := range []struct {
				status int
				body   string
				cause  membership.Cause
			}{
				{401, "no " + job, membership.Denied}, {403, "", membership.Denied}, {302, "", membership.Unavailable},
				{203, "<html>sign in</html>", membership.Unavailable}, {200, "{}", membership.Unavailable}, {500, "", membership.Unavailable},
			} {
				status, body = refusal.status, refusal.body
				_, err := source(t.Context())
				if membership.CauseOf(err) != refusal.cause || !strings.Contains(err.Error(), test.name) || strings.Contains(err.Error(), job) {
					t.Errorf("%d: %v, want %s", status, err, refusal.cause)
				}
				if refusal.cause == membership.Denied && !strings.Contains(membership.HintOf(err), test.denied) {
					t.Errorf("%d: hint %q, want %q in it", status, membership.HintOf(err), test.denied)
				}
			}
		})
	}
}

func bodyOf(text string) *stringBody { return &stringBody{strings.NewReader(text)} }

type stringBody struct{ *strings.Reader }

func (*stringBody) Close() error { return nil }

// What is missing is found before anything is sent.
func TestPipelinesWithoutEnvironment(t *testing.T) {
	o := options(t, func(req *http.Request) *http.Response {
		t.Errorf("asked %s", req.URL)
		return &http.Response{StatusCode: 500, Body: http.NoBody}
	})
	github := func(env map[string]string) error { _, err := idtoken.GitHub(env, "a", o); return err }
	azure := func(connection string, env map[string]string) error {
		_, err := idtoken.AzureDevOps(env, connection, o)
		return err
	}
	const url = "https://x.example/y"
	for name, err := range map[string]error{
		"REQUEST_URL and ":          github(nil),
		"REQUEST_TOKEN are not":     github(map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": url}),
		"not an https URL":          github(map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": "http://x.example", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"}),
		"OIDCREQUESTURI is not set": azure("1", nil),
		"ACCESSTOKEN is not set":    azure("1", map[string]string{"SYSTEM_OIDCREQUESTURI": url}),
		"id of the service":         azure("", map[string]string{"SYSTEM_OIDCREQUESTURI": url, "SYSTEM_ACCESSTOKEN": "t"}),
		"OIDCREQUESTURI is not an":  azure("1", map[string]string{"SYSTEM_OIDCREQUESTURI": "https://", "SYSTEM_ACCESSTOKEN": "t"}),
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want %q in it", err, name)
		}
		if missing, ok := errors.AsType[*idtoken.Error](err); ok && missing.Hint() == "" {
			t.Errorf("%v has no hint", err)
		}
	}
	if err := azure("", map[string]string{"SYSTEM_OIDCREQUESTURI": url, "SYSTEM_ACCESSTOKEN": "t", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "1"}); err != nil {
		t.Errorf("the connection of the task: %v", err)
	}
	if file, err := idtoken.Kubernetes(map[string]string{"AZURE_FEDERATED_TOKEN_FILE": "/t"}); file != "/t" || err != nil {
		t.Errorf("Kubernetes: %q, %v", file, err)
	}
	if _, err := idtoken.Kubernetes(nil); err == nil {
		t.Error("a pod without a token file is accepted")
	}
}
