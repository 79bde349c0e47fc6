package sandbox_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGraphRefuses(t *testing.T) {
	w := small()
	auth := graphToken(t, w)
	values := strings.Repeat("'x',", 15) + "'x'"
	for _, c := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"POST", "groups", 405, "Request_BadRequest"},
		{"DELETE", "groups/" + id(10), 405, "Request_BadRequest"},
		{"GET", "groups/" + id(99), 404, "Request_ResourceNotFound"},
		{"GET", "groups/" + id(99) + "/members/microsoft.graph.user?$count=true", 404, "Request_ResourceNotFound"},
		{"GET", "groups/Desk", 400, "Request_BadRequest"},
		{"GET", "groups/{" + id(10) + "}", 400, "Request_BadRequest"},
		{"GET", "groups/" + id(10) + "/owners?$count=true", 400, "BadRequest"},
		{"GET", "groups/" + id(10) + "/members?$count=true&$select=upn", 400, "Request_UnsupportedQuery"},
		{"GET", "groups/" + id(10) + "/members?$filter=id%20eq%20'x'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups/" + id(99) + "/transitiveMembers", 404, "Request_ResourceNotFound"},
		{"GET", "directory/deletedItems", 400, "BadRequest"},
		{"GET", "directory/deletedItems/microsoft.graph.group", 400, "BadRequest"},
		{"GET", "directory/deletedItems/microsoft.graph.user?$filter=userPrincipalName%20eq%20'x'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups/" + id(10) + "/members/microsoft.graph.device?$count=true", 400, "BadRequest"},
		{"GET", "groups/" + id(10) + "/members/microsoft.graph.user?$count=true&$expand=x", 400, "Request_UnsupportedQuery"},
		{"GET", "groups/" + id(10) + "/members/microsoft.graph.user?$count=true&$top=1000", 400, "Request_UnsupportedQuery"},
		{"GET", "groups/" + id(10) + "/members/microsoft.graph.user?$count=true&$top=0", 400, "Request_UnsupportedQuery"},
		{"GET", "groups/" + id(10) + "/members/microsoft.graph.user?$count=true&$count=true", 400, "Request_UnsupportedQuery"},
		{"GET", "groups/" + id(10) + "/members/microsoft.graph.user?$count=true&$select=id,upn", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?top=5", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20ne%20'x'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20eq%20'O'Hara'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=visibility%20eq%20'x'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=startswith(displayName)", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=startswith(displayName,'x'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=startswith(displayName,x)", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=startswith(displayName,'x)", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=startswith(displayName,'x','y')", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=startswith(id,'x')", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20has%20('x')", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20in%20'x'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20in%20('x'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20in%20()", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20eq%20('x')", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20eq%20'x','y'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$filter=displayName%20eq%20'x'%20or%20id%20eq%20'y'", 400, "Request_UnsupportedQuery"},
		{"GET", "groups?$orderby=id", 400, "Request_UnsupportedQuery"},
		{"GET", "users?$filter=mail%20in%20(" + values + ")", 400, "Request_UnsupportedQuery"},
		{"GET", "users/nobody@fabrikam.example", 404, "Request_ResourceNotFound"},
		{"GET", "me", 400, "BadRequest"},
		{"GET", "users/" + id(99) + "/memberOf/microsoft.graph.group?$count=true", 404, "Request_ResourceNotFound"},
		{"GET", "users/" + id(99) + "/transitiveMemberOf/microsoft.graph.group?$count=true", 404, "Request_ResourceNotFound"},
		{"GET", "groups/" + id(99) + "/memberOf/microsoft.graph.group?$count=true", 404, "Request_ResourceNotFound"},
		{"GET", "groups/" + id(10) + "/memberOf/microsoft.graph.group", 400, "Request_UnsupportedQuery"},
		{"GET", "groups/" + id(10) + "/memberOf", 400, "BadRequest"},
	} {
		a := ask(t, w, c.method, graphHost+"/v1.0/"+c.path, "", auth, eventual)
		if a.status != c.status || a.at("error", "code") != c.code {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, a.status, a.text, c.status, c.code)
		}
	}
	if a := get(t, w, graphHost+"/beta/groups", auth); a.status != 400 {
		t.Errorf("beta: %d", a.status)
	}
	for _, path := range []string{"groups?$count=true", "groups?$orderby=displayName&$filter=displayName%20eq%20'x'"} {
		if a := get(t, w, graphHost+"/v1.0/"+path, auth); a.status != 400 {
			t.Errorf("%s without the header: %d", path, a.status)
		}
	}
}

