package idtoken

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// The variables of GitHub Actions (page "OpenID Connect reference") and of Azure Pipelines (page "Predefined variables").
const (
	githubURL      = "ACTIONS_ID_TOKEN_REQUEST_URL"
	githubToken    = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
	pipelinesURL   = "SYSTEM_OIDCREQUESTURI"
	pipelinesToken = "SYSTEM_ACCESSTOKEN"
	connectionID   = "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID" // set by tasks such as AzureCLI@2
)

// maxAnswer limits an answer with a token.
const maxAnswer = 1 << 20

const githubPermission = "give the job the permission id-token: write"

// GitHub returns the source that asks the runner of GitHub Actions for a token with an audience. env is the environment of the
// job. It returns an error if the job may not have ID tokens. o configures the requests, and needs no Base.
func GitHub(env map[string]string, audience string, o rest.Options) (Source, error) {
	if env[githubURL] == "" || env[githubToken] == "" {
		return nil, &Error{githubURL + " and " + githubToken + " are not set", githubPermission}
	}
	r, err := newRequester("GitHub Actions", githubURL, env[githubURL], secret.New(env[githubToken]), o)
	if err != nil {
		return nil, err
	}
	r.request.Method = http.MethodGet
	r.request.Query.Set("audience", audience)
	r.denied = githubPermission
	return r.token, nil
}

// AzureDevOps returns the source that asks an agent of Azure Pipelines for a token of a service connection (Azure DevOps REST
// API, "Oidctoken - Create"). connection is the id of the service connection; if it is empty, it comes from env, the
// environment of the step.
func AzureDevOps(env map[string]string, connection string, o rest.Options) (Source, error) {
	connection = cmp.Or(connection, env[connectionID])
	switch {
	case env[pipelinesURL] == "":
		return nil, &Error{pipelinesURL + " is not set", "run callroll in a step of Azure Pipelines"}
	case env[pipelinesToken] == "":
		return nil, &Error{pipelinesToken + " is not set",
			"give it to the step with env: {" + pipelinesToken + ": $(System.AccessToken)}"}
	case connection == "":
		return nil, &Error{"the id of the service connection is missing",
			"set entra.service_connection, or run callroll in a task that sets " + connectionID + ", such as AzureCLI@2"}
	}
	r, err := newRequester("Azure DevOps", pipelinesURL, env[pipelinesURL], secret.New(env[pipelinesToken]), o)
	if err != nil {
		return nil, err
	}
	r.request.Method = http.MethodPost
	r.request.Query.Set("api-version", "7.1")
	r.request.Query.Set("serviceConnectionId", connection)
	r.request.Header.Set("Content-Type", "application/json")
	r.request.Header.Set("X-TFS-FedAuthRedirect", "Suppress") // otherwise a refusal is a redirect to a page for people
	r.denied = "check " + pipelinesToken + ", and that the pipeline may use the service connection"
	return r.token, nil
}

// requester asks one host for tokens.
type requester struct {
	name    string
	denied  string // what to do if the host refuses
	client  *rest.Client
	request rest.Request
}

// newRequester returns a requester for the address in a variable. The token of the job is sent only to its host.
func newRequester(name, variable, address string, token secret.String, o rest.Options) (*requester, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("%s is not an https URL", variable)
	}
	o.Base, o.MaxBody, o.Redact = "https://"+u.Host, maxAnswer, cmp.Or(o.Redact, rest.NewRedactor())
	o.Redact.Add(token)
	client, err := rest.New(o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return &requester{name: name, client: client, request: rest.Request{
		Path: u.EscapedPath(), Query: u.Query(), Repeat: true,
		Header: http.Header{"Authorization": {"Bearer " + token.Reveal()}, "Accept": {"application/json"}},
	}}, nil
}

// token asks for a token. It is a [Source].
func (r *requester) token(ctx context.Context) (secret.String, error) {
	var answer struct {
		GitHub      string `json:"value"`
		AzureDevOps string `json:"oidcToken"`
	}
	_, err := r.client.Do(ctx, r.request, &answer)
	token := cmp.Or(answer.GitHub, answer.AzureDevOps)
	if err == nil && token == "" {
		err = errors.New("the answer has no token")
	}
	if err == nil {
		return secret.New(token), nil
	}
	err = fmt.Errorf("asking %s for an ID token: %w", r.name, err)
	if e, ok := errors.AsType[*rest.Error](err); ok && e.Kind == rest.Refused || rest.RefusedByProxy(err) {
		return secret.String{}, membership.FailFor(membership.Denied, err, r.denied)
	}
	return secret.String{}, membership.Fail(membership.Unavailable, err)
}
