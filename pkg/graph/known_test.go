package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
)

// someone returns a user with names, as Graph sends it.
func someone(n int, upn, mail string, aliases ...string) map[string]any {
	return map[string]any{
		"id": fmt.Sprintf("A1B2C3D4-0000-4A00-8000-%012d", n), "userPrincipalName": upn, "mail": mail, "proxyAddresses": append([]string{}, aliases...),
	}
}

// users returns a complete list of users, with its count.
func users(all []map[string]any) *http.Response {
	return reply(200, map[string]any{"@odata.count": len(all), "value": append([]map[string]any{}, all...)})
}

// known formats a result as "name: 1 2", with the last digit of each id, sorted.
func known(found map[string][]string) string {
	var out []string
	for name, ids := range found {
		line := name + ":"
		for _, id := range ids {
			line += " " + id[len(id)-1:]
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestKnown(t *testing.T) {
	people := []map[string]any{
		someone(1, "Ann@Contoso.example", ""),
		someone(2, "new.bob@contoso.example", "", "SMTP:new.bob@contoso.example", "smtp:Bob@contoso.example", "x500:carl@contoso.example"),
		someone(3, "dora@contoso.example", "Eve@contoso.example"),
	}
	gone := []map[string]any{someone(4, "a1b2c3d400004a008000000000000004fred@contoso.example", "")}
	asked := map[string]int{}
	f := newFake(t, func(req *http.Request) *http.Response {
		asked[req.URL.Path]++
		if req.Header.Get("ConsistencyLevel") != "eventual" || req.URL.Query().Get("$count") != "true" {
			t.Errorf("%s without what advanced queries need", req.URL)
		}
		if req.URL.Path == "/v1.0/directory/deletedItems/microsoft.graph.user" {
			return users(gone)
		}
		return users(people) // the filter is ignored, and the result is compared
	})
	got, err := f.client().Known(t.Context(), []string{"ANN@contoso.example", "bob@contoso.example", "carl@contoso.example", "eve@contoso.example", "fred@contoso.example", "", "nobody@x"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("ann@contoso.example: 1, bob@contoso.example: 2, eve@contoso.example: 3, fred@contoso.example: 4", known(got)); diff != "" {
		t.Errorf("Known (-want +got):\n%s", diff)
	}
	if asked["/v1.0/users"] != 3 || asked["/v1.0/directory/deletedItems/microsoft.graph.user"] != 1 {
		t.Errorf("asked %v", asked)
	}
}

// A filter has at most fifteen values, with quotes doubled. Deleted users are read only if a name is still unknown.
func TestKnownAsksInChunks(t *testing.T) {
	var filters []string
	f := newFake(t, func(req *http.Request) *http.Response {
		filters = append(filters, req.URL.Query().Get("$filter"))
		var all []map[string]any
		for n := range 16 {
			all = append(all, someone(n, fmt.Sprintf("o'p%02d@x", n), ""))
		}
		return users(all)
	})
	var names []string
	for n := range 16 {
		names = append(names, fmt.Sprintf("o'p%02d@x", n))
	}
	if _, err := f.client().Known(t.Context(), names); err != nil {
		t.Fatal(err)
	}
	if len(filters) != 6 || strings.Count(filters[0], "''p") != 15 || filters[1] != "userPrincipalName in ('o''p15@x')" ||
		filters[3] != "mail in ('o''p15@x')" || filters[5] != "proxyAddresses/any(p:p eq 'smtp:o''p15@x')" || strings.Count(filters[4], " or ") != 14 {
		t.Errorf("filters:\n%s", strings.Join(filters, "\n"))
	}
}

func TestKnownFails(t *testing.T) {
	for path, cause := range map[string]membership.Cause{"/v1.0/users": membership.Denied, "/v1.0/directory/deletedItems/microsoft.graph.user": membership.Denied} {
		f := newFake(t, func(req *http.Request) *http.Response {
			if req.URL.Path == path {
				return graphError(403, "Authorization_RequestDenied")
			}
			return users(nil)
		})
		_, err := f.client().Known(t.Context(), []string{"a@b"})
		wantCause(t, err, cause, "User.Read.All")
	}
	_, err := newFake(t, func(*http.Request) *http.Response { return reply(200, `{}`) }).client().Known(t.Context(), []string{"a@b"})
	wantCause(t, err, membership.Incomplete, "a page has no value")
}

// A group with hidden members, or one about which nothing could be read, has an error that names the permission.
func TestHidden(t *testing.T) {
	const plain, hidden = "a1b2c3d4-0000-4a00-8000-000000000001", "a1b2c3d4-0000-4a00-8000-000000000002"
	broken := false
	f := newFake(t, func(*http.Request) *http.Response {
		if broken {
			return graphError(403, "Authorization_RequestDenied")
		}
		return reply(200, map[string]any{"value": []any{
			map[string]any{"id": plain, "visibility": nil}, map[string]any{"id": strings.ToUpper(hidden), "visibility": "HiddenMembership"},
		}})
	})
	got := f.client().Hidden(t.Context(), []string{plain, hidden, plain})
	if len(got) != 1 {
		t.Errorf("%v", got)
	}
	wantCause(t, got[hidden], membership.Denied, "Member.Read.Hidden", hidden)
	// One of the groups is in the answer.
	if got := f.client().Hidden(t.Context(), []string{plain, "a1b2c3d4-0000-4a00-8000-000000000003"}); len(got) != 2 {
		t.Errorf("%v", got)
	}
	broken = true
	if got = f.client().Hidden(t.Context(), []string{plain, hidden}); len(got) != 2 {
		t.Errorf("%v", got)
	}
	wantCause(t, got[plain], membership.Denied, "GroupMember.Read.All")
}

// Only one permission shows hidden members, whatever other permissions the token has.
func TestSeesHidden(t *testing.T) {
	for role, want := range map[string]bool{
		"Member.Read.Hidden": true, "member.read.hidden": true, "GroupMember.Read.All": false, "Directory.Read.All": false, "Member.Read.Hidden.All": false,
	} {
		if got := (graph.Identity{Roles: []string{"User.Read.All", role}}).SeesHidden(); got != want {
			t.Errorf("with %s: %v", role, got)
		}
	}
	if (graph.Identity{}).SeesHidden() {
		t.Error("a token that does not say what it may read")
	}
}

// People who have a name as mail or alias do not own it.
func TestOwnersAreAskedForByName(t *testing.T) {
	var filters []string
	broken := false
	f := newFake(t, func(req *http.Request) *http.Response {
		if broken {
			return graphError(403, "Authorization_RequestDenied")
		}
		filters = append(filters, req.URL.Query().Get("$filter"))
		return users([]map[string]any{someone(1, "Ann@Contoso.example", "")})
	})
	got, err := f.client().Owners(t.Context(), []string{"ann@contoso.example", "o'neill@x", "ann@contoso.example"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("ann@contoso.example: 1", known(got)); diff != "" {
		t.Errorf("Owners (-want +got):\n%s", diff)
	}
	if want := "userPrincipalName in ('ann@contoso.example','o''neill@x')"; len(filters) != 1 || filters[0] != want {
		t.Errorf("asked %q, want %q", filters, want)
	}
	broken = true
	_, err = f.client().Owners(t.Context(), []string{"ann@contoso.example"})
	wantCause(t, err, membership.Denied, "User.Read.All")
}

// Nested groups are returned only if the members are complete. Users among the members are ignored.
func TestNestedGroups(t *testing.T) {
	count := 2
	f := newFake(t, func(*http.Request) *http.Response {
		return reply(200, map[string]any{"@odata.count": count, "value": []any{
			map[string]any{"@odata.type": "#microsoft.graph.user", "id": "u"}, map[string]any{"@odata.type": "#microsoft.graph.group", "id": "G"},
		}})
	})
	within, err := f.client().NestedGroups(t.Context(), "parent")
	if err != nil || len(within) != 1 || within[0] != "g" {
		t.Errorf("%v, %v", within, err)
	}
	count = 3
	_, err = f.client().NestedGroups(t.Context(), "parent")
	wantCause(t, err, membership.Incomplete, "do not fit their count")
}

// A 404 for a later page does not mean that the group does not exist.
func TestALaterPageIsNotFound(t *testing.T) {
	pages := 0
	f := newFake(t, func(req *http.Request) *http.Response {
		if pages++; pages > 1 {
			return graphError(404, "Request_ResourceNotFound")
		}
		next := "https://" + req.URL.Host + req.URL.Path + "?$skiptoken=x"
		return reply(200, map[string]any{"@odata.count": 2, "@odata.nextLink": next, "value": []any{
			map[string]any{"@odata.type": "#microsoft.graph.user", "id": "u"},
		}})
	})
	_, err := f.client().NestedGroups(t.Context(), "parent")
	wantCause(t, err, membership.Incomplete, "after 1 pages")
}

// The answers decide who is removed and who is added. An incomplete answer, or one without readable names, is an error.
func TestAnswersAboutPeopleAreWhole(t *testing.T) {
	bob := someone(2, "new.bob@x", "", "smtp:bob@x")
	unnamed, hidden := someone(3, "", ""), someone(4, "dora@x", "")
	unnamed["userPrincipalName"], hidden["proxyAddresses"] = nil, nil
	for name, test := range map[string]struct {
		body  map[string]any
		cause membership.Cause
		alias bool // only for the request about aliases
	}{
		"no count":          {map[string]any{"value": []any{}}, membership.Incomplete, false},
		"a count too large": {map[string]any{"@odata.count": 1, "value": []any{}}, membership.Incomplete, false},
		"a count too small": {map[string]any{"@odata.count": 0, "value": []any{bob}}, membership.Incomplete, false},
		"names are null":    {map[string]any{"@odata.count": 1, "value": []any{unnamed}}, membership.Denied, false},
		"aliases cut":       {map[string]any{"@odata.count": 1, "value": []any{}}, membership.Incomplete, true},
		"aliases are null":  {map[string]any{"@odata.count": 1, "value": []any{hidden}}, membership.Denied, true},
	} {
		for deleted := range 2 {
			f := newFake(t, func(req *http.Request) *http.Response {
				isAlias, isDeleted := strings.Contains(req.URL.Query().Get("$filter"), "proxyAddresses"), strings.Contains(req.URL.Path, "deletedItems")
				if test.alias && isAlias || !test.alias && isDeleted == (deleted == 1) {
					return reply(200, test.body)
				}
				return users(nil)
			})
			_, err := f.client().Known(t.Context(), []string{"bob@x"})
			wantCause(t, err, test.cause)
			if !test.alias && deleted == 0 {
				_, err = f.client().Owners(t.Context(), []string{"bob@x"})
				wantCause(t, err, test.cause)
			}
			if t.Failed() {
				t.Fatalf("%s, among the deleted: %v", name, deleted == 1)
			}
		}
	}
}

// Owners finds people only by their userPrincipalName.
func TestOwners(t *testing.T) {
	f := newFake(t, func(*http.Request) *http.Response {
		return users([]map[string]any{someone(1, "Ann@X", "bob@x"), someone(2, "carl@x", "", "smtp:bob@x")})
	})
	got, err := f.client().Owners(t.Context(), []string{"ann@x", "bob@x"})
	if err != nil || known(got) != "ann@x: 1, carl@x: 2" {
		t.Errorf("%v, %v", got, err)
	}
}
