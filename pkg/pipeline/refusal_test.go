package pipeline_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// division is a group of 52 members, 40 of whom are in no list, and of three people who are to join it.
func division(t *testing.T, name string) *scene {
	s := newScene(t, 60, [][]int{append(upTo(12), 52, 53, 54)}, [][]int{upTo(52)})
	s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
		g.Groups[0].DisplayName, g.Divisions = name, []string{"seen"}
		for i := 12; i < 52; i++ {
			g.Users[i].Division = "other"
		}
	})
	return s
}

// refuse answers every PUT, and the look-up of every user, where a reply is given for it.
func (s *scene) refuse(put reply, lookUp *reply) {
	s.instead = func(r *http.Request) *http.Response {
		switch {
		case r.Method == http.MethodPut:
			return put.response()
		case lookUp != nil && strings.HasPrefix(r.URL.Path, "/api/v2/scim/v2/users/"):
			return lookUp.response()
		}
		return nil
	}
}

// releases counts the members whom a report offers to let go.
func releases(out push.Outcome) (n int) {
	for _, refusal := range out.Group.Refusals {
		if refusal.Allow != nil {
			n += len(refusal.Allow.Release)
		}
	}
	return n
}

// Incident 33: whatever a PUT is answered, nobody leaves, and only Genesys' own words about members may end in a way out.
func TestWhatARefusalMeans(t *testing.T) {
	gone := &reply{404, "application/scim+json", scimError(404, "no such user")}
	for _, test := range []struct {
		name string
		put  reply
		want push.Status // where Genesys knows none of the 40; it is rejected or unclear all the same where it knows them
	}{
		{"members", reply{400, "application/json", ownError(400, "Invalid member")}, push.Refused},
		{"members, SCIM", reply{400, "application/scim+json", scimError(400, "unknown users in the list")}, push.Refused},
		{"a member by id", reply{400, "application/json", ownError(400, "not found: "+id(accountKind, 40))}, push.Refused},
		{"a member by id, whatever else it says", reply{400, "application/json", ownError(400, id(accountKind, 40)+" is locked")}, push.Refused},
		{"not found, with the group there", reply{404, "application/scim+json", scimError(404, "not found")}, push.Refused},
		{"pending", reply{400, "application/json", ownError(400, "members pending")}, push.Rejected},
		{"an evaluation", reply{400, "application/json", ownError(400, "rule evaluation of members")}, push.Rejected},
		{"a lock", reply{400, "application/json", ownError(400, "users are locked")}, push.Rejected},
		{"a quota", reply{400, "application/json", ownError(400, "quota of members")}, push.Rejected},
		{"a limit", reply{400, "application/json", ownError(400, "member limit")}, push.Rejected},
		{"in progress", reply{400, "application/json", ownError(400, "members: in progress")}, push.Rejected},
		{"busy", reply{404, "application/json", ownError(404, "busy")}, push.Rejected},
		{"read-only", reply{400, "application/json", ownError(400, "The group is read-only while it is being provisioned")}, push.Rejected},
		{"HTML of a gateway", reply{400, "text/html", "<html>member blocked</html>"}, push.Rejected},
		{"members as HTML", reply{400, "text/html", ownError(400, "Invalid member")}, push.Rejected},
		{"members in a body for another status", reply{400, "application/json", ownError(500, "Invalid member")}, push.Rejected},
		{"members in words of a gateway", reply{400, "application/json", `{"message":"Invalid member"}`}, push.Rejected},
		{"empty", reply{400, "text/plain", ""}, push.Rejected},
		{"version", reply{409, "application/scim+json", scimError(409, "member version")}, push.Rejected},
		{"precondition", reply{412, "application/json", ownError(412, "Invalid member")}, push.Rejected},
		{"precondition of a gateway", reply{412, "text/html", "<html>members</html>"}, push.Rejected},
		{"too large", reply{413, "application/json", ownError(413, "too many members")}, push.Rejected},
		{"payment", reply{402, "application/json", ownError(402, "members without licence")}, push.Rejected},
		{"method", reply{405, "application/json", ownError(405, "members")}, push.Rejected},
		{"media type", reply{415, "application/json", ownError(415, "members")}, push.Rejected},
		{"cannot", reply{422, "application/json", ownError(422, "Invalid member")}, push.Rejected},
		{"permission", reply{403, "application/json", ownError(403, "Invalid member")}, push.Denied},
		{"not found, HTML", reply{404, "text/html", "<html>member</html>"}, push.Unavailable},
		{"not found, words of a gateway", reply{404, "application/json", `{"message":"member not found"}`}, push.Unavailable},
		{"a redirect", reply{302, "text/html", ""}, push.Unavailable},
		{"not made", reply{501, "application/json", ownError(501, "Invalid member")}, push.Unavailable},
		{"failing", reply{500, "application/json", ownError(500, "Invalid member")}, push.Unavailable},
		{"nothing at all", reply{204, "application/json", ""}, push.NotApplied},
		{"made", reply{201, "application/json", "{}"}, push.NotApplied},
		{"a page to sign in", reply{200, "text/html", "<html>login</html>"}, push.NotApplied},
		{"no body", reply{200, "application/json", ""}, push.NotApplied},
	} {
		for _, lookUp := range []*reply{gone, nil} {
			for _, mode := range []plan.Mode{plan.Mirror, plan.AddOnly} {
				if mode == plan.AddOnly && test.want != push.Refused {
					continue // the mode decides about the way out alone
				}
				s := division(t, "G0")
				s.settings.Mappings[0].Mode = mode
				s.refuse(test.put, lookUp)
				_, r := s.sync()
				out, want, offered := r.Outcomes[0], test.want, 0
				switch {
				case want == push.Refused && lookUp == nil:
					want = push.Incomplete // the lists and the look-up disagree
				case want == push.Refused && mode == plan.Mirror:
					offered = 40
				}
				if out.Status != want || releases(out) != offered || len(s.members(0)) != 52 {
					t.Errorf("%s, known %v, %s: %s (%.200s), %d offered, %d members; want %s, %d offered, 52 members",
						test.name, lookUp == nil, mode, out.Status, out.Detail, releases(out), len(s.members(0)), want, offered)
				}
			}
		}
	}
}

