package graph_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
)

// Incident 5: only the first page was read.
func TestMembersOfEverySize(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 999, 1000, 2500} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			var all []map[string]any
			for i := range n {
				all = append(all, person(n-i))
			}
			sets := slices.Collect(slices.Chunk(all, 100))
			sets = slices.Insert(sets, len(sets)/2, nil) // an empty page with a next link
			f := newFake(t, pages(n, sets...))
			got, err := f.client().Members(t.Context(), groupID, graph.Selection{})
			if err != nil || len(got) != n {
				t.Fatalf("Members: %d people, %v; want %d", len(got), err, n)
			}
			ids := map[string]bool{}
			for i, req := range f.asked {
				if req.Header.Get("ConsistencyLevel") != "eventual" || !strings.HasPrefix(req.Header.Get("Authorization"), "Bearer ") {
					t.Errorf("page %d was asked without the header or the token", i+1)
				}
				ids[req.Header.Get("client-request-id")] = true
				if want := "$skiptoken=page" + strconv.Itoa(i) + "&x=a%2Fb"; i > 0 && req.URL.RawQuery != want {
					t.Errorf("page %d was asked by %s, want the link as given: %s", i+1, req.URL.RawQuery, want)
				}
			}
			if len(ids) != len(f.asked) {
				t.Errorf("%d ids for %d requests, want a fresh one for each", len(ids), len(f.asked))
			}
		})
	}
}

func TestWhatIsAskedFor(t *testing.T) {
	tests := []struct {
		sel        graph.Selection
		path, want string
	}{
		{graph.Selection{}, members, "id,userPrincipalName,mail,displayName"},
		{graph.Selection{Nested: true}, nested, "id,userPrincipalName,mail,displayName"},
		{graph.Selection{EmployeeID: true}, members, "id,userPrincipalName,mail,displayName,employeeId"},
		{graph.Selection{EmployeeID: true, Enabled: true}, members, "id,userPrincipalName,mail,displayName,employeeId,accountEnabled"},
	}
	for _, tt := range tests {
		f := newFake(t, pages(0, nil))
		if _, err := f.client().Members(t.Context(), groupID, tt.sel); err != nil {
			t.Fatal(err)
		}
		want := tt.path + "?$count=true&$select=" + tt.want + "&$top=999"
		if got := f.asked[0].URL.RequestURI(); got != want || f.asked[0].URL.Host != graphHost {
			t.Errorf("%+v asks for\n %s, want\n %s", tt.sel, got, want)
		}
	}
}

