package graph_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
)

// Incident 29: an excluded group could not be read, and its people were added.
func TestExcluded(t *testing.T) {
	one, two := "11111111-aaaa-4000-8000-000000000001", "11111111-aaaa-4000-8000-000000000002"
	found := func(people ...map[string]any) *http.Response { return reply(200, map[string]any{"value": people}) }
	tests := []struct {
		name, ref string
		groups    func(*http.Request) *http.Response
		users     *http.Response
		filter    string
		want      []string
		cause     membership.Cause
	}{
		{name: "group with its nested ones", ref: groupID, groups: pages(2, []map[string]any{person(1), person(2)}), want: []string{one, two}},
		{name: "empty group", ref: groupID, groups: pages(0, nil), cause: membership.Missing},
		{name: "group that cannot be read", ref: groupID, groups: pages(3, []map[string]any{person(1)}), cause: membership.Incomplete},
		{name: "denied", ref: groupID, groups: func(*http.Request) *http.Response { return graphError(403, "Authorization_RequestDenied") }, cause: membership.Denied},
		{name: "person by id", ref: one, users: found(person(1)), filter: "id in ('" + one + "')", want: []string{one}},
		{name: "nobody by id", ref: one, users: reply(200, `{"value":[]}`), cause: membership.Missing},
		{name: "person by name", ref: "O'Hara@contoso.example", users: found(person(1, map[string]any{"userPrincipalName": "o'hara@CONTOSO.example"})),
			filter: "userPrincipalName in ('O''Hara@contoso.example')", want: []string{one}},
		// Incident 12: a server ignored the filter.
		{name: "others came", ref: "p9@contoso.example", users: found(person(1), person(2)), cause: membership.Missing},
		{name: "the right one came among others", ref: "p2@contoso.example", users: found(person(1), person(2)), want: []string{two}},
		{name: "two of that name", ref: "p1@contoso.example", users: found(person(1), person(2, map[string]any{"userPrincipalName": "p1@contoso.example"})), cause: membership.Missing},
		{name: "no names", ref: "p1@contoso.example", users: found(person(1, map[string]any{"userPrincipalName": nil})), cause: membership.Missing},
		{name: "no name of the person by id", ref: one, users: found(person(1, map[string]any{"userPrincipalName": nil})), cause: membership.Denied},
		{name: "users denied", ref: "p1@contoso.example", users: graphError(403, "Authorization_RequestDenied"), cause: membership.Denied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, func(req *http.Request) *http.Response {
				switch {
				case req.URL.Path == "/v1.0/users":
					if got := req.URL.Query().Get("$filter"); tt.filter != "" && got != tt.filter {
						t.Errorf("filter %s, want %s", got, tt.filter)
					}
					return tt.users
				case tt.groups != nil && req.URL.Path == nested:
					return tt.groups(req)
				}
				return graphError(404, "Request_ResourceNotFound")
			})
			people, err := f.client().Excluded(t.Context(), tt.ref, graph.Selection{})
			if tt.cause != "" {
				wantCause(t, err, tt.cause)
				return
			}
			var got []string
			for _, p := range people {
				got = append(got, p.ID)
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("Excluded(%s): %v (-want +got):\n%s", tt.ref, err, diff)
			}
		})
	}
}

func TestGroups(t *testing.T) {
	group := func(id, name string) map[string]any {
		return map[string]any{"id": id, "displayName": name, "groupTypes": []string{}, "securityEnabled": true, "mailEnabled": false}
	}
	answer := pages(nil, []map[string]any{group("3", "support"), group("1", "Sales EMEA")}, nil, []map[string]any{group("2", "Support"), group("4", "a.b/c")})
	names := func(l graph.GroupList) string {
		var s []string
		for _, g := range l.Groups {
			s = append(s, g.ID+"="+g.DisplayName)
		}
		return strings.Join(s, " ")
	}
	got, err := newFake(t, answer).client().Groups(t.Context())
	if want := "1=Sales EMEA 2=Support 3=support 4=a.b/c"; err != nil || names(got) != want || !got.Groups[0].Is(graph.Security) {
		t.Errorf("Groups = %s, %v; want %s", names(got), err, want)
	}
	_, err = newFake(t, func(*http.Request) *http.Response { return graphError(403, "Authorization_RequestDenied") }).client().Groups(t.Context())
	wantCause(t, err, membership.Denied, "GroupMember.Read.All")
}
