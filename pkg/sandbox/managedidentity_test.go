package sandbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
	"github.com/golang-jwt/jwt/v5"

	"github.com/callroll/callroll/pkg/sandbox"
)

const (
	imdsURL       = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + graphHost
	appServiceURL = "http://localhost:12356/msi/token?api-version=2019-08-01&resource=" + graphHost
	identityPath  = "/subscriptions/1/resourcegroups/callroll/providers/Microsoft.ManagedIdentity/userAssignedIdentities/callroll"

	metadata       = "Metadata: true"
	identityHeader = "X-IDENTITY-HEADER: identity-header"
)

// identities has a system-assigned identity with client id 80, and user-assigned ones with client ids 82 and 84.
func identities() sandbox.ManagedIdentities {
	return sandbox.ManagedIdentities{
		System: &sandbox.ManagedIdentity{ClientID: id(80), ObjectID: id(81)},
		UserAssigned: []sandbox.ManagedIdentity{
			{ClientID: id(82), ObjectID: id(83), ResourceID: identityPath},
			{ClientID: id(84), ObjectID: id(85), ResourceID: identityPath + "2"},
		},
		IdentityHeader: "identity-header",
	}
}

func machine(m sandbox.ManagedIdentities) *sandbox.World {
	e := smallEntra()
	e.ClientSecret, e.ManagedIdentities = "", m
	return sandbox.New(e, smallGenesys())
}

func TestMSALSignsInWithManagedIdentity(t *testing.T) {
	for _, endpoint := range []string{"", "http://localhost:12356/msi/token", "http://169.254.129.3:8081/msi/token", "http://127.0.0.1:41155/MSI/token/"} {
		for _, c := range []struct {
			id     managedidentity.ID
			client string
		}{
			{managedidentity.SystemAssigned(), id(80)},
			{managedidentity.UserAssignedClientID(id(82)), id(82)},
			{managedidentity.UserAssignedObjectID(id(83)), id(82)},
			{managedidentity.UserAssignedResourceID(identityPath), id(82)},
		} {
			w := machine(identities())
			setIdentityEndpoint(t, endpoint)
			client, err := managedidentity.New(c.id, managedidentity.WithHTTPClient(&http.Client{Transport: w}))
			if err != nil {
				t.Fatal(err)
			}
			// MSAL keeps the tokens of all clients in one cache. It does not look there if it is given claims.
			result, err := client.AcquireToken(context.Background(), graphHost, managedidentity.WithClaims("{}"))
			if err != nil {
				t.Fatalf("%s %v: %v", endpoint, c.id, err)
			}
			var claims jwt.MapClaims
			if _, _, err := jwt.NewParser().ParseUnverified(result.AccessToken, &claims); err != nil || claims["appid"] != c.client {
				t.Errorf("%s %v: token of %v (%v), want %s", endpoint, c.id, claims["appid"], err, c.client)
			}
			if left := time.Until(result.ExpiresOn); left < 59*time.Minute || left > time.Hour {
				t.Errorf("%s %v: the token ends in %s", endpoint, c.id, left)
			}
			if a := get(t, w, graphHost+"/v1.0/groups", "Authorization: Bearer "+result.AccessToken); a.status != 200 {
				t.Errorf("%s %v: GET groups: %d %s", endpoint, c.id, a.status, a.text)
			}
		}
	}
}

// setIdentityEndpoint sets what MSAL reads of the environment, for App Service if there is an end point.
func setIdentityEndpoint(t *testing.T, endpoint string) {
	t.Helper()
	for _, name := range []string{"IDENTITY_SERVER_THUMBPRINT", "MSI_ENDPOINT", "MSI_SECRET", "IMDS_ENDPOINT", "IDENTITY_HEADER"} {
		t.Setenv(name, "")
	}
	t.Setenv("IDENTITY_ENDPOINT", endpoint)
	if endpoint != "" {
		t.Setenv("IDENTITY_HEADER", "identity-header")
	}
}

