package pipeline_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

// In a large org accounts are looked up one by one, and a look-up does not find what only looks the same. Where somebody without an
// account has a name that may look like another one, all accounts are listed, so that the report can name it.
func TestLookAlikesInALargeOrg(t *testing.T) {
	const (
		cyrillic = "p0@\u0441ontoso.com" // U+0441 looks like a c
		umlaut   = "z\u00f6e@contoso.com"
	)
	for _, test := range []struct {
		name       string
		upn, mail  string // of person 0
		userName   string // of the account that is to be named; "p0@contoso.com" is there without
		people     int
		listFails  bool
		wantsWhole bool
		lookAlike  string
		note       string
	}{
		{name: "a small org", upn: cyrillic, mail: cyrillic, people: 5, wantsWhole: true, lookAlike: "p0@contoso.com"},
		{name: "a large one", upn: cyrillic, mail: cyrillic, people: 400, wantsWhole: true, lookAlike: "p0@contoso.com"},
		{name: "the mail alone", upn: "somebody@contoso.com", mail: cyrillic, people: 400, wantsWhole: true, lookAlike: "p0@contoso.com"},
		{name: "nothing that looks like it", upn: "\u043f@contoso.com", people: 400, wantsWhole: true},
		{name: "names in ASCII", upn: "nobody@contoso.com", mail: "nobody@contoso.com", people: 400},
		{name: "an account of that very name", upn: umlaut, mail: umlaut, userName: umlaut, people: 400},
		{name: "the list fails", upn: cyrillic, people: 400, listFails: true, wantsWhole: true, note: "were not searched for"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, test.people, [][]int{{0, 1, 2}}, [][]int{{1}})
			s.edit(func(e *sandbox.Entra, g *sandbox.Genesys) {
				e.Users[0].UserPrincipalName, e.Users[0].Mail = test.upn, test.mail
				if test.userName != "" {
					g.Users[0].UserName = test.userName
				}
			})
			pages := 0
			s.instead = func(r *http.Request) *http.Response {
				q, _ := url.ParseQuery(r.URL.RawQuery)
				if r.URL.Path != "/api/v2/scim/v2/users" || q.Get("filter") != "" {
					return nil
				}
				if pages++; test.listFails && pages > 1 {
					return answer(503, "application/json", ownError(503, "busy"))
				}
				return nil
			}
			got, r := s.sync()
			g := r.Plan.Groups[0]
			found := ""
			for _, u := range g.Unresolved {
				found += u.LookAlike
			}
			if found != test.lookAlike || (pages > 1) != (test.wantsWhole && test.people > 25 || test.listFails) {
				t.Errorf("the look-alike is %q after %d pages, want %q", found, pages, test.lookAlike)
			}
			notes := strings.Join(r.Plan.Notes, "; ")
			if got != "G0 changed" || !strings.Contains(notes, test.note) || (test.note == "") != (notes == "") {
				t.Errorf("%s with the notes %s, want %q", got, notes, test.note)
			}
		})
	}
}
