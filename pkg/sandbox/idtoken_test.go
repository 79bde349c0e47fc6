package sandbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/golang-jwt/jwt/v5"

	"github.com/callroll/callroll/pkg/sandbox"
)

const (
	githubURL  = "https://pipelines.actions.githubusercontent.com/x/_apis/distributedtask/hubs/Actions/plans/1/jobs/2/idtoken?api-version=2.0"
	devOpsURL  = "https://dev.azure.com/fabrikam/1/_apis/distributedtask/hubs/build/plans/2/jobs/3/oidctoken"
	repository = "repo:fabrikam/callroll:ref:refs/heads/main"
	connection = "sc://fabrikam/callroll/entra"

	githubBearer = "Authorization: Bearer github-request-token"
	devOpsBearer = "Authorization: Bearer devops-request-token"
	noRedirect   = "X-TFS-FedAuthRedirect: Suppress"
)

// pipelines returns a World with GitHub Actions and Azure DevOps, whose tokens the application may use.
func pipelines(t *testing.T) *sandbox.World {
	t.Helper()
	const github, devOps = "https://token.actions.githubusercontent.com", "https://vstoken.dev.azure.com/1"
	e, key := smallEntra(), keyText(t, rsaKeys()[0])
	e.ClientSecret = ""
	e.Issuers = []sandbox.Issuer{
		{Issuer: cluster, Key: key},
		{Issuer: github, Key: key, Subject: repository, RequestToken: "github-request-token"},
		{Issuer: devOps, Key: key, Subject: connection, RequestToken: "devops-request-token", ServiceConnectionID: id(95)},
	}
	e.FederatedCredentials = []sandbox.FederatedCredential{
		{Name: "github", Issuer: github, Subject: repository, Audience: tokenExchange},
		{Name: "devops", Issuer: devOps, Subject: connection, Audience: tokenExchange},
	}
	return sandbox.New(e, smallGenesys())
}

func TestMSALSignsInFromPipelines(t *testing.T) {
	for name, ask := range map[string]func(*sandbox.World) string{
		"github": func(w *sandbox.World) string {
			a := get(t, w, githubURL+"&audience=api%3A%2F%2FAzureADTokenExchange", githubBearer)
			if a.at("count") != float64(len(a.at("value").(string))) {
				t.Errorf("count %v of %s", a.at("count"), a.at("value"))
			}
			return a.at("value").(string)
		},
		"azure devops": func(w *sandbox.World) string {
			a := ask(t, w, "POST", devOpsURL+"?api-version=7.1&serviceConnectionId="+id(95), "", devOpsBearer, noRedirect)
			return a.at("oidcToken").(string)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := pipelines(t)
			cred := confidential.NewCredFromAssertionCallback(
				func(context.Context, confidential.AssertionRequestOptions) (string, error) { return ask(w), nil })
			token, err := msalSignIn(t, w, cred)
			if err != nil {
				t.Fatal(err)
			}
			if a := get(t, w, graphHost+"/v1.0/groups", "Authorization: Bearer "+token); a.status != 200 {
				t.Errorf("GET groups: %d %s", a.status, a.text)
			}
		})
	}
}

func TestPipelineTokenIsRefused(t *testing.T) {
	const github, devOps = githubURL + "&audience=x", devOpsURL + "?api-version=7.1&serviceConnectionId="
	for _, c := range []struct {
		name, method, url string
		headers           []string
		status            int
	}{
		{"github: no token", "GET", github, nil, 401},
		{"github: empty token", "GET", github, []string{"Authorization: Bearer "}, 401},
		{"github: other token", "GET", github, []string{"Authorization: Bearer x"}, 401},
		{"github: token of azure devops", "GET", github, []string{devOpsBearer}, 401},
		{"github: basic", "GET", github, []string{"Authorization: Basic github-request-token"}, 401},
		{"github: POST", "POST", github, []string{githubBearer}, 405},
		{"github: second question mark", "GET", githubURL + "?audience=x", []string{githubBearer}, 400},
		{"azure devops: other token", "POST", devOps + id(95), []string{"Authorization: Bearer x", noRedirect}, 401},
		{"azure devops: other token, for people", "POST", devOps + id(95), []string{"Authorization: Bearer x"}, 302},
		{"azure devops: token of github", "POST", devOps + id(95), []string{githubBearer, noRedirect}, 401},
		{"azure devops: GET", "GET", devOps + id(95), []string{devOpsBearer}, 405},
		{"azure devops: other connection", "POST", devOps + id(96), []string{devOpsBearer}, 404},
		{"azure devops: no connection", "POST", devOps, []string{devOpsBearer}, 404},
		{"azure devops: no version", "POST", devOpsURL + "?serviceConnectionId=" + id(95), []string{devOpsBearer}, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, pipelines(t), c.method, c.url, "", c.headers...)
			if a.status != c.status || strings.Contains(a.text, "eyJ") || strings.Contains(a.text, "request-token") {
				t.Errorf("%d %s, want %d", a.status, a.text, c.status)
			}
			if location := a.header.Get("Location"); (location != "") != (c.status == http.StatusFound) {
				t.Errorf("location %q", location)
			}
		})
	}
}

func TestGitHubTokenHasAnAudience(t *testing.T) {
	for query, want := range map[string]string{"": "https://github.com/fabrikam", "&audience=a%26b": "a&b"} {
		a := get(t, pipelines(t), githubURL+query, githubBearer)
		var claims jwt.RegisteredClaims
		if _, _, err := jwt.NewParser().ParseUnverified(a.at("value").(string), &claims); err != nil {
			t.Fatal(err)
		}
		if len(claims.Audience) != 1 || claims.Audience[0] != want || claims.Subject != repository {
			t.Errorf("audience %q, subject %s, want %s", claims.Audience, claims.Subject, want)
		}
	}
}