func TestManagedIdentityIsRefused(t *testing.T) {
	none, single, two := sandbox.ManagedIdentities{}, identities(), identities()
	single.System, single.UserAssigned = nil, single.UserAssigned[:1]
	two.System = nil
	for _, c := range []struct {
		name, url string
		headers   []string
		have      sandbox.ManagedIdentities
		status    int
		text      string
	}{
		{"good", imdsURL, []string{metadata}, identities(), 200, `"client_id":"` + id(80)},
		{"only one, not named", imdsURL, []string{metadata}, single, 200, `"client_id":"` + id(82)},
		{"resource with a slash", imdsURL + "/", []string{metadata}, identities(), 200, `"token_type":"Bearer"`},
		{"no header", imdsURL, nil, identities(), 400, "Required metadata header"},
		{"through a proxy", imdsURL, []string{metadata, "X-Forwarded-For: 1.2.3.4"}, identities(), 400, "X-Forwarded-For"},
		{"no version", strings.Replace(imdsURL, "api-version", "x", 1), []string{metadata}, identities(), 400, "api-version"},
		{"other path", "http://169.254.169.254/metadata/instance", []string{metadata}, identities(), 404, "nothing at"},
		{"none", imdsURL, []string{metadata}, none, 400, `"invalid_request","error_description":"Identity not found"`},
		{"two, not named", imdsURL, []string{metadata}, two, 400, "Multiple user assigned identities exist"},
		{"unknown client", imdsURL + "&client_id=" + id(70), []string{metadata}, identities(), 400, "Identity not found"},
		{"parameter of App Service", imdsURL + "&mi_res_id=" + identityPath + "&client_id=" + id(70), []string{metadata}, single,
			400, "Identity not found"},
		{"two named", imdsURL + "&client_id=" + id(82) + "&object_id=" + id(83), []string{metadata}, identities(), 400, "More than one"},
		{"other resource", imdsURL + ".example", []string{metadata}, identities(), 400, "AADSTS500011"},
		{"other service", strings.Replace(imdsURL, "graph", "vault", 1), []string{metadata}, identities(), 400, "AADSTS500011"},
		{"App Service", appServiceURL, []string{identityHeader}, identities(), 200, `"client_id":"` + id(80)},
		{"App Service: no header", appServiceURL, []string{metadata}, identities(), 401, `"statusCode":401`},
		{"App Service: other header", appServiceURL, []string{"X-IDENTITY-HEADER: x"}, identities(), 401, "not that of this app"},
		{"App Service: none", appServiceURL, []string{"X-IDENTITY-HEADER: "}, none, 401, "not that of this app"},
		{"App Service: version", strings.Replace(appServiceURL, "2019-08-01", "2017-09-01", 1), []string{identityHeader},
			identities(), 400, "Unsupported api-version"},
		{"App Service: unknown", appServiceURL + "&client_id=" + id(70), []string{identityHeader}, identities(), 400,
			"No User Assigned or Delegated Managed Identity found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := get(t, machine(c.have), c.url, c.headers...)
			if a.status != c.status || !strings.Contains(a.text, c.text) || (c.status != 200 && strings.Contains(a.text, "eyJ")) {
				t.Errorf("%d %s, want %d and %s", a.status, a.text, c.status, c.text)
			}
		})
	}
}

// IMDS and App Service send numbers as strings, and App Service sends no expires_in.
func TestManagedIdentityTokenHasItsEnd(t *testing.T) {
	w := machine(identities())
	for _, a := range []answer{get(t, w, imdsURL, metadata), get(t, w, appServiceURL, identityHeader)} {
		text, _ := a.at("expires_on").(string)
		end, err := strconv.ParseInt(text, 10, 64)
		if left := time.Until(time.Unix(end, 0)); err != nil || left < 59*time.Minute || left > time.Hour {
			t.Errorf("expires_on %q: %v", text, err)
		}
	}
	if in := get(t, w, appServiceURL, identityHeader).at("expires_in"); in != nil {
		t.Errorf("App Service sent expires_in %v", in)
	}
}

func TestOnlyManagedIdentitiesAreOnHTTP(t *testing.T) {
	for _, target := range []string{
		"http://login.microsoftonline.com/msi/token", "http://203.0.113.1/msi/token", "http://localhost/v1.0/groups",
		"http://dev.azure.com/1/oidctoken", "ftp://169.254.169.254/metadata/identity/oauth2/token", "https://169.254.169.254/x",
	} {
		if a, err := send(machine(identities()), "GET", target, "", metadata, identityHeader); err == nil {
			t.Errorf("GET %s: %d %s", target, a.status, a.text)
		}
	}
}

// On a socket, the path selects the service.
func TestCredentialsOnSockets(t *testing.T) {
	e := pipelines(t).Entra()
	e.ManagedIdentities = identities()
	w := sandbox.New(e, smallGenesys())
	server := httptest.NewTLSServer(w)
	defer server.Close()
	setIdentityEndpoint(t, server.URL+"/msi/token")
	client, err := managedidentity.New(managedidentity.SystemAssigned(), managedidentity.WithHTTPClient(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	result, err := client.AcquireToken(context.Background(), server.URL, managedidentity.WithClaims("{}"))
	if err != nil {
		t.Fatal(err)
	}
	over := server.Client().Transport
	if a := get(t, over, server.URL+"/v1.0/groups", "Authorization: Bearer "+result.AccessToken); a.status != 200 {
		t.Errorf("GET groups: %d %s", a.status, a.text)
	}
	local := func(real string) string { u, _ := url.Parse(real); return server.URL + u.RequestURI() }
	for target, header := range map[string]string{
		strings.Replace(local(imdsURL), graphHost, server.URL, 1): metadata,
		local(githubURL): githubBearer,
	} {
		if a := get(t, over, target, header); a.status != 200 {
			t.Errorf("GET %s: %d %s", target, a.status, a.text)
		}
	}
	target := local(devOpsURL) + "?api-version=7.1&serviceConnectionId=" + id(95)
	if a := ask(t, over, "POST", target, "", devOpsBearer); a.status != 200 {
		t.Errorf("POST %s: %d %s", target, a.status, a.text)
	}
}

// A fault that has only a status is answered in the shape of the end point.
func TestFaultsOfCredentialEndpoints(t *testing.T) {
	for target, want := range map[string]string{
		imdsURL: `{"error":"unknown","error_description":"Service Unavailable"}`, appServiceURL: `"message":"Service Unavailable"`,
		githubURL: `{"message":"Service Unavailable"}`, devOpsURL: `{"message":"Service Unavailable"}`,
	} {
		w := machine(identities())
		if err := w.SetFaults([]sandbox.Fault{{Match: "* *", Status: 503}}); err != nil {
			t.Fatal(err)
		}
		if a := get(t, w, target); a.status != 503 || !strings.Contains(a.text, want) {
			t.Errorf("GET %s: %d %s, want %s", target, a.status, a.text, want)
		}
	}
}
