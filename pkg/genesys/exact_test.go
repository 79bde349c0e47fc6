package genesys_test

import (
	"net/http"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

// A look-up is about one user. An answer about another user is an error.
func TestUserByID(t *testing.T) {
	account := func(id string) map[string]any {
		return map[string]any{"id": id, "userName": id + "@contoso.example", "active": false}
	}
	for _, test := range []struct {
		name  string
		give  *http.Response
		cause membership.Cause
	}{
		{"the one that was asked for", reply(200, account("u1")), ""},
		{"somebody else", reply(200, account("u2")), membership.Unavailable},
		{"nobody", reply(404, notFound), membership.Missing},
		{"a gateway's 404", reply(404, "<html>not found</html>", "Content-Type: text/html"), membership.Unavailable},
	} {
		f := newFake(t, func(*http.Request) *http.Response { return test.give })
		got, err := genesys.NewReader(f.conn()).User(t.Context(), "u1")
		if path := f.asked[0].URL.Path; path != "/api/v2/scim/v2/users/u1" {
			t.Errorf("%s: asked for %s", test.name, path)
		}
		if test.cause != "" {
			wantCause(t, err, test.cause, "u1")
		} else if err != nil || got.UserName != "u1@contoso.example" || got.Active {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
	}
}

// A group is found only by its exact name, even if the filter is ignored. A quote in the name does not end the filter.
func TestGroupByItsExactName(t *testing.T) {
	const name = `Night "B" \ Shift`
	called := func(id, name string) map[string]any {
		g := group(id, "u1")
		g["displayName"] = name
		return g
	}
	filter := ""
	f := newFake(t, func(req *http.Request) *http.Response {
		filter = req.URL.Query().Get("filter")
		return listing(3, 25, []map[string]any{called("g1", name), called("g2", name+"s"), called("g3", `night "b" \ shift`)})(req.URL.Query())
	})
	found, err := genesys.NewReader(f.conn()).Named(t.Context(), name)
	if err != nil || len(found) != 1 || found[0].ID != "g1" || len(found[0].Members) != 1 {
		t.Errorf("found %+v, %v; want g1 alone", found, err)
	}
	if want := `displayName eq "Night \"B\" \\ Shift"`; filter != want {
		t.Errorf("asked with %s, want %s", filter, want)
	}
}

// A group that cannot be read may have the name too.
func TestANameIsNotUniqueBesideAGroupThatCannotBeRead(t *testing.T) {
	broken := group("g2", "u1")
	delete(broken, "displayName")
	f := newFake(t, func(req *http.Request) *http.Response {
		return listing(2, 25, []map[string]any{group("g1", "u1"), broken})(req.URL.Query())
	})
	found, err := genesys.NewReader(f.conn()).Named(t.Context(), "Sales")
	if membership.CauseOf(err) != membership.Incomplete || err == nil || len(found) != 0 {
		t.Errorf("found %+v, %v; want an error", found, err)
	}
}
