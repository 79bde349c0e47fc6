package sandbox_test

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// manyAccounts has n active accounts and m groups.
func manyAccounts(n, m int) *sandbox.World {
	g := smallGenesys()
	g.Users, g.Groups = nil, nil
	for i := range n {
		g.Users = append(g.Users, sandbox.GenesysUser{ID: fmt.Sprintf("a%03d", i), UserName: fmt.Sprintf("u%d@x.example", i), Active: true})
	}
	for i := range m {
		g.Groups = append(g.Groups, sandbox.GenesysGroup{ID: fmt.Sprintf("g%03d", i), DisplayName: fmt.Sprintf("Group %d", i), Version: 1})
	}
	return sandbox.New(smallEntra(), g)
}

func TestListsAreCutTo25(t *testing.T) {
	w := manyAccounts(60, 30)
	auth := genesysToken(t, w)
	for _, c := range []struct {
		query string
		items int
		start float64
	}{
		{"", 25, 1},
		{"?count=10", 10, 1},
		{"?count=0", 0, 1},
		{"?count=500", 25, 1},
		{"?count=500&attributes=userName", 25, 1},
		{"?startIndex=51&count=100", 10, 51},
		{"?startIndex=61", 0, 61},
	} {
		a := get(t, w, apiHost+"/api/v2/scim/v2/users"+c.query, auth)
		if len(a.list("id")) != c.items || a.at("itemsPerPage") != float64(c.items) || a.at("startIndex") != c.start || a.at("totalResults") != 60.0 {
			t.Errorf("%s: %d items, %v per page from %v of %v", c.query, len(a.list("id")), a.at("itemsPerPage"), a.at("startIndex"), a.at("totalResults"))
		}
		if a.at("Resources") == nil {
			t.Errorf("%s: no Resources", c.query)
		}
	}
	var ids []string
	for at := 1; at <= 60; at += 25 {
		ids = append(ids, get(t, w, fmt.Sprintf("%s/api/v2/scim/users?startIndex=%d", apiHost, at), auth).list("id")...)
	}
	if slices.IsSorted(ids) {
		t.Error("the order is that of the ids")
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) != 60 {
		t.Errorf("the pages hold %d accounts", len(ids))
	}
	if a := get(t, w, apiHost+"/api/v2/scim/groups", auth); len(a.list("id")) != 25 || a.at("totalResults") != 30.0 {
		t.Errorf("groups: %d of %v", len(a.list("id")), a.at("totalResults"))
	}
}

func TestGenesysFilters(t *testing.T) {
	w := small()
	auth := genesysToken(t, w)
	for _, c := range []struct {
		path, filter string
		want         []string
	}{
		{"v2/users", "", []string{"a1", "a2", "a3"}},
		{"v2/users", "active eq false", []string{"a4"}},
		{"v2/users", "active eq true", []string{"a1", "a2", "a3"}},
		{"users", `userName eq "ADA@fabrikam.example"`, []string{"a1"}},
		{"v2/users", "userName eq dana@fabrikam.example", []string{"a4"}},
		{"v2/users", "email eq bela@fabrikam.example", []string{"a2"}},
		{"v2/users", "id eq a4", nil}, // a4 is inactive
		{"v2/users", "id eq a3", []string{"a3"}},
		{"v2/users", "externalId eq " + id(1), []string{"a1"}},
		{"v2/users", "employeeNumber eq 101", []string{"a1"}},
		{"groups", "", []string{"g1", "g2"}},
		{"v2/groups", `displayName eq "empty desk"`, []string{"g2"}},
		{"v2/groups", "displayname eq Desk", []string{"g1"}},
		{"groups", "id eq g2", []string{"g2"}},
		{"groups", "id eq g9", nil},
	} {
		target := apiHost + "/api/v2/scim/" + c.path
		if c.filter != "" {
			target += "?filter=" + url.QueryEscape(c.filter)
		}
		a := get(t, w, target, auth)
		if diff := cmp.Diff(c.want, sorted([][]string{a.list("id")})); a.status != 200 || diff != "" {
			t.Errorf("%s %s: %d %s", c.path, c.filter, a.status, diff)
		}
	}
}

