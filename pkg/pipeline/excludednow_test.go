package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// ways are those in which people are added who were wanted some time ago. Each is prepared in one world and done in another.
var ways = []string{"undo", "plan", "membership file"}

// later does in a changed world what was prepared in the world as it was, which wants accounts 0 to 2 in group 0.
func (s *scene) later(way string, change func()) (pipeline.Result, error) {
	s.t.Helper()
	switch way {
	case "plan":
		p := s.planned()
		change()
		for i := range p.Groups { // whoever made it knew the present exclude
			p.Groups[i].Source = s.source()
		}
		return s.push(p)
	case "membership file":
		file := s.fetched()
		change()
		return s.pushFile(file)
	}
	change()
	return s.undo(nil, []int{0})
}

// source is how a plan says today that people are taken for the first mapping.
func (s *scene) source() string {
	words := fmt.Sprint("match ", s.settings.Match)
	if out := s.settings.Mappings[0].Exclude; len(out) > 0 {
		words += fmt.Sprint(", without ", membership.Distinct(out))
	}
	return words
}

// Whom exclude names now is not to be found out: nobody is added by what was decided earlier.
func TestNobodyIsAddedWhileExcludeCannotBeRead(t *testing.T) {
	inner, outer := id(entraGroupKind, 50), id(entraGroupKind, 51)
	person := func(properties string) func(*http.Request) *http.Response {
		return func(r *http.Request) *http.Response {
			if r.URL.Path != "/v1.0/users" || strings.Contains(filterOf(r), "proxyAddresses") {
				return nil
			}
			return answer(200, "application/json", fmt.Sprintf(`{"@odata.count":1,"value":[{"id":%q,%s}]}`, id(personKind, 0), properties))
		}
	}
	for _, test := range []struct {
		name    string
		exclude string
		match   membership.Key
		roles   string
		counted sandbox.Choice
		instead func(*http.Request) *http.Response
		want    push.Status
	}{
		{name: "everything can be read", exclude: outer, roles: "Member.Read.Hidden", want: push.InStep},
		{name: "members are hidden", exclude: outer, want: push.Denied},
		{name: "members are hidden and counted", exclude: outer, counted: "counted", want: push.Incomplete},
		{name: "the person has no name", exclude: id(personKind, 0), instead: person(`"userPrincipalName":null,"mail":null`), want: push.Denied},
		{
			name: "the person has no number", exclude: "p0@contoso.com", match: membership.EmployeeID,
			instead: person(`"userPrincipalName":"p0@contoso.com","mail":null,"employeeId":null`), want: push.Denied,
		},
	} {
		for _, way := range ways {
			t.Run(test.name+", "+way, func(t *testing.T) {
				s := newScene(t, 4, [][]int{{0, 1, 2}}, [][]int{{1, 2}})
				s.edit(func(e *sandbox.Entra, g *sandbox.Genesys) {
					e.Switches.HiddenCount = test.counted
					e.Groups = append(e.Groups,
						sandbox.EntraGroup{ID: inner, DisplayName: "inner", Visibility: "HiddenMembership", Members: []string{id(personKind, 0)}},
						sandbox.EntraGroup{ID: outer, DisplayName: "outer", Members: []string{inner, id(personKind, 3)}})
					for n := range e.Users {
						e.Users[n].EmployeeID, g.Users[n].EmployeeNumber = fmt.Sprint(n), fmt.Sprint(n)
					}
				})
				if test.match != "" {
					s.settings.Match = []membership.Key{test.match}
				}
				r, err := s.later(way, func() {
					s.settings.Mappings[0].Exclude, s.instead = []string{test.exclude}, test.instead
					s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
						if e.Roles = append(e.Roles, test.roles); test.match != "" {
							e.Roles = []string{"GroupMember.Read.All"}
						}
					})
				})
				if err != nil {
					t.Fatal(err)
				}
				want := test.want
				if way == "plan" && want == push.InStep {
					want = push.Refused // exactly the plan, or nothing
				}
				if out := r.Outcomes[0]; out.Status != want || s.requests("PUT") > 0 {
					t.Errorf("%s (%s) after %d PUTs, want %s", out.Status, out.Detail, s.requests("PUT"), want)
				}
			})
		}
	}
}

// Who is excluded now is not known if Entra refuses the sign-in, or if the credentials are those of another tenant.
func TestNobodyIsAddedWithoutASignIn(t *testing.T) {
	for _, way := range ways {
		for name, change := range map[string]func(*scene){
			"refused": func(s *scene) {
				s.instead = func(r *http.Request) *http.Response {
					if !strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token") {
						return nil
					}
					return answer(401, "application/json", `{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret."}`)
				}
			},
			"of another tenant": func(s *scene) {
				s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) { e.TenantID = id(entraGroupKind, 77) })
			},
		} {
			t.Run(way+", "+name, func(t *testing.T) {
				s := newScene(t, 4, [][]int{{0, 1, 2}}, [][]int{{1, 2}})
				r, err := s.later(way, func() {
					s.settings.Mappings[0].Exclude = []string{id(personKind, 3)}
					change(s)
				})
				if s.requests("PUT") > 0 || err == nil && r.Outcomes[0].Status == push.Done {
					t.Errorf("%d PUTs, %+v, %v", s.requests("PUT"), r.Outcomes, err)
				}
				if way == "membership file" && err == nil {
					t.Errorf("no error; %+v", r.Outcomes)
				}
			})
		}
	}
}

// Somebody whom exclude names and whose keys find two accounts may have either of them: an undo brings back neither.
func TestAnExcludedPersonWithTwoAccounts(t *testing.T) {
	s := newScene(t, 4, [][]int{{1, 2}}, [][]int{{1, 2}})
	s.settings.Mappings[0].Exclude = []string{id(personKind, 0)}
	s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) { e.Users[0].Mail = "p3@contoso.com" })
	r, err := s.undo(nil, []int{0, 3})
	if err != nil {
		t.Fatal(err)
	}
	if out := r.Outcomes[0]; s.requests("PUT") > 0 || len(s.members(0)) != 2 {
		t.Errorf("%s (%s) with %s", out.Status, out.Detail, s.sorted(0))
	}
}

// A membership file may call an excluded person by another object id. It is the account that counts.
func TestAnExcludedPersonUnderAnotherID(t *testing.T) {
	s := newScene(t, 4, [][]int{{0, 1, 2}}, [][]int{{1, 2}})
	file := s.fetched()
	for i, p := range file.People {
		if p.ID == id(personKind, 0) {
			file.People[i].ID = id(personKind, 99)
		}
	}
	for i, m := range file.Groups[0].Members {
		if m == id(personKind, 0) {
			file.Groups[0].Members[i] = id(personKind, 99)
		}
	}
	s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
		e.Groups = append(e.Groups, sandbox.EntraGroup{ID: id(entraGroupKind, 50), DisplayName: "out", Members: []string{id(personKind, 0)}})
	})
	for _, exclude := range []string{id(entraGroupKind, 50), id(personKind, 0)} {
		s.settings.Mappings[0].Exclude = []string{exclude}
		r, err := s.pushFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out := r.Outcomes[0]
		if out.Status != push.Stale || !strings.Contains(out.Detail, "p0@contoso.com") || s.requests("PUT") > 0 {
			t.Errorf("exclude %s: %s (%s) after %d PUTs, want stale", exclude, out.Status, out.Detail, s.requests("PUT"))
		}
	}
}
