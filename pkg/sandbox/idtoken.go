package sandbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The lifetimes of the tokens that GitHub and Azure DevOps issue.
const (
	githubTokenLife = 5 * time.Minute
	devOpsTokenLife = 10 * time.Minute
)

// githubToken answers the end point that ACTIONS_ID_TOKEN_REQUEST_URL names in a job of GitHub Actions (GitHub: OpenID Connect
// reference). Without an audience, a token has the one of the repository's owner.
func (w *World) githubToken(c *request) *reply {
	query := c.url.Query()
	issuer := w.issuerFor(c, func(i Issuer) bool { return i.ServiceConnectionID == "" })
	switch {
	case c.method != http.MethodGet:
		return messageReply(http.StatusMethodNotAllowed, "The requested resource does not support http method '"+c.method+"'.")
	case issuer == nil:
		return messageReply(http.StatusUnauthorized, "The request token is not valid.")
	case query.Get("api-version") != "2.0":
		return messageReply(http.StatusBadRequest, "The api-version is not supported: '"+query.Get("api-version")+"'.")
	}
	audience := query.Get("audience")
	if audience == "" {
		owner, _, _ := strings.Cut(strings.TrimPrefix(issuer.Subject, "repo:"), "/")
		audience = "https://github.com/" + owner
	}
	token, err := issuer.issue(issuer.Subject, audience, githubTokenLife)
	if err != nil {
		return messageReply(http.StatusInternalServerError, err.Error())
	}
	return jsonReply(http.StatusOK, "application/json; charset=utf-8", map[string]any{"count": len(token), "value": token})
}

// devOpsToken answers the end point that SYSTEM_OIDCREQUESTURI names in a job of Azure Pipelines (Azure DevOps REST API:
// Oidctoken - Create). A token is for the service connection that the request names.
func (w *World) devOpsToken(c *request) *reply {
	connection := c.url.Query().Get("serviceConnectionId")
	known := func(i Issuer) bool { return i.ServiceConnectionID != "" }
	switch {
	case w.issuerFor(c, known) == nil:
		return devOpsSignIn(c)
	case c.method != http.MethodPost:
		return messageReply(http.StatusMethodNotAllowed, "The requested resource does not support http method '"+c.method+"'.")
	case c.url.Query().Get("api-version") == "":
		return messageReply(http.StatusBadRequest, `No api-version was supplied for the "POST" request. The version must be `+
			`supplied either as part of the Accept header (e.g. "application/json; api-version=1.0") or as a query parameter.`)
	}
	issuer := w.issuerFor(c, func(i Issuer) bool { return known(i) && strings.EqualFold(i.ServiceConnectionID, connection) })
	if issuer == nil {
		return messageReply(http.StatusNotFound, "The service connection "+connection+" does not exist, or the pipeline may "+
			"not use it.")
	}
	token, err := issuer.issue(issuer.Subject, "api://AzureADTokenExchange", devOpsTokenLife)
	if err != nil {
		return messageReply(http.StatusInternalServerError, err.Error())
	}
	return jsonReply(http.StatusOK, "application/json; charset=utf-8", map[string]any{"oidcToken": token})
}

// devOpsSignIn answers a request without a valid token. Azure DevOps sends it to a page for people, unless a header forbids it.
func devOpsSignIn(c *request) *reply {
	if strings.EqualFold(c.header.Get("X-TFS-FedAuthRedirect"), "Suppress") {
		return messageReply(http.StatusUnauthorized, "TF400813: The user is not authorized to access this resource.")
	}
	const page = "https://spsprodweu1.vssps.visualstudio.com/_signin?realm=dev.azure.com"
	body := `<html><body><h2>Object moved to <a href="` + page + `">here</a>.</h2></body></html>`
	header := http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Location": {page}}
	return &reply{status: http.StatusFound, header: header, body: []byte(body)}
}

// issuerFor returns the issuer that the bearer token of a request may ask for tokens, or nil.
func (w *World) issuerFor(c *request, fits func(Issuer) bool) *Issuer {
	kind, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || token == "" {
		return nil
	}
	i := slices.IndexFunc(w.entra.Issuers, func(i Issuer) bool { return i.RequestToken == token && fits(i) })
	if i < 0 {
		return nil
	}
	return &w.entra.Issuers[i]
}

// messageReply returns an error in the shape that GitHub's runners and Azure DevOps use.
func messageReply(status int, message string) *reply {
	return jsonReply(status, "application/json; charset=utf-8", map[string]any{"message": message})
}