func TestMembersAsPeople(t *testing.T) {
	on := true
	f := newFake(t, pages(2,
		[]map[string]any{person(2, map[string]any{"mail": "Two@x.example", "accountEnabled": true, "employeeId": "42", "unknown": 1})},
		[]map[string]any{person(1, map[string]any{"accountEnabled": true, "displayName": nil}), person(2, map[string]any{"accountEnabled": true, "employeeId": "42", "mail": "Two@x.example"})}))
	got, err := f.client().Members(t.Context(), groupID, graph.Selection{EmployeeID: true, Enabled: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []*membership.Person{
		{ID: "11111111-aaaa-4000-8000-000000000001", UserPrincipalName: "p1@contoso.example", Enabled: &on},
		{ID: "11111111-aaaa-4000-8000-000000000002", UserPrincipalName: "p2@contoso.example", Mail: "Two@x.example", DisplayName: "Person 2", EmployeeID: "42", Enabled: &on},
	}
	people := got
	slices.SortFunc(people, func(a, b *membership.Person) int { return strings.Compare(a.ID, b.ID) })
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("Members (-want +got):\n%s", diff)
	}
}

// Incidents 2, 4 and 13: only complete results are returned.
func TestMembersThatCannotBeShownToBeWhole(t *testing.T) {
	one := []map[string]any{person(1)}
	endless := 0
	tests := []struct {
		name   string
		answer func(*http.Request) *http.Response
		cause  membership.Cause
		words  []string
		calls  int // 0: any number
	}{
		{"no count", func(*http.Request) *http.Response { return reply(200, map[string]any{"value": one}) }, membership.Incomplete, []string{"@odata.count"}, 1},
		{"null count", pages(nil, one), membership.Incomplete, []string{"@odata.count"}, 1},
		{"fewer than counted", pages(2, one), membership.Incomplete, []string{"counts 2", "shows 1", groupID}, 2},
		{"more than counted", pages(0, one), membership.Incomplete, []string{"counts 0", "shows 1"}, 2},
		{"one twice hides another", pages(2, one, one), membership.Incomplete, []string{"counts 2"}, 4},
		{"no value", func(*http.Request) *http.Response { return reply(200, map[string]any{"@odata.count": 0}) }, membership.Incomplete, []string{"no value"}, 1},
		{"null value", func(*http.Request) *http.Response { return reply(200, `{"@odata.count":0,"value":null}`) }, membership.Incomplete, []string{"no value"}, 1},
		{"no id", pages(1, []map[string]any{person(1, map[string]any{"id": nil})}), membership.Incomplete, []string{"no id"}, 1},
		{"a group among them", pages(1, []map[string]any{person(1, map[string]any{"@odata.type": "#microsoft.graph.group"})}), membership.Incomplete, []string{"microsoft.graph.group"}, 1},
		{"a link that repeats", func(_ *http.Request) *http.Response {
			return reply(200, map[string]any{"@odata.count": 1, "value": one, "@odata.nextLink": "https://graph.microsoft.com" + members + "?$skiptoken=again"})
		}, membership.Incomplete, []string{"second time"}, 2},
		{"empty pages for ever", func(_ *http.Request) *http.Response {
			endless++
			return reply(200, map[string]any{"@odata.count": 1, "value": []any{}, "@odata.nextLink": "https://graph.microsoft.com/x?n=" + strconv.Itoa(endless)})
		}, membership.Incomplete, []string{"nobody new"}, 100},
		{"a link to another host", func(_ *http.Request) *http.Response {
			return reply(200, map[string]any{"@odata.count": 1, "value": one, "@odata.nextLink": "https://evil.example/?t=private"})
		}, membership.Unavailable, []string{"evil.example", groupID}, 1},
		{"null name", pages(2, one, []map[string]any{person(2, map[string]any{"userPrincipalName": nil})}), membership.Denied, []string{"User.Read.All", "userPrincipalName"}, 2},
		{"403", func(*http.Request) *http.Response { return graphError(403, "Authorization_RequestDenied") }, membership.Denied, []string{"GroupMember.Read.All", "request-id r-1", groupID}, 1},
		{"401", func(*http.Request) *http.Response { return graphError(401, "InvalidAuthenticationToken") }, membership.Denied, nil, 2},
		{"404", func(*http.Request) *http.Response { return graphError(404, "Request_ResourceNotFound") }, membership.Missing, []string{groupID}, 1},
		{"404 of a gateway", func(*http.Request) *http.Response { return reply(404, "<html>") }, membership.Unavailable, nil, 1},
		{"400", func(*http.Request) *http.Response { return graphError(400, "Request_BadRequest") }, membership.Rejected, nil, 1},
		{"503", func(*http.Request) *http.Response { return graphError(503, "serviceUnavailable") }, membership.Unavailable, []string{"5 attempts"}, 5},
		{"throttled for long", func(*http.Request) *http.Response { return reply(429, "", "Retry-After: 3000") }, membership.Unavailable, []string{"50 minutes"}, 1},
		{"HTML", func(*http.Request) *http.Response { return reply(200, "<html>") }, membership.Unavailable, nil, 1},
		{"cut connection", func(*http.Request) *http.Response { return nil }, membership.Unavailable, nil, 5},
		{"page tokens that expire", func(req *http.Request) *http.Response {
			if req.URL.Query().Has("$skiptoken") {
				return graphError(400, "Directory_ExpiredPageToken")
			}
			return pages(2, one, one)(req)
		}, membership.Unavailable, nil, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, tt.answer)
			synctest.Test(t, func(t *testing.T) {
				got, err := f.client().Members(t.Context(), groupID, graph.Selection{})
				wantCause(t, err, tt.cause, append(tt.words, "Entra group")...)
				if len(got) > 0 || tt.calls != 0 && len(f.asked) != tt.calls {
					t.Errorf("%d people after %d requests, want none after %d", len(got), len(f.asked), tt.calls)
				}
				if strings.Contains(err.Error(), "private") {
					t.Errorf("the link's query is in %v", err)
				}
			})
		})
	}
}

