package graph_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
)

func TestMemberCount(t *testing.T) {
	group := graph.ListedGroup{GroupName: graph.GroupName{ID: groupID}, Kinds: []graph.GroupKind{graph.Security}}
	for _, tt := range []struct {
		name  string
		resp  *http.Response
		want  int
		cause membership.Cause
		says  string
	}{
		{"a number", reply(200, "12"), 12, "", ""},
		{"nobody", reply(200, "0"), 0, "", ""},
		{"with a byte order mark and a line end", reply(200, "\ufeff12\r\n"), 12, "", ""},
		{"nothing", reply(200, ""), 0, membership.Unavailable, "not a number"},
		{"a text", reply(200, "twelve"), 0, membership.Unavailable, "not a number"},
		{"less than nothing", reply(200, "-1"), 0, membership.Unavailable, "not a number"},
		{"a page", reply(200, "<html>"+strings.Repeat(" ", 2000)), 0, membership.Unavailable, "larger than"},
		{"an answer that is cut", cut(200), 0, membership.Unavailable, "cut short"},
		{"refused", graphError(403, "Authorization_RequestDenied"), 0, membership.Denied, "403"},
		{"gone", graphError(404, "Request_ResourceNotFound"), 0, membership.Missing, "gone"},
	} {
		f := newFake(t, func(*http.Request) *http.Response { return tt.resp })
		got, err := f.client(func(o *graph.Options) { o.Retry.Attempts = 1 }).MemberCount(t.Context(), group)
		if got != tt.want || (err == nil) != (tt.cause == "") || err != nil && (membership.CauseOf(err) != tt.cause || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %d, %v", tt.name, got, err)
		}
		asked := f.asked[0]
		if want := "/v1.0/groups/" + groupID + "/members/$count"; asked.URL.Path != want || asked.URL.RawQuery != "" ||
			asked.Header.Get("Accept") != "text/plain" || asked.Header.Get("ConsistencyLevel") != "eventual" {
			t.Errorf("%s: asked %s with %v", tt.name, asked.URL, asked.Header)
		}
	}
}

// Graph counts no hidden members for an application without the permission, so that the number is not asked for.
func TestMemberCountOfAHiddenGroup(t *testing.T) {
	group := graph.ListedGroup{
		GroupName: graph.GroupName{ID: groupID}, Kinds: []graph.GroupKind{graph.Security, graph.HiddenMembership},
	}
	f := newFake(t, func(*http.Request) *http.Response { return reply(200, "0") })
	n, err := f.client().MemberCount(t.Context(), group)
	if len(f.asked) > 0 {
		t.Errorf("%d, %v after %d requests", n, err, len(f.asked))
	}
	wantCause(t, err, membership.Denied, "are hidden", "grant the application Member.Read.Hidden")
	f = newFake(t, func(*http.Request) *http.Response { return reply(200, "3") })
	f.roles = append(f.roles, "Member.Read.Hidden")
	if n, err := f.client().MemberCount(t.Context(), group); n != 3 || err != nil {
		t.Errorf("with the permission %d, %v", n, err)
	}
}
