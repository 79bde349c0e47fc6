package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ManagedIdentities are the identities of the machine that callroll runs on, if it runs in Azure.
type ManagedIdentities struct {
	System       *ManagedIdentity  `json:"system,omitempty"`
	UserAssigned []ManagedIdentity `json:"user_assigned,omitempty"`

	// IdentityHeader is the value of IDENTITY_HEADER in App Service and Container Apps.
	IdentityHeader string `json:"identity_header,omitempty"`
}

// ManagedIdentity is one identity. It has the roles of the tenant's application.
type ManagedIdentity struct {
	ClientID   string `json:"client_id"`
	ObjectID   string `json:"object_id"`
	ResourceID string `json:"resource_id,omitempty"` // a user-assigned identity has one: /subscriptions/…
}

const imdsPath = "/metadata/identity/oauth2/token"

// isAppService says whether a path is that of App Service and Container Apps, which differs in its letters between platforms.
func isAppService(path string) bool {
	return strings.EqualFold(strings.TrimSuffix(path, "/"), "/msi/token")
}

// machineMetadata answers the Instance Metadata Service of a virtual machine (Azure: how to use managed identities on a virtual
// machine to acquire an access token).
func (w *World) machineMetadata(c *request) *reply {
	query := c.url.Query()
	switch {
	case c.path() != imdsPath:
		return identityError(c, http.StatusNotFound, "not_found", "There is nothing at "+c.path()+".")
	case c.method != http.MethodGet:
		return identityError(c, http.StatusMethodNotAllowed, "bad_request", "Only GET is answered here.")
	case !strings.EqualFold(c.header.Get("Metadata"), "true"):
		return identityError(c, http.StatusBadRequest, "bad_request_102", "Required metadata header not specified")
	case c.header.Get("X-Forwarded-For") != "":
		return identityError(c, http.StatusBadRequest, "invalid_request", "A request with X-Forwarded-For is not answered.")
	case query.Get("api-version") == "":
		return identityError(c, http.StatusBadRequest, "bad_request", "Required query variable 'api-version' is missing")
	}
	identity, problem := w.entra.ManagedIdentities.find(query, "msi_res_id")
	if identity == nil {
		return identityError(c, http.StatusBadRequest, "invalid_request", problem)
	}
	return w.identityToken(c, *identity)
}

// appServiceIdentity answers the end point that IDENTITY_ENDPOINT names in App Service and Container Apps (App Service: how to
// use managed identities, REST endpoint reference).
func (w *World) appServiceIdentity(c *request) *reply {
	query, secret := c.url.Query(), w.entra.ManagedIdentities.IdentityHeader
	switch {
	case c.method != http.MethodGet:
		return identityError(c, http.StatusMethodNotAllowed, "", "Only GET is answered here.")
	case secret == "" || c.header.Get("X-IDENTITY-HEADER") != secret:
		return identityError(c, http.StatusUnauthorized, "", "The header X-IDENTITY-HEADER is not that of this app.")
	case query.Get("api-version") != "2019-08-01":
		return identityError(c, http.StatusBadRequest, "", "Unsupported api-version '"+query.Get("api-version")+"'.")
	}
	identity, _ := w.entra.ManagedIdentities.find(query, "mi_res_id")
	if identity == nil {
		return identityError(c, http.StatusBadRequest, "", "No User Assigned or Delegated Managed Identity found for specified "+
			"ClientId/ResourceId/PrincipalId.")
	}
	return w.identityToken(c, *identity)
}

// find returns the identity that a request is for, or nil and the problem. resourceID is the parameter for a resource id, which
// each service names differently. A request that names none is for the machine's own identity, or the only one.
func (m *ManagedIdentities) find(query url.Values, resourceID string) (*ManagedIdentity, string) {
	all := slices.Clone(m.UserAssigned)
	if m.System != nil {
		all = append(all, *m.System)
	}
	client, object, resource := query.Get("client_id"), query.Get("object_id"), query.Get(resourceID)
	switch named := len(slices.DeleteFunc([]string{client, object, resource}, func(s string) bool { return s == "" })); {
	case named > 1:
		return nil, "More than one of client_id, object_id and " + resourceID + " was given"
	case named == 0 && m.System != nil:
		return m.System, ""
	case named == 0 && len(all) == 1:
		return &all[0], ""
	case named == 0 && len(all) > 1:
		return nil, "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the " +
			"token request"
	}
	same := func(asked, has string) bool { return asked != "" && strings.EqualFold(asked, has) }
	i := slices.IndexFunc(all, func(one ManagedIdentity) bool {
		return same(client, one.ClientID) || same(object, one.ObjectID) || same(resource, one.ResourceID)
	})
	if i < 0 {
		return nil, "Identity not found"
	}
	return &all[i], ""
}

// identityToken answers with a token of an identity for the resource that the request names. The numbers are strings.
func (w *World) identityToken(c *request, identity ManagedIdentity) *reply {
	resource := c.url.Query().Get("resource")
	host, ok := w.resourceHost(c, resource)
	if !ok {
		return identityError(c, http.StatusBadRequest, "invalid_resource",
			"AADSTS500011: The resource principal named "+resource+" was not found in the tenant.")
	}
	life := time.Duration(tokenSeconds(w.entra.TokenSeconds)) * time.Second
	seconds, end := strconv.Itoa(int(life.Seconds())), strconv.FormatInt(time.Now().Add(life).Unix(), 10)
	body := map[string]any{
		"access_token": w.issueEntra(entraOrigin, identity.ClientID, host, life),
		"client_id":    identity.ClientID, "expires_on": end, "resource": resource, "token_type": "Bearer",
	}
	if c.service == imds {
		body["expires_in"], body["ext_expires_in"] = seconds, seconds
		body["not_before"] = strconv.FormatInt(time.Now().Unix(), 10)
	}
	return jsonReply(http.StatusOK, "application/json; charset=utf-8", body)
}

// entraOrigin issues the tokens of managed identities, which are asked for elsewhere.
const entraOrigin = "https://login.microsoftonline.com"

// resourceHost returns the host of a resource such as https://graph.microsoft.com, which must be that of Graph in some cloud. On
// sockets Graph may have any address.
func (w *World) resourceHost(c *request, resource string) (string, bool) {
	u, err := url.Parse(strings.TrimSuffix(resource, "/"))
	if err != nil || u.Scheme != "https" || u.Host == "" || u.Path != "" {
		return "", false
	}
	return u.Host, c.sockets || isGraphHost(u.Host)
}

// identityError returns an error in the shape of the end point: App Service has a message, and the metadata service an OAuth
// error.
func identityError(c *request, status int, name, message string) *reply {
	if c.service == appService {
		return jsonReply(status, "application/json; charset=utf-8", map[string]any{
			"statusCode": status, "message": message, "correlationId": c.id,
		})
	}
	return jsonReply(status, "application/json; charset=utf-8", map[string]any{"error": name, "error_description": message})
}