func TestADifferenceIsReadOnceMore(t *testing.T) {
	f := newFake(t, nil)
	f.graph = func(req *http.Request) *http.Response {
		if len(f.asked) == 1 {
			return pages(2, []map[string]any{person(1)})(req)
		}
		return pages(2, []map[string]any{person(1), person(2)})(req)
	}
	if got, err := f.client().Members(t.Context(), groupID, graph.Selection{}); err != nil || len(got) != 2 {
		t.Errorf("Members: %d people, %v; want the two of the second reading", len(got), err)
	}
}

func TestAnExpiredPageTokenStartsOver(t *testing.T) {
	for _, code := range []string{"Directory_ExpiredPageToken", "DirectoryPageTokenNotFoundException"} {
		f := newFake(t, nil)
		f.graph = func(req *http.Request) *http.Response {
			if len(f.asked) == 2 {
				return graphError(400, code)
			}
			return pages(2, []map[string]any{person(1)}, []map[string]any{person(2)})(req)
		}
		if got, err := f.client().Members(t.Context(), groupID, graph.Selection{}); err != nil || len(got) != 2 || len(f.asked) != 4 {
			t.Errorf("%s: %d people, %v after %d requests; want two after four", code, len(got), err, len(f.asked))
		}
	}
}

func TestNullsThatArePermissions(t *testing.T) {
	numbered := map[string]any{"employeeId": "42", "accountEnabled": true}
	bare := map[string]any{"employeeId": nil, "accountEnabled": true}
	hidden := map[string]any{"employeeId": "42", "accountEnabled": nil}
	tests := []struct {
		name  string
		roles []string
		give  []map[string]any
		word  string // in the error; empty if there is none
	}{
		{"all there", nil, []map[string]any{person(1, numbered)}, ""},
		{"one without a number", nil, []map[string]any{person(1, numbered), person(2, bare)}, ""},
		{"nobody with a number, though it may be read", []string{"User.Read.All"}, []map[string]any{person(1, bare), person(2, bare)}, ""},
		{"nobody with a number", []string{"User.ReadBasic.All"}, []map[string]any{person(1, bare), person(2, bare)}, "employeeId"},
		{"nobody at all", []string{"User.ReadBasic.All"}, nil, ""},
		{"nothing known of being enabled", []string{"User.Read.All"}, []map[string]any{person(1, numbered), person(2, hidden)}, "accountEnabled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, pages(len(tt.give), tt.give))
			f.roles = tt.roles
			got, err := f.client().Members(t.Context(), groupID, graph.Selection{EmployeeID: true, Enabled: true})
			if tt.word == "" {
				if err != nil || len(got) != len(tt.give) {
					t.Errorf("Members: %d people, %v; want %d", len(got), err, len(tt.give))
				}
				return
			}
			wantCause(t, err, membership.Denied, tt.word, "User.Read.All")
		})
	}
	// Attributes that are not selected are not needed.
	f := newFake(t, pages(1, []map[string]any{person(1)}))
	if got, err := f.client().Members(t.Context(), groupID, graph.Selection{}); err != nil || got[0].Enabled != nil {
		t.Errorf("without a selection: %v, %v", got, err)
	}
}

func TestTheCountIsThatOfTheFirstPage(t *testing.T) {
	f := newFake(t, func(req *http.Request) *http.Response {
		if req.URL.Query().Has("$skiptoken") {
			return reply(200, map[string]any{"@odata.count": 7, "value": []map[string]any{person(2)}})
		}
		return pages(2, []map[string]any{person(1)}, nil)(req)
	})
	if got, err := f.client().Members(t.Context(), groupID, graph.Selection{}); err != nil || len(got) != 2 {
		t.Errorf("Members: %d people, %v; want two", len(got), err)
	}
}