func TestGraphFilters(t *testing.T) {
	w := small()
	auth := graphToken(t, w)
	fifteen := strings.Repeat("'x',", 14)
	for _, c := range []struct {
		path, filter string
		want         []string
	}{
		{"groups", "", []string{id(10), id(11), id(12)}},
		{"groups", "displayName eq 'desk'", []string{id(10)}},
		{"groups", "displayName eq 'O''Hara''s'", []string{id(12)}},
		{"groups", "startswith(displayName,'ba')", []string{id(11)}},
		{"groups", "startswith(displayName, 'x')", nil},
		{"groups", "id in ('" + id(10) + "', '" + id(12) + "')", []string{id(10), id(12)}},
		{"users", "", []string{id(1), id(2), id(3), id(4), id(5)}},
		{"users", "userPrincipalName in (" + fifteen + "'ADA@fabrikam.example')", []string{id(1)}},
		{"users", "userPrincipalName eq 'ada@fabrikam.example'", []string{id(1)}},
		{"users", "mail eq 'bela@mail.example'", []string{id(2)}},
		{"users", "mail eq ''", nil},
		{"users", "id eq '" + id(4) + "'", []string{id(4)}},
	} {
		target := graphHost + "/v1.0/" + c.path
		if c.filter != "" {
			target += "?$filter=" + url.QueryEscape(c.filter)
		}
		a := get(t, w, target, auth)
		if diff := cmp.Diff(c.want, sorted([][]string{a.list("id")})); a.status != 200 || diff != "" {
			t.Errorf("%s %s: %d %s", c.path, c.filter, a.status, diff)
		}
	}
	a := get(t, w, graphHost+"/v1.0/groups?$orderby=displayName&$count=true&$top=999", auth, eventual)
	if diff := cmp.Diff([]string{"Back Desk", "Desk", "O'Hara's"}, a.list("displayName")); diff != "" || a.at("@odata.count") != 3.0 {
		t.Errorf("$orderby: %s %s", diff, a.text)
	}
}

func TestOnlyWhatIsSelectedComes(t *testing.T) {
	w := small()
	auth := graphToken(t, w)
	for _, c := range []struct {
		path string
		want string
	}{
		{"users/" + id(5) + "?$select=mail,accountEnabled", `{"accountEnabled":true,"id":"` + id(5) + `","mail":null}`},
		{"users/EVE@fabrikam.example?$select=userType", `{"id":"` + id(5) + `","userType":"Member"}`},
		{"users/" + id(1), `{"displayName":"ada","id":"` + id(1) + `","mail":"ada@mail.example","userPrincipalName":"ada@fabrikam.example"}`},
		{"groups/" + id(10) + "?$select=displayName", `{"displayName":"Desk","id":"` + id(10) + `"}`},
		{"groups/" + id(10), `{"displayName":"Desk","groupTypes":[],"id":"` + id(10) + `","isAssignableToRole":null,"mailEnabled":false,` +
			`"membershipRule":null,"membershipRuleProcessingState":null,"securityEnabled":true,"visibility":null}`},
	} {
		a := get(t, w, graphHost+"/v1.0/"+c.path, auth)
		_, rest, _ := strings.Cut(a.text, `/$entity",`)
		if "{"+rest != c.want {
			t.Errorf("%s: %s, want %s", c.path, a.text, c.want)
		}
	}
	if a := get(t, w, membersURL(10)+"&$select=mail", auth, eventual); strings.Contains(a.text, "userPrincipalName") || !strings.Contains(a.text, `"id"`) {
		t.Errorf("members: %s", a.text)
	}
}
