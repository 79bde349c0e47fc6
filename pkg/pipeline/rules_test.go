package pipeline_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// byRule lets a rule give group 0 a member.
func byRule(s *scene, account int) {
	s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
		g.Switches.RuleMembers = map[string][]string{id(genesysGroupKind, 0): {id(accountKind, account)}}
	})
}

// asked counts the requests for individual members.
func asked(s *scene) int {
	n := 0
	for _, r := range s.world.Requests() {
		if strings.HasSuffix(r.Path, "/individuals") {
			n++
		}
	}
	return n
}

// A group with members who are no individual members is not written, unless its entry says so. Only groups that are about to
// be written are asked about.
func TestMembersByARule(t *testing.T) {
	individuals := func(people ...int) reply {
		var ids []string
		for _, n := range people {
			ids = append(ids, `{"id":"`+id(accountKind, n)+`"}`)
		}
		return reply{200, "application/json", `{"entities":[` + strings.Join(ids, ",") + `],"total":` + string(rune('0'+len(ids))) + `}`}
	}
	for _, test := range []struct {
		name  string
		edit  func(*scene)
		want  push.Status
		puts  int
		asked int
		note  bool
	}{
		{name: "only individual members", edit: func(*scene) {}, want: push.Done, puts: 1, asked: 1},
		{name: "a member by a rule", edit: func(s *scene) { byRule(s, 4) }, want: push.Refused, asked: 1},
		{name: "accepted", edit: func(s *scene) { byRule(s, 4); s.settings.Mappings[0].Rules = true }, want: push.Done, puts: 1},
		{name: "an individual member who is one by a rule too", edit: func(s *scene) { byRule(s, 0) }, want: push.Done, puts: 1, asked: 1},
		{name: "in step", edit: func(s *scene) {
			s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
				g.Groups[0].Members = []sandbox.GenesysMember{{Value: id(accountKind, 0)}, {Value: id(accountKind, 1)}}
			})
			byRule(s, 2)
		}, want: push.InStep},
		{name: "a member without an account", edit: func(s *scene) {
			s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
				g.Groups[0].Members = append(g.Groups[0].Members, sandbox.GenesysMember{Value: id(accountKind, 99)})
			})
		}, want: push.Done, puts: 1, asked: 1},
		{name: "a member by a rule in another division", edit: func(s *scene) {
			s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
				g.Divisions = []string{"Home"}
				g.Users[4].Division = "Elsewhere"
			})
			byRule(s, 4)
		}, want: push.Refused, asked: 1},
		{name: "a member without an account in an add-only group", edit: func(s *scene) {
			s.settings.Mappings[0].Mode = plan.AddOnly
			s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
				g.Groups[0].Members = append(g.Groups[0].Members, sandbox.GenesysMember{Value: id(accountKind, 99)})
			})
		}, want: push.Done, puts: 1, asked: 1},
		{name: "a member without an account who is let go", edit: func(s *scene) {
			s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
				g.Groups[0].Members = append(g.Groups[0].Members, sandbox.GenesysMember{Value: id(accountKind, 99)})
			})
			pattern, err := plan.ParsePattern(id(accountKind, 99))
			if err != nil {
				t.Fatal(err)
			}
			s.settings.Policy.Release = map[string][]plan.Pattern{"G0": {pattern}}
		}, want: push.Done, puts: 1, asked: 1},
		{name: "the list is older than the group", edit: func(s *scene) {
			first := true
			s.before = func(r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/individuals") && first {
					first = false
					s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) { g.Groups[0].Members = g.Groups[0].Members[1:] })
				}
			}
		}, want: push.Done, puts: 1, asked: 2},
		{name: "not all individual members came", edit: func(s *scene) {
			s.instead = showing(nil, nil, reply{200, "application/json", `{"entities":[{"id":"x"}],"total":3}`})
		}, want: push.Done, puts: 1, note: true},
		{name: "denied", edit: func(s *scene) {
			s.instead = showing(nil, nil, reply{403, "application/json", ownError(403, "x")})
		}, want: push.Done, puts: 1, note: true},
		{name: "the group cannot be read again", edit: func(s *scene) {
			byRule(s, 4)
			s.instead = func(r *http.Request) *http.Response {
				if strings.HasSuffix(r.URL.Path, "/scim/v2/groups/"+id(genesysGroupKind, 0)) {
					return answer(403, "application/json", ownError(403, "x"))
				}
				return nil
			}
		}, want: push.Denied, asked: 1},
		{name: "an owner", edit: func(s *scene) { s.instead = showing(nil, nil, individuals(0)) }, want: push.Refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 9, [][]int{{0, 1, 2}, {5}}, [][]int{{0, 1}, {5}})
			test.edit(s)
			_, r := s.sync()
			out := r.Outcomes[0]
			if out.Status != test.want || s.requests("PUT") != test.puts || asked(s) != test.asked {
				t.Errorf("%s with %d PUTs, asked %d times, want %s with %d, asked %d times",
					out.Status, s.requests("PUT"), asked(s), test.want, test.puts, test.asked)
			}
			has := slices.ContainsFunc(out.Group.Notes, func(n string) bool { return strings.HasPrefix(n, "it is not known whether a membership rule") })
			if has != test.note {
				t.Errorf("notes %q", out.Group.Notes)
			}
			if r := out.Group.Refusals; out.Status == push.Refused && (len(r) != 1 || r[0].Rule != plan.RuleMembers || len(r[0].Who) != 1) {
				t.Errorf("refused with %+v", r)
			}
		})
	}
}