// An answer to a look-up that is not clear explains nothing, and offers nobody's release.
func TestLookUpsAfterARefusal(t *testing.T) {
	for _, test := range []struct {
		name   string
		lookUp reply
		want   push.Status
	}{
		{"none", reply{404, "application/json", ownError(404, "no such user")}, push.Refused},
		{"HTML", reply{404, "text/html", "<html></html>"}, push.Unavailable},
		{"HTML with the body of Genesys", reply{404, "text/html", ownError(404, "no such user")}, push.Unavailable},
		{"words of a gateway", reply{404, "application/json", `{"message":"Not Found"}`}, push.Unavailable},
		{"denied", reply{403, "application/json", ownError(403, "missing permission")}, push.Denied},
		{"failing", reply{500, "application/json", ownError(500, "internal")}, push.Unavailable},
	} {
		s := division(t, "G0")
		s.refuse(reply{400, "application/json", ownError(400, "Invalid member")}, &test.lookUp)
		_, r := s.sync()
		out := r.Outcomes[0]
		if out.Status != test.want || (releases(out) > 0) != (test.want == push.Refused) || len(s.members(0)) != 52 {
			t.Errorf("%s: %s (%.200s), %d offered, %d members, want %s",
				test.name, out.Status, out.Detail, releases(out), len(s.members(0)), test.want)
		}
	}
}

// A write that was answered with a yes that shows nothing is looked for, and is not applied.
func TestA200ThatDoesNotShowTheGroup(t *testing.T) {
	for _, put := range []reply{{200, "application/json", ""}, {200, "text/html", "<html>login</html>"}, {204, "application/json", ""}} {
		s := division(t, "G0")
		s.settings.ReadBack = 1
		s.refuse(put, &reply{404, "application/json", ownError(404, "no such user")})
		_, r := s.sync()
		if out := r.Outcomes[0]; out.Status != push.NotApplied || releases(out) > 0 || len(s.members(0)) != 52 {
			t.Errorf("%d %q: %s (%s), %d members", put.status, put.body, out.Status, out.Detail, len(s.members(0)))
		}
	}
}

// What the group is called changes nothing of what a refusal means.
func TestRefusalsOfGroupsWithNames(t *testing.T) {
	gone := &reply{404, "application/json", ownError(404, "no such user")}
	for _, name := range []string{"Support", "Blocked Calls", "Evaluations", "Locks", "Members", "User Support", "Quota"} {
		for said, want := range map[string]push.Status{
			"Invalid member of group " + name: push.Refused, "Group " + name + " is read-only": push.Rejected,
		} {
			s := division(t, name)
			s.refuse(reply{400, "application/json", ownError(400, said)}, gone)
			_, r := s.sync()
			if out := r.Outcomes[0]; out.Status != want || len(s.members(0)) != 52 || out.Cause != membership.Rejected {
				t.Errorf("%q: %s (%.200s), want %s", said, out.Status, out.Detail, want)
			}
		}
	}
}
