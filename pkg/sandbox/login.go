package sandbox

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// entraLogin answers Entra's sign-in: OpenID configuration, instance discovery, and the token endpoint for client
// credentials (Microsoft identity platform: OAuth 2.0 client credentials flow).
func (w *World) entraLogin(c *request) *reply {
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(c.url.Path, "/"), "/")
	endpoint := c.method + " " + rest
	switch {
	case tenant == "common" && endpoint == "GET discovery/instance":
		return w.discovery(c)
	case endpoint != "GET v2.0/.well-known/openid-configuration" && endpoint != "POST oauth2/v2.0/token":
		return entraError(c, http.StatusNotFound, "invalid_request", 900144, "There is nothing at "+c.path()+".")
	case !strings.EqualFold(tenant, w.entra.TenantID) && !strings.EqualFold(tenant, w.entra.Domain):
		return entraError(c, http.StatusBadRequest, "invalid_tenant", 90002, fmt.Sprintf("Tenant '%s' not found.", tenant))
	case c.method == http.MethodGet:
		return w.openID(c)
	}
	return w.entraToken(c)
}

// discovery answers the instance discovery of MSAL, which says where the tenant of an authority is described.
func (w *World) discovery(c *request) *reply {
	authority, err := url.Parse(c.url.Query().Get("authorization_endpoint"))
	if err != nil || (graphHosts()[authority.Host] == nil && authority.Host != c.address) {
		return entraError(c, http.StatusBadRequest, "invalid_instance", 50049, "Unknown or invalid instance.")
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(authority.Path, "/"), "/")
	return jsonReply(http.StatusOK, "application/json; charset=utf-8", map[string]any{
		"api-version":               "1.1",
		"tenant_discovery_endpoint": "https://" + authority.Host + "/" + tenant + "/v2.0/.well-known/openid-configuration",
		"metadata": []any{map[string]any{
			"preferred_network": authority.Host,
			"preferred_cache":   authority.Host,
			"aliases":           []string{authority.Host},
		}},
	})
}

func (w *World) openID(c *request) *reply {
	tenant := c.origin + "/" + w.entra.TenantID
	return jsonReply(http.StatusOK, "application/json; charset=utf-8", map[string]any{
		"issuer":                                tenant + "/v2.0",
		"authorization_endpoint":                tenant + "/oauth2/v2.0/authorize",
		"token_endpoint":                        tenant + "/oauth2/v2.0/token",
		"jwks_uri":                              tenant + "/discovery/v2.0/keys",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"response_types_supported":              []string{"code", "id_token", "code id_token", "id_token token"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"subject_types_supported":               []string{"pairwise"},
	})
}

func (w *World) entraToken(c *request) *reply {
	form, ok := c.form()
	switch {
	case !ok:
		return entraError(c, http.StatusBadRequest, "invalid_request", 900144, "The request body must be a form.")
	case form.Get("grant_type") != "client_credentials":
		return entraError(c, http.StatusBadRequest, "unsupported_grant_type", 70003, "The grant type is not supported here.")
	case form.Get("client_id") != w.entra.ClientID:
		return entraError(c, http.StatusBadRequest, "unauthorized_client", 700016,
			fmt.Sprintf("Application with identifier '%s' was not found in the directory.", form.Get("client_id")))
	}
	if r := w.authenticate(c, form); r != nil {
		return r
	}
	host, r := w.audience(c, form.Get("scope"))
	if r != nil {
		return r
	}
	seconds := tokenSeconds(w.entra.TokenSeconds)
	return jsonReply(http.StatusOK, "application/json; charset=utf-8", map[string]any{
		"token_type":     "Bearer",
		"expires_in":     seconds,
		"ext_expires_in": seconds,
		"access_token":   w.issueEntra(c.origin, w.entra.ClientID, host, time.Duration(seconds)*time.Second),
	})
}

// audience returns the host in a scope such as https://graph.microsoft.com/.default. MSAL adds the scopes of OpenID, which
// have no effect for an application. On sockets Graph may have any address.
func (w *World) audience(c *request, scope string) (string, *reply) {
	resources := slices.DeleteFunc(strings.Fields(scope), func(one string) bool {
		return slices.Contains([]string{"openid", "offline_access", "profile"}, one)
	})
	resource, ok := strings.CutSuffix(strings.Join(resources, " "), "/.default") // two resources are not a valid URL
	u, err := url.Parse(resource)
	if !ok || err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" {
		return "", entraError(c, http.StatusBadRequest, "invalid_scope", 1002012,
			fmt.Sprintf("The provided value for scope %s is not valid. "+
				"Client credential flows must have a scope value with /.default suffixed to the resource identifier.", scope))
	}
	if !c.sockets && !slices.Contains(graphHosts()[c.host], u.Host) {
		return "", entraError(c, http.StatusBadRequest, "invalid_resource", 500011,
			fmt.Sprintf("The resource principal named %s was not found in the tenant.", resource))
	}
	return u.Host, nil
}

