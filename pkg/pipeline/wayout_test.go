package pipeline_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// unseen makes a scene in which account 8 is a member of group 0, in no list of users, and not wanted.
func unseen(t *testing.T) *scene {
	s := newScene(t, 10, [][]int{upTo(8)}, [][]int{upTo(9)})
	s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
		g.Divisions, g.Users[8].Division = []string{"seen"}, "other"
	})
	return s
}

func (s *scene) release(who string) {
	s.settings.Policy.Release = map[string][]plan.Pattern{"G0": {pattern(s.t, who)}}
}

func pattern(t *testing.T, text string) plan.Pattern {
	t.Helper()
	p, err := plan.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// removing takes account 8 out of group 0, in one of several ways.
func (s *scene) removing(how string) (pipeline.Result, error) {
	s.t.Helper()
	switch how {
	case "plan":
		release := s.settings.Policy.Release
		s.settings.Policy.Release = nil // of whoever pushes the plan
		p := s.planned()
		s.settings.Policy.Release = release
		g := &p.Groups[0]
		g.State, g.Keep, g.Refusals, g.Incomplete = plan.Changes, []plan.Kept{}, []plan.Refusal{}, nil
		g.ID, g.DisplayName, g.Version = id(genesysGroupKind, 0), "G0", `"1"`
		g.Add, g.Remove = []plan.Entry{}, []plan.Entry{{ID: id(accountKind, 8), UserName: "p8@contoso.com"}}
		for _, n := range upTo(8) {
			g.Members = append(g.Members, id(accountKind, n))
		}
		slices.Sort(g.Members)
		g.Members = slices.DeleteFunc(slices.Compact(g.Members), func(member string) bool { return member == id(accountKind, 8) })
		return s.push(p)
	case "undo":
		return s.undo([]int{8}, nil)
	}
	_, r := s.sync()
	return r, nil
}

// Incident 33: a released member whom no list shows leaves only if Genesys itself says that there is no such user.
func TestWhoIsReleasedHasToBeGone(t *testing.T) {
	for _, test := range []struct {
		name   string
		lookUp *reply // nil where the World answers, which shows the user
		want   push.Status
	}{
		{"there is none", &reply{404, "application/scim+json", scimError(404, "no such user")}, push.Done},
		{"there is none, in the other form", &reply{404, "application/json", ownError(404, "no such user")}, push.Done},
		{"there is one", nil, push.Incomplete},
		{"a gateway has no page", &reply{404, "text/html", "<html>404</html>"}, push.Unavailable},
		{"HTML with the body of Genesys", &reply{404, "text/html", ownError(404, "no such user")}, push.Unavailable},
		{"another status in the body", &reply{404, "application/json", ownError(500, "no such user")}, push.Unavailable},
		{"empty", &reply{404, "application/json", ""}, push.Unavailable},
		{"words of a gateway", &reply{404, "application/json", `{"message":"Not Found"}`}, push.Unavailable},
		{"denied", &reply{403, "application/json", ownError(403, "missing permission")}, push.Denied},
		{"failing", &reply{500, "application/json", ownError(500, "internal")}, push.Unavailable},
		{"another user", &reply{200, "application/scim+json", `{"id":"x","userName":"x"}`}, push.Unavailable},
		{"nothing in it", &reply{200, "application/json", ""}, push.Unavailable},
	} {
		for _, how := range []string{"sync", "plan", "undo"} {
			s := unseen(t)
			s.release(id(accountKind, 8))
			s.instead = func(r *http.Request) *http.Response {
				if test.lookUp == nil || r.URL.Path != "/api/v2/scim/v2/users/"+id(accountKind, 8) {
					return nil
				}
				return test.lookUp.response()
			}
			r, err := s.removing(how)
			if err != nil {
				t.Fatal(err)
			}
			out := r.Outcomes[0]
			isMember := slices.Contains(s.members(0), 8)
			if out.Status != test.want || isMember == (test.want == push.Done) || len(s.members(0)) < 8 {
				t.Errorf("%s, %s: %s (%s) with %v, want %s", test.name, how, out.Status, out.Detail, s.members(0), test.want)
			}
		}
	}
}

// protect means the name that a plan or the journal gives as well: nobody knows another one of a member whom no list shows.
func TestProtectNamesAnUnseenMember(t *testing.T) {
	for _, protect := range []string{"p8@contoso.com", "P8@*", id(accountKind, 8), ""} {
		for _, release := range []string{"p8@contoso.com", id(accountKind, 8)} {
			for _, how := range []string{"plan", "undo"} {
				s := unseen(t)
				s.instead = func(r *http.Request) *http.Response {
					if r.URL.Path == "/api/v2/scim/v2/users/"+id(accountKind, 8) {
						return answer(404, "application/json", ownError(404, "no such user"))
					}
					return nil
				}
				if s.release(release); protect != "" {
					s.settings.Mappings[0].Protect = []plan.Pattern{pattern(t, protect)}
				}
				r, err := s.removing(how)
				if err != nil {
					t.Fatal(err)
				}
				out := r.Outcomes[0]
				if protected := slices.Contains(s.members(0), 8); protected != (protect != "") || (s.requests("PUT") > 0) == protected {
					t.Errorf("protect %q, release %q, %s: %s (%s) with %v", protect, release, how, out.Status, out.Detail, s.members(0))
				}
			}
		}
	}
}

// A plan may claim members that a group does not have. They make no removal of another group a small one.
func TestInventedMembersCountInNoTotal(t *testing.T) {
	for _, test := range []struct {
		invented int
		total    string
		want     push.Status // of the group that loses four of its thirty members
	}{
		{0, "10%", push.Done}, // of forty
		{0, "9%", push.Refused},
		{500, "9%", push.Refused},
		{500, "10%", push.Refused}, // of the thirty that are left
	} {
		s := newScene(t, 40, [][]int{upTo(40)[:26], upTo(40)[30:]}, [][]int{upTo(30), upTo(40)[30:]})
		limit, err := plan.ParseLimit(test.total)
		if err != nil {
			t.Fatal(err)
		}
		p := s.planned()
		s.settings.Policy.Limits.RemoveTotal, s.settings.Policy.Limits.RemoveTotalFloor = limit, 0
		for n := range test.invented {
			p.Groups[1].Members = append(p.Groups[1].Members, id(77, n))
		}
		p.Groups[1].Members = membership.Distinct(p.Groups[1].Members)
		r, err := s.push(p)
		if err != nil {
			t.Fatal(err)
		}
		if out := r.Outcomes[0]; out.Status != test.want || (s.requests("PUT") > 0) != (test.want == push.Done) {
			t.Errorf("%d members are invented and the limit is %s: %s (%s), want %s", test.invented, test.total, out.Status, out.Detail, test.want)
		}
		if out := r.Outcomes[1]; (out.Status == push.Stale) != (test.invented > 0) {
			t.Errorf("the group with %d invented members is %s (%s)", test.invented, out.Status, out.Detail)
		}
	}
}
