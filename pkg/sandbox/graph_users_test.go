package sandbox_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// renamedEntra is smallEntra after Ada became Augusta, with Bela deleted yesterday and somebody else a month ago.
func renamedEntra() sandbox.Entra {
	e := smallEntra()
	e.Users[0].UserPrincipalName, e.Users[0].Mail = "augusta@fabrikam.example", "augusta@fabrikam.example"
	e.Users[0].ProxyAddresses = []string{"SMTP:augusta@fabrikam.example", "smtp:ada@fabrikam.example"}
	e.DeletedUsers = []sandbox.EntraDeletedUser{
		{EntraUser: e.Users[1], DeletedDateTime: time.Now().Add(-24 * time.Hour)},
		{EntraUser: sandbox.EntraUser{ID: id(6), UserPrincipalName: "fay@fabrikam.example"}, DeletedDateTime: time.Now().Add(-31 * 24 * time.Hour)},
		{EntraUser: sandbox.EntraUser{ID: id(7), UserPrincipalName: "gus@fabrikam.example", Mail: "gus@mail.example"}},
	}
	e.Users = append(e.Users[:1], e.Users[2:]...)
	return e
}

func alias(name string) string {
	return "proxyAddresses/any(p:p eq 'smtp:" + name + "@fabrikam.example')"
}

func usersURL(filter, more string) string {
	return graphHost + "/v1.0/users?$filter=" + url.QueryEscape(filter) + more
}

// TestARenamedUserIsFoundByTheAlias searches by the old address.
func TestARenamedUserIsFoundByTheAlias(t *testing.T) {
	w := sandbox.New(renamedEntra(), smallGenesys())
	auth := graphToken(t, w)
	var many []string
	for n := range 14 {
		many = append(many, alias(fmt.Sprint("x", n)))
	}
	const advanced = "&$count=true&$select=id,userPrincipalName,mail,proxyAddresses,displayName"
	for _, c := range []struct {
		filter string
		want   []string
	}{
		{"userPrincipalName in ('ada@fabrikam.example','eve@fabrikam.example')", []string{id(5)}},
		{"mail in ('ada@fabrikam.example','AUGUSTA@fabrikam.example')", []string{id(1)}},
		{alias("ada"), []string{id(1)}},
		{alias("bela"), nil},
		{strings.Join(append(many, alias("ADA")), " or "), []string{id(1)}},
		{"userPrincipalName eq 'eve@fabrikam.example' or userPrincipalName in ('dana@fabrikam.example')", []string{id(4), id(5)}},
	} {
		a := get(t, w, usersURL(c.filter, advanced), auth, eventual)
		if diff := cmp.Diff(c.want, sorted([][]string{a.list("id")})); a.status != 200 || diff != "" || a.at("@odata.count") != float64(len(c.want)) {
			t.Errorf("%s: %d %s %s", c.filter, a.status, a.text, diff)
		}
	}
	a := get(t, w, graphHost+"/v1.0/users/"+id(1)+"?$select=proxyAddresses", auth)
	if diff := cmp.Diff([]any{"SMTP:augusta@fabrikam.example", "smtp:ada@fabrikam.example"}, a.at("proxyAddresses")); diff != "" {
		t.Error(diff)
	}
	if a := get(t, w, graphHost+"/v1.0/users/"+id(5)+"?$select=proxyAddresses", auth); fmt.Sprint(a.at("proxyAddresses")) != "[]" {
		t.Errorf("without an address: %s", a.text)
	}
	for _, wrong := range []string{
		strings.Join(append(many, alias("a"), alias("b")), " or "), alias("ada") + " or mail eq 'x'", alias("ada") + " and " + alias("b"), alias("ada") + " or ",
		"proxyAddresses eq 'x'", "proxyAddresses/any(p:q eq 'x')", "proxyAddresses/any(p:p eq 'x'", "proxyAddresses/any(p:p ne 'x')", "mail/any(p:p eq 'x')",
		"proxyAddresses/any(: eq 'x')", "startswith(mail,'x') or mail eq 'y'", "mail eq 'y' or startswith(mail,'x')",
		"proxyAddresses eq 'x' or " + alias("ada"), alias("ada") + " or proxyAddresses eq 'x'", "proxyAddresses/any(:p eq 'x')", "proxyAddresses/any(p:p eq 'x','y')",
	} {
		if a := get(t, w, usersURL(wrong, advanced), auth, eventual); a.status != 400 || a.at("error", "code") != "Request_UnsupportedQuery" {
			t.Errorf("%s: %d %s", wrong, a.status, a.text)
		}
	}
	if a := get(t, w, usersURL(alias("ada"), ""), auth, eventual); a.status != 400 {
		t.Errorf("any() without $count: %d", a.status)
	}
	if a := get(t, w, usersURL(alias("ada"), "&$count=true"), auth); a.status != 400 {
		t.Errorf("any() without the header: %d", a.status)
	}
}

const deletedURL = graphHost + "/v1.0/directory/deletedItems/microsoft.graph.user?$count=true"

func TestDeletedUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := renamedEntra()
		e.PageSize = 1
		w := sandbox.New(e, smallGenesys())
		auth := graphToken(t, w)
		pages := walk(t, w, deletedURL+"&$select=id,userPrincipalName", "userPrincipalName", auth, eventual)
		want := []string{strings.ReplaceAll(id(2), "-", "") + "bela@fabrikam.example", strings.ReplaceAll(id(7), "-", "") + "gus@fabrikam.example"}
		if diff := cmp.Diff(want, sorted(pages)); diff != "" {
			t.Error(diff)
		}
		for filter, want := range map[string]string{"id eq '" + id(2) + "'": id(2), "mail eq 'gus@mail.example'": id(7), "mail in ('x')": ""} {
			a := get(t, w, deletedURL+"&$filter="+url.QueryEscape(filter), auth, eventual)
			if got := strings.Join(a.list("id"), " "); got != want {
				t.Errorf("%s: %s", filter, a.text)
			}
		}
		a := get(t, w, deletedURL+"&$filter="+url.QueryEscape("id eq '"+id(7)+"'"), auth, eventual)
		if got := a.list("deletedDateTime")[0]; got != "2000-01-01T00:00:00Z" || a.at("@odata.context") != graphHost+"/v1.0/$metadata#users" {
			t.Errorf("deletedDateTime %s of %s", got, a.text)
		}
		if a := get(t, w, deletedURL+"&$filter="+url.QueryEscape(alias("ada")), auth, eventual); a.status != 400 {
			t.Errorf("by alias: %d", a.status)
		}
		for _, c := range []struct {
			role, upn string
			status    int
		}{{"GroupMember.Read.All", "<nil>", 200}, {"User.ReadBasic.All", "<nil>", 200}, {"Member.Read.Hidden", "", 403}} {
			if err := w.Edit(func(e *sandbox.Entra, _ *sandbox.Genesys) { e.Roles = []string{c.role} }); err != nil {
				t.Fatal(err)
			}
			a := get(t, w, deletedURL, graphToken(t, w), eventual)
			if a.status != c.status || c.status == 200 && (a.list("userPrincipalName")[0] != c.upn || a.list("id")[0] == "<nil>") {
				t.Errorf("%s: %d %s", c.role, a.status, a.text)
			}
		}
	})
}

func TestUsersNeedUserReadAll(t *testing.T) {
	for _, role := range []string{"User.ReadBasic.All", "GroupMember.Read.All", "Group.Read.All"} {
		e := smallEntra()
		e.Roles = []string{role}
		w := sandbox.New(e, smallGenesys())
		for _, path := range []string{"users", "users/" + id(1), "users?$filter=id%20eq%20'x'"} {
			if a := get(t, w, graphHost+"/v1.0/"+path, graphToken(t, w)); a.status != 403 || a.at("error", "code") != "Authorization_RequestDenied" {
				t.Errorf("%s, %s: %d %s", role, path, a.status, a.text)
			}
		}
	}
}

// TestMembersOfEveryKind checks listings without a cast, whose items have their type.
func TestMembersOfEveryKind(t *testing.T) {
	w := small()
	auth := graphToken(t, w)
	for path, want := range map[string][]string{
		"members":           {id(1) + " user ada@fabrikam.example", id(2) + " user bela@fabrikam.example", id(3) + " user chidi@fabrikam.example", id(11) + " group <nil>"},
		"transitiveMembers": {id(1) + " user ada@fabrikam.example", id(2) + " user bela@fabrikam.example", id(3) + " user chidi@fabrikam.example", id(4) + " user dana@fabrikam.example", id(11) + " group <nil>"},
	} {
		a := get(t, w, graphHost+"/v1.0/groups/"+id(10)+"/"+path+"?$count=true&$top=999&$select=id,userPrincipalName,visibility", auth, eventual)
		var got []string
		types, names := a.list("@odata.type"), a.list("userPrincipalName")
		for i, id := range a.list("id") {
			got = append(got, id+" "+strings.TrimPrefix(types[i], "#microsoft.graph.")+" "+names[i])
		}
		if diff := cmp.Diff(want, sorted([][]string{got})); diff != "" || a.at("@odata.count") != float64(len(want)) {
			t.Errorf("%s: %s %s", path, a.text, diff)
		}
		if strings.Count(a.text, `"visibility"`) != 1 || strings.Count(a.text, `"userPrincipalName"`) != len(want)-1 {
			t.Errorf("%s: a user has no visibility, and a group no userPrincipalName: %s", path, a.text)
		}
		if a := get(t, w, graphHost+"/v1.0/groups/"+id(10)+"/"+path+"?$count=true", auth); a.status != 200 || a.at("@odata.count") != nil || len(a.list("id")) != len(want) {
			t.Errorf("%s without the header: %d %s", path, a.status, a.text)
		}
	}
}

func TestSwitchHiddenCount(t *testing.T) {
	for choice, want := range map[sandbox.Choice]float64{"": 3, "missing": 3, "counted": 4} {
		e := smallEntra()
		e.Groups[1].Visibility, e.Switches.HiddenCount = "HiddenMembership", choice
		w := sandbox.New(e, smallGenesys())
		a := get(t, w, graphHost+"/v1.0/groups/"+id(10)+"/transitiveMembers/microsoft.graph.user?$count=true", graphToken(t, w), eventual)
		if a.at("@odata.count") != want || len(a.list("id")) != 3 {
			t.Errorf("%q: %s", choice, a.text)
		}
		filter := url.QueryEscape("id in ('" + id(10) + "','" + id(11) + "')")
		a = get(t, w, graphHost+"/v1.0/groups?$select=id,visibility&$filter="+filter, graphToken(t, w))
		if got := sorted([][]string{a.list("visibility")}); strings.Join(got, " ") != "<nil> HiddenMembership" {
			t.Errorf("%s", a.text)
		}
	}
}