// issueEntra returns a token for a client, in the form of a JWT. Its claims can be read, and its signature is random.
func (w *World) issueEntra(origin, client, host string, life time.Duration) string {
	now := time.Now()
	roles := slices.Clone(w.entra.Roles)
	claims, _ := json.Marshal(map[string]any{ // never fails for strings and numbers
		"aud":   "https://" + host,
		"iss":   origin + "/" + w.entra.TenantID + "/",
		"iat":   now.Unix(),
		"nbf":   now.Unix(),
		"exp":   now.Add(life).Unix(),
		"appid": client,
		"tid":   w.entra.TenantID,
		"roles": roles,
		"idtyp": "app",
		"uti":   uuid.NewString(),
		"ver":   "1.0",
	})
	signature := make([]byte, 64)
	_, _ = rand.Read(signature) // never fails
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(`{"typ":"JWT","alg":"RS256"}`)) + "." + encode(claims) + "." + encode(signature)
	w.storeToken(token, grant{service: graphAPI, host: host, roles: roles, expires: now.Add(life)})
	return token
}

// genesysLogin answers POST /oauth/token on the sign-in host.
func (w *World) genesysLogin(c *request) *reply {
	form, ok := c.form()
	id, secret, _ := (&http.Request{Header: c.header}).BasicAuth()
	switch {
	case c.path() != "/oauth/token":
		return genesysLoginError(http.StatusNotFound, "invalid_request", "there is nothing at "+c.path())
	case c.method != http.MethodPost:
		return genesysLoginError(http.StatusMethodNotAllowed, "invalid_request", "only POST is answered here")
	case !ok:
		return genesysLoginError(http.StatusBadRequest, "invalid_request", "the body is not a form")
	case form.Get("grant_type") != "client_credentials":
		return genesysLoginError(http.StatusBadRequest, "unsupported_grant_type", "grant_type is not client_credentials")
	case id != w.genesys.ClientID || secret != w.genesys.ClientSecret:
		return genesysLoginError(http.StatusBadRequest, "invalid_client", "authentication failed")
	}
	seconds := tokenSeconds(w.genesys.TokenSeconds)
	token := rand.Text() + rand.Text()
	w.storeToken(token, grant{service: genesysAPI, expires: time.Now().Add(time.Duration(seconds) * time.Second)})
	return jsonReply(http.StatusOK, "application/json", map[string]any{
		"access_token": token, "token_type": "bearer", "expires_in": seconds,
	})
}

// form parses the body of a token request.
func (c *request) form() (url.Values, bool) {
	kind, _, _ := mime.ParseMediaType(c.header.Get("Content-Type"))
	form, err := url.ParseQuery(string(c.body))
	return form, err == nil && kind == "application/x-www-form-urlencoded"
}

// bearer returns the grant of a request's token, or the answer to a request whose token is not accepted.
func (w *World) bearer(c *request) (grant, *reply) {
	kind, token, _ := strings.Cut(c.header.Get("Authorization"), " ")
	g, ok := w.tokens[token]
	switch {
	case token == "" || !strings.EqualFold(kind, "Bearer"):
		return g, unauthorized(c, "Access token is empty.",
			"authentication.required", "No authentication bearer token specified in authorization header.")
	case !ok || g.service != c.service || (g.host != "" && g.host != c.address):
		return g, unauthorized(c, "Access token validation failure. Invalid audience.",
			"bad.credentials", "Invalid login credentials.")
	case !time.Now().Before(g.expires):
		return g, unauthorized(c, "Lifetime validation failed, the token is expired.",
			"credentials.expired", "The supplied credentials have expired.")
	}
	return g, nil
}

// unauthorized answers with the text of Graph, or with the code and the text of Genesys.
func unauthorized(c *request, graphText, genesysCode, genesysText string) *reply {
	if c.service == graphAPI {
		return graphError(c, http.StatusUnauthorized, "InvalidAuthenticationToken", graphText)
	}
	return genesysError(c, http.StatusUnauthorized, genesysCode, genesysText)
}