// A group with many members by a rule is refused without a look-up for each of them.
func TestManyMembersByARule(t *testing.T) {
	s := newScene(t, 60, [][]int{{0, 1, 2}}, [][]int{{0, 1}})
	s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
		g.Divisions = []string{"Home"}
		var ids []string
		for n := 10; n < 60; n++ {
			g.Users[n].Division, ids = "Elsewhere", append(ids, id(accountKind, n))
		}
		g.Switches.RuleMembers = map[string][]string{id(genesysGroupKind, 0): ids}
	})
	_, r := s.sync()
	lookups := 0
	for _, request := range s.world.Requests() {
		if strings.HasPrefix(request.Path, "/api/v2/scim/v2/users/") {
			lookups++
		}
	}
	refusals := r.Outcomes[0].Group.Refusals
	if len(refusals) != 1 || len(refusals[0].Who) != 20 || lookups != 20 || s.requests("PUT") > 0 {
		t.Errorf("%+v after %d look-ups", r.Outcomes[0], lookups)
	}
}

// A rule that begins to hold while the run is under way is found when the group is planned again.
func TestARuleThatComesDuringTheRun(t *testing.T) {
	s := newScene(t, 9, [][]int{{0, 1, 2}, {5}}, [][]int{{0, 1}, {5}})
	reads := 0
	s.before = func(r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/scim/v2/groups/"+id(genesysGroupKind, 0)) {
			if reads++; reads == 1 { // right before the PUT; another member comes too, so that the version moves
				s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
					g.Groups[0].Members = append(g.Groups[0].Members, sandbox.GenesysMember{Value: id(accountKind, 2)})
					g.Switches.RuleMembers = map[string][]string{id(genesysGroupKind, 0): {id(accountKind, 4)}}
				})
			}
		}
	}
	_, r := s.sync()
	if out := r.Outcomes[0]; out.Status != push.Refused || s.requests("PUT") > 0 {
		t.Errorf("%s (%s) with %d PUTs", out.Status, out.Detail, s.requests("PUT"))
	}
}

// An undo is a write like any other.
func TestUndoWithMembersByARule(t *testing.T) {
	s := newScene(t, 9, [][]int{{0, 1}}, [][]int{{0, 1}})
	byRule(s, 4)
	run := journal.RunRecord{
		Info: journal.RunInfo{ID: "run", Host: s.conn.Host(), Tenant: id(9, 1)},
		Groups: []journal.GroupRecord{{
			ID: id(genesysGroupKind, 0), Name: "G0", Outcome: push.Done,
			Remove: []plan.Entry{{ID: id(accountKind, 2), UserName: "p2@contoso.com"}},
		}},
	}
	result, err := pipeline.Undo(t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), run, s.settings)
	if err != nil {
		t.Fatal(err)
	}
	if out := result.Outcomes[0]; out.Status != push.Refused || s.requests("PUT") > 0 {
		t.Errorf("%s (%s) with %d PUTs", out.Status, out.Detail, s.requests("PUT"))
	}
}
