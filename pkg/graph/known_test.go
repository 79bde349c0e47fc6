package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/membership"
)

// someone is a user with names, as Graph writes him.
func someone(n int, upn, mail string, aliases ...string) map[string]any {
	return map[string]any{"id": fmt.Sprintf("A1B2C3D4-0000-4A00-8000-%012d", n), "userPrincipalName": upn, "mail": mail, "proxyAddresses": aliases}
}

// known writes a result as "name: 1 2", by the last digit of each id, sorted.
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
			return reply(200, map[string]any{"value": gone})
		}
		return reply(200, map[string]any{"value": people}) // whatever the filter: what came is compared
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

// Fifteen values at a time, quotes doubled; who was deleted is asked for only while somebody is unknown.
func TestKnownAsksInChunks(t *testing.T) {
	var filters []string
	f := newFake(t, func(req *http.Request) *http.Response {
		filters = append(filters, req.URL.Query().Get("$filter"))
		var all []map[string]any
		for n := range 16 {
			all = append(all, someone(n, fmt.Sprintf("o'p%02d@x", n), ""))
		}
		return reply(200, map[string]any{"value": all})
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
			return reply(200, `{"value":[]}`)
		})
		_, err := f.client().Known(t.Context(), []string{"a@b"})
		wantCause(t, err, cause, "User.Read.All")
	}
	_, err := newFake(t, func(*http.Request) *http.Response { return reply(200, `{}`) }).client().Known(t.Context(), []string{"a@b"})
	wantCause(t, err, membership.Incomplete)
}

// A group whose members are hidden, itself or within, is named with the permission; what could not be found out is too.
func TestHidden(t *testing.T) {
	ids := map[string]string{"plain": "1", "hidden": "2", "parent": "3", "within": "4", "gone": "5", "broken": "6", "short": "7"}
	for name, n := range ids {
		ids[name] = "a1b2c3d4-0000-4a00-8000-00000000000" + n
	}
	f := newFake(t, func(req *http.Request) *http.Response {
		switch {
		case req.URL.Path == "/v1.0/groups":
			var all []map[string]any
			for name, id := range ids {
				if strings.Contains(req.URL.Query().Get("$filter"), "'"+id+"'") {
					v := any(nil)
					if name == "hidden" || name == "within" {
						v = "HiddenMembership"
					}
					all = append(all, map[string]any{"id": strings.ToUpper(id), "visibility": v})
				}
			}
			return reply(200, map[string]any{"value": all})
		case strings.Contains(req.URL.Path, ids["parent"]):
			return reply(200, map[string]any{"@odata.count": 2, "value": []any{
				map[string]any{"@odata.type": "#microsoft.graph.user", "id": "u"}, map[string]any{"@odata.type": "#microsoft.graph.group", "id": ids["within"]},
			}})
		case strings.Contains(req.URL.Path, ids["gone"]):
			return graphError(404, "Request_ResourceNotFound")
		case strings.Contains(req.URL.Path, ids["short"]):
			return reply(200, map[string]any{"@odata.count": 2, "value": []any{}})
		}
		return graphError(403, "Authorization_RequestDenied")
	})
	all := []string{ids["plain"], ids["hidden"], ids["parent"], ids["gone"], ids["broken"], ids["short"]}
	got := f.client().Hidden(t.Context(), all, func(id string) bool { return id != ids["plain"] && id != ids["hidden"] })
	for name, want := range map[string]string{
		"plain": "", "gone": "", "hidden": "Member.Read.Hidden", "parent": ids["within"] + " are hidden", "broken": "GroupMember.Read.All", "short": "do not fit their count",
	} {
		err := got[ids[name]]
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	wantCause(t, got[ids["hidden"]], membership.Denied)
	wantCause(t, got[ids["short"]], membership.Incomplete)
}
