package sandbox_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

func TestMembers(t *testing.T) {
	w := small()
	auth := graphToken(t, w)
	for _, c := range []struct {
		path string
		want []string
	}{
		{id(10) + "/members/microsoft.graph.user", []string{id(1), id(2), id(3)}},
		{id(10) + "/transitiveMembers/microsoft.graph.user", []string{id(1), id(2), id(3), id(4)}}, // 3 once, in spite of the cycle
		{id(10) + "/transitiveMembers/microsoft.graph.group", []string{id(11)}},
		{id(11) + "/members/microsoft.graph.group", []string{id(10)}},
		{id(12) + "/members/microsoft.graph.user", nil},
		{strings.ToUpper(id(12)) + "/members/microsoft.graph.user", nil},
	} {
		a := get(t, w, graphHost+"/v1.0/groups/"+c.path+"?$count=true&$select=id", auth, eventual)
		got := sorted([][]string{a.list("id")})
		if diff := cmp.Diff(c.want, got); diff != "" || a.at("@odata.count") != float64(len(c.want)) {
			t.Errorf("%s: %s %s", c.path, a.text, diff)
		}
	}
}

func TestAGuestIsFoundByTheEscapedName(t *testing.T) {
	e := smallEntra()
	e.Users[0].UserPrincipalName, e.Users[0].UserType = "ada_x.example#EXT#@fabrikam.example", "Guest"
	w := sandbox.New(e, smallGenesys())
	a := get(t, w, graphHost+"/v1.0/users/ada_x.example%23EXT%23@fabrikam.example?$select=userType", graphToken(t, w))
	if a.status != 200 || a.at("userType") != "Guest" {
		t.Errorf("%d %s", a.status, a.text)
	}
}

// TestMissingRolesLookLikeData uses tokens with fewer permissions: Graph answers 200 and omits data.
func TestMissingRolesLookLikeData(t *testing.T) {
	const selected = "&$select=id,userPrincipalName,mail,displayName,employeeId,accountEnabled,userType"
	nulls := func(fields map[string]any) (names []string) {
		for name, value := range fields {
			if value == nil {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	for _, c := range []struct {
		roles  []string
		status int
		nulls  []string
	}{
		{[]string{"GroupMember.Read.All", "User.Read.All"}, 200, nil},
		{[]string{"Directory.Read.All"}, 200, nil},
		{[]string{"Group.Read.All", "User.ReadBasic.All"}, 200, []string{"accountEnabled", "employeeId", "userType"}},
		{[]string{"GroupMember.ReadBasic.All"}, 200, []string{"accountEnabled", "displayName", "employeeId", "mail", "userPrincipalName", "userType"}},
		{[]string{"User.Read.All"}, 403, nil},
		{nil, 403, nil},
	} {
		e := smallEntra()
		e.Roles = c.roles
		w := sandbox.New(e, smallGenesys())
		a := get(t, w, membersURL(10)+selected, graphToken(t, w), eventual)
		if a.status != c.status {
			t.Errorf("%v: %d, want %d", c.roles, a.status, c.status)
		}
		items, _ := a.json["value"].([]any)
		for _, item := range items {
			if diff := cmp.Diff(c.nulls, nulls(item.(map[string]any))); diff != "" {
				t.Errorf("%v: %s", c.roles, diff)
			}
		}
		if a.status == 403 && a.at("error", "code") != "Authorization_RequestDenied" {
			t.Errorf("%v: %s", c.roles, a.text)
		}
	}
	for _, path := range []string{"groups", "groups/" + id(10), "groups/" + id(10) + "/transitiveMembers/microsoft.graph.user?$count=true", "users", "users/" + id(1)} {
		e := smallEntra()
		e.Roles = []string{"GroupMember.ReadBasic.All"}
		w := sandbox.New(e, smallGenesys())
		if a := get(t, w, graphHost+"/v1.0/"+path, graphToken(t, w), eventual); a.status != 403 {
			t.Errorf("%s: %d, want 403", path, a.status)
		}
	}
}

func TestHiddenMembershipIsLeftOut(t *testing.T) {
	for _, hiddenGroup := range []int{0, 1} {
		for role, want := range map[string][2]float64{"User.Read.All": {0, 3}, "Member.Read.Hidden": {4, 4}} {
			e := smallEntra()
			e.Roles = append(e.Roles, role)
			e.Groups[hiddenGroup].Visibility = "HiddenMembership"
			w := sandbox.New(e, smallGenesys())
			a := get(t, w, graphHost+"/v1.0/groups/"+id(10)+"/transitiveMembers/microsoft.graph.user?$count=true", graphToken(t, w), eventual)
			if a.at("@odata.count") != want[hiddenGroup] || len(a.list("id")) != int(want[hiddenGroup]) {
				t.Errorf("group %d hidden, %s: %s", hiddenGroup, role, a.text)
			}
		}
	}
}

func TestGraphNamesItsRequests(t *testing.T) {
	w := small()
	a := get(t, w, graphHost+"/v1.0/groups", "client-request-id: mine")
	if a.header.Get("request-id") == "" || a.header.Get("client-request-id") != "mine" ||
		a.at("error", "innerError", "request-id") != a.header.Get("request-id") || a.at("error", "innerError", "client-request-id") != "mine" {
		t.Errorf("%v %s", a.header, a.text)
	}
	if id := w.Requests()[0].RequestID; id != a.header.Get("request-id") {
		t.Errorf("logged as %s", id)
	}
	if a := get(t, w, graphHost+"/v1.0/groups"); a.header.Get("client-request-id") == "" {
		t.Error("no client-request-id of its own")
	}
}

func TestGraphCompresses(t *testing.T) {
	entra := smallEntra()
	for n := range 20 {
		entra.Groups = append(entra.Groups, sandbox.EntraGroup{ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", n), DisplayName: "One of many", Members: []string{}})
	}
	w := sandbox.New(entra, smallGenesys())
	auth := graphToken(t, w)
	plain := get(t, w, graphHost+"/v1.0/groups", auth)
	packed := get(t, w, graphHost+"/v1.0/groups", auth, "Accept-Encoding: gzip, deflate")
	if packed.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("headers %v", packed.header)
	}
	reader, err := gzip.NewReader(strings.NewReader(packed.text))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(reader); err != nil || string(text) != plain.text {
		t.Errorf("%s (%v), want %s", text, err, plain.text)
	}
}