func TestGenesysRefuses(t *testing.T) {
	w := small()
	auth := genesysToken(t, w)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "v2/groups", 400}, // the filter is required there
		{"GET", "Groups", 404},
		{"GET", "v2/Users", 404},
		{"GET", "v2/groups/", 404},
		{"GET", "v2/groups/g9", 404},
		{"GET", "v2/users/a9", 404},
		{"GET", "v2/groups/g1/members", 404},
		{"GET", "v2/Bulk", 404},
		{"GET", "../groups", 404},
		{"GET", "v3/groups", 404},
		{"POST", "groups", 405},
		{"DELETE", "v2/groups/g1", 405},
		{"PATCH", "v2/groups/g1", 405},
		{"POST", "v2/groups/g1", 405},
		{"PUT", "v2/groups/g9", 404},
		{"PUT", "v2/users/a1", 405},
		{"POST", "v2/users", 405},
		{"GET", "groups?sortBy=id", 400},
		{"GET", "groups?startIndex=0", 400},
		{"GET", "groups?count=-1", 400},
		{"GET", "groups?count=x", 400},
		{"GET", "groups?count=1&count=2", 400},
		{"GET", "groups?attributes=id,displayName", 400},
		{"GET", "groups?attributes=userName", 400},
		{"GET", "groups?attributes=id&excludedAttributes=members", 400},
		{"GET", "groups?filter=displayName+sw+x", 400},
		{"GET", "groups?filter=displayName+eq+Empty+Desk", 400},
		{"GET", "groups?filter=displayName+eq+%22Desk", 400},
		{"GET", "groups?filter=externalId+eq+x", 400},
		{"GET", "users?filter=title+eq+x", 400},
		{"GET", "v2/groups/g1?count=1", 400},
	} {
		a := ask(t, w, c.method, apiHost+"/api/v2/scim/"+c.path, "", auth)
		if a.status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, a.status, a.text, c.status)
		}
		if a.at("schemas") == nil && (a.at("status") != float64(c.status) || a.at("contextId") != a.header.Get("ININ-Correlation-Id") || a.at("code") == "") {
			t.Errorf("%s %s: not an ErrorBody: %s", c.method, c.path, a.text)
		}
		if c.status == 405 && a.header.Get("Allow") == "" {
			t.Errorf("%s %s: no Allow", c.method, c.path)
		}
	}
	if a := get(t, w, apiHost+"/api/v2/scim/groups", auth, "Accept: text/html"); a.status != 406 {
		t.Errorf("Accept: text/html: %d", a.status)
	}
}

