package sandbox_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

const (
	graphHost = "https://graph.microsoft.com"
	apiHost   = "https://api.mypurecloud.ie"
	scimMedia = "application/scim+json"
	groupURN  = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

// id returns a GUID that contains n.
func id(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// smallEntra has users 1 to 5; group 10 holds users 1 to 3 and group 11, which holds 3, 4 and group 10 again.
func smallEntra() sandbox.Entra {
	e := sandbox.Entra{
		TenantID: id(90), Domain: "fabrikam.example", ClientID: id(91), ClientSecret: "entra-secret-in-no-log",
		Roles: []string{"GroupMember.Read.All", "User.Read.All"}, Seed: 1,
	}
	for n, name := range []string{"", "ada", "bela", "chidi", "dana", "eve"} {
		if n > 0 {
			e.Users = append(e.Users, sandbox.EntraUser{
				ID: id(n), UserPrincipalName: name + "@fabrikam.example", Mail: name + "@mail.example",
				DisplayName: name, EmployeeID: fmt.Sprint(100 + n), AccountEnabled: true,
			})
		}
	}
	e.Users[4].Mail = ""
	e.Groups = []sandbox.EntraGroup{
		{ID: id(10), DisplayName: "Desk", Members: []string{id(1), id(2), id(3), id(11)}},
		{ID: id(11), DisplayName: "Back Desk", Members: []string{id(3), id(4), id(10)}},
		{ID: id(12), DisplayName: "O'Hara's", Members: nil},
	}
	return e
}

// smallGenesys has the accounts a1 to a4, of whom a4 is inactive, and the groups g1 and g2; g2 is a member of g1.
func smallGenesys() sandbox.Genesys {
	return sandbox.Genesys{
		Region: "mypurecloud.ie", ClientID: id(92), ClientSecret: "genesys-secret-in-no-log",
		Permissions: []string{"directory:group:edit"}, Seed: 1,
		Users: []sandbox.GenesysUser{
			{ID: "a1", UserName: "ada@fabrikam.example", DisplayName: "Ada", Active: true, ExternalID: id(1), EmployeeNumber: "101"},
			{ID: "a2", UserName: "bela@fabrikam.example", DisplayName: "Bela", Active: true},
			{ID: "a3", UserName: "chidi@fabrikam.example", DisplayName: "Chidi", Active: true},
			{ID: "a4", UserName: "dana@fabrikam.example", DisplayName: "Dana"},
		},
		Groups: []sandbox.GenesysGroup{
			{ID: "g1", DisplayName: "Desk", ExternalID: "x-1", Version: 7, Members: []sandbox.GenesysMember{{Value: "a1", Type: "User"}, {Value: "g2", Type: "Group"}}},
			{ID: "g2", DisplayName: "Empty Desk", Version: 1},
		},
	}
}

func small() *sandbox.World { return sandbox.New(smallEntra(), smallGenesys()) }

// answer is a response with its body.
type answer struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

// at returns the field of a JSON body at a path of keys.
func (a answer) at(keys ...string) any {
	var value any = a.json
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// list returns one field of each item of value or Resources.
func (a answer) list(field string) []string {
	items, ok := a.json["value"].([]any)
	if !ok {
		items, _ = a.json["Resources"].([]any)
	}
	found := []string{}
	for _, item := range items {
		found = append(found, fmt.Sprint(item.(map[string]any)[field]))
	}
	return found
}

// send sends one request. The headers are "Name: value". There is no default Content-Type or Accept.
func send(w http.RoundTripper, method, target, body string, headers ...string) (answer, error) {
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Add(name, value)
	}
	resp, err := w.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	a := answer{status: resp.StatusCode, header: resp.Header, text: string(text)}
	_ = json.Unmarshal(text, &a.json) // some bodies are not JSON
	return a, err
}

func ask(t *testing.T, w http.RoundTripper, method, target, body string, headers ...string) answer {
	t.Helper()
	a, err := send(w, method, target, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	return a
}

func get(t *testing.T, w http.RoundTripper, target string, headers ...string) answer {
	t.Helper()
	return ask(t, w, "GET", target, "", headers...)
}

func entraForm(e sandbox.Entra, scope string) string {
	return url.Values{
		"grant_type": {"client_credentials"}, "client_id": {e.ClientID}, "client_secret": {e.ClientSecret}, "scope": {scope},
	}.Encode()
}

const formType = "Content-Type: application/x-www-form-urlencoded"

// graphToken signs in to Entra and returns the Authorization header.
func graphToken(t *testing.T, w *sandbox.World) string {
	t.Helper()
	e := w.Entra()
	a := ask(t, w, "POST", "https://login.microsoftonline.com/"+e.TenantID+"/oauth2/v2.0/token", entraForm(e, graphHost+"/.default"), formType)
	if a.status != 200 {
		t.Fatalf("entra token: %d %s", a.status, a.text)
	}
	return "Authorization: Bearer " + a.at("access_token").(string)
}

func basic(id, secret string) string {
	req := http.Request{Header: http.Header{}}
	req.SetBasicAuth(id, secret)
	return "Authorization: " + req.Header.Get("Authorization")
}

func genesysToken(t *testing.T, w *sandbox.World) string {
	t.Helper()
	g := w.Genesys()
	a := ask(t, w, "POST", "https://login."+g.Region+"/oauth/token", "grant_type=client_credentials", formType, basic(g.ClientID, g.ClientSecret))
	if a.status != 200 {
		t.Fatalf("genesys token: %d %s", a.status, a.text)
	}
	return "Authorization: Bearer " + a.at("access_token").(string)
}

const eventual = "ConsistencyLevel: eventual"

func membersURL(group int) string {
	return graphHost + "/v1.0/groups/" + id(group) + "/members/microsoft.graph.user?$count=true"
}