func TestGroupsNeedAPermissionAndUsersNone(t *testing.T) {
	g := smallGenesys()
	g.Permissions = nil
	w := sandbox.New(smallEntra(), g)
	auth := genesysToken(t, w)
	for _, path := range []string{"groups", "v2/groups/g1"} {
		if a := get(t, w, apiHost+"/api/v2/scim/"+path, auth); a.status != 403 || a.at("code") != "missing.permissions" || !strings.Contains(a.text, "directory:group:edit") {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
	if a := get(t, w, apiHost+"/api/v2/scim/users", auth); a.status != 200 {
		t.Errorf("users: %d", a.status)
	}
}

func TestOneGroup(t *testing.T) {
	w := small()
	auth := genesysToken(t, w)
	a := get(t, w, apiHost+"/api/v2/scim/v2/groups/g1", auth)
	want := map[string]any{
		"schemas": []any{groupURN}, "id": "g1", "displayName": "Desk", "externalId": "x-1",
		"members": []any{
			map[string]any{"type": "User", "value": "a1", "$ref": apiHost + "/api/v2/scim/v2/users/a1"},
			map[string]any{"type": "Group", "value": "g2", "$ref": apiHost + "/api/v2/scim/v2/groups/g2"},
		},
		"meta": map[string]any{
			"resourceType": "Group", "version": "7", "lastModified": "2026-01-05T08:07:00.000Z", "location": apiHost + "/api/v2/scim/v2/groups/g1",
		},
	}
	members := a.json["members"].([]any)
	slices.SortFunc(members, func(x, y any) int {
		return strings.Compare(x.(map[string]any)["value"].(string), y.(map[string]any)["value"].(string))
	})
	if diff := cmp.Diff(want, a.json); diff != "" {
		t.Error(diff)
	}
	if a.header.Get("ETag") != `"7"` || a.header.Get("Content-Type") != scimMedia {
		t.Errorf("headers %v", a.header)
	}
	if a := get(t, w, apiHost+"/api/v2/scim/v2/groups/g2", auth); a.at("externalId") != nil || fmt.Sprint(a.at("members")) != "[]" {
		t.Errorf("an empty group: %s", a.text)
	}
	if a := get(t, w, apiHost+"/api/v2/scim/v2/groups/g1", auth, `If-None-Match: "7"`); a.status != 304 || a.text != "" || a.header.Get("Content-Length") != "" || a.header.Get("ETag") != `"7"` {
		t.Errorf("If-None-Match with this version: %d %s", a.status, a.text)
	}
	if a := get(t, w, apiHost+"/api/v2/scim/v2/groups/g1", auth, `If-None-Match: "6"`); a.status != 200 {
		t.Errorf("If-None-Match with another version: %d", a.status)
	}
	if a := get(t, w, apiHost+"/api/v2/scim/v2/groups/g1", auth, "Accept: application/json"); a.header.Get("Content-Type") != "application/json" {
		t.Errorf("Accept: application/json: %v", a.header)
	}
}

func TestOneUser(t *testing.T) {
	w := small()
	a := get(t, w, apiHost+"/api/v2/scim/v2/users/a1", genesysToken(t, w))
	if a.at("userName") != "ada@fabrikam.example" || a.at("active") != true || a.at("externalId") != id(1) ||
		a.at("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "employeeNumber") != "101" || a.at("meta", "resourceType") != "User" {
		t.Errorf("%s", a.text)
	}
}

func TestAttributes(t *testing.T) {
	w := small()
	auth := genesysToken(t, w)
	for _, c := range []struct {
		path string
		want string
	}{
		{"v2/groups/g1?attributes=displayName", "displayName id meta schemas"},
		{"v2/groups/g1?attributes=members&attributes=" + groupURN + ":externalId", "externalId id members meta schemas"},
		{"v2/groups/g1?excludedAttributes=members&excludedAttributes=id", "displayName externalId id meta schemas"},
		{"v2/users/a1?attributes=displayName", "active displayName id meta schemas userName"},
		{"v2/users/a1?attributes=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
			"active id meta schemas urn:ietf:params:scim:schemas:extension:enterprise:2.0:User userName"},
		{"v2/users/a2?excludedAttributes=emails&excludedAttributes=roles", "active displayName id meta schemas userName"},
	} {
		a := get(t, w, apiHost+"/api/v2/scim/"+c.path, auth)
		var names []string
		for name := range a.json {
			names = append(names, name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.path, got, c.want)
		}
	}
	if a := get(t, w, apiHost+"/api/v2/scim/groups?excludedAttributes=members", auth); strings.Contains(a.text, "members") {
		t.Errorf("a list: %s", a.text)
	}
}

func TestGenesysCountsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := small()
		auth := genesysToken(t, w)
		for i, want := range []string{"1", "2", "1"} {
			if i == 2 {
				time.Sleep(time.Minute)
			}
			a := get(t, w, apiHost+"/api/v2/scim/groups", auth)
			h := a.header
			if h.Get("inin-ratelimit-count") != want || h.Get("inin-ratelimit-allowed") != "60000" || h.Get("inin-ratelimit-reset") != "60" || h.Get("ININ-Correlation-Id") == "" {
				t.Errorf("request %d, want count %s: %v", i, want, h)
			}
			if h.Get("Content-Length") != strconv.Itoa(len(a.text)) {
				t.Errorf("Content-Length %s of %d bytes", h.Get("Content-Length"), len(a.text))
			}
		}
	})
}
