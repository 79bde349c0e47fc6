package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// Incident 5: groups of every awkward size are read whole, and a second run writes nothing.
func TestEverySizeIsReadWhole(t *testing.T) {
	for _, size := range []int{0, 1, 99, 100, 101, 999, 1000, 2500} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			s := newScene(t, size, [][]int{upTo(size)}, [][]int{nil})
			s.settings.Policy.Limits.AddEmpty = 2500
			want := "G0 changed"
			if size == 0 {
				want = "G0 in step"
			}
			if got, _ := s.sync(); got != want {
				t.Fatalf("ended as %q, want %q", got, want)
			}
			got := s.members(0)
			slices.Sort(got)
			if diff := cmp.Diff(upTo(size), got, cmp.Comparer(func(a, b []int) bool { return slices.Equal(a, b) })); diff != "" {
				t.Errorf("the group: -want +got\n%s", diff)
			}
			puts := s.requests("PUT")
			if got, _ := s.sync(); got != "G0 in step" || s.requests("PUT") != puts {
				t.Errorf("the second run: %q, %d more PUTs", got, s.requests("PUT")-puts)
			}
		})
	}
}

// A first run has no state and the same guard (incident 10); everything is decided before the first PUT.
func TestLimitsAreCheckedForTheWholeRunFirst(t *testing.T) {
	fourteen, nineteen := upTo(14), upTo(19)
	s := newScene(t, 60, [][]int{upTo(20), fourteen, fourteen, fourteen, fourteen, fourteen}, [][]int{nineteen, nineteen, nineteen, nineteen, nineteen, nineteen})
	got, _ := s.sync()
	if want := "G0 changed, G1 refused, G2 refused, G3 refused, G4 refused, G5 refused"; got != want {
		t.Errorf("ended as %q, want %q", got, want)
	}
	if n := s.requests("PUT"); n != 1 {
		t.Errorf("%d PUTs, want 1", n)
	}
}

// Incident 9: a dry run reads and signs in, and does nothing else.
func TestDiffWritesToNoService(t *testing.T) {
	s := newScene(t, 9, [][]int{{1, 2, 3}}, [][]int{{3, 4}})
	file, err := pipeline.Fetch(t.Context(), s.entra, s.settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.Diff(t.Context(), nil, genesys.NewReader(s.conn), &file, s.settings); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.world.Requests() {
		token := r.Method == "POST" && (r.Path == "/oauth/token" || strings.HasSuffix(r.Path, "/oauth2/v2.0/token"))
		if r.Method != "GET" && !token {
			t.Errorf("a diff sent %s %s", r.Method, r.Path)
		}
	}
}

// Somebody else writes between the reading that was planned on and the PUT: the group is planned again from what is
// there, limits included, and nobody is overwritten (incident 15).
func TestReplan(t *testing.T) {
	add := func(n int) []string { return []string{id(accountKind, n)} }
	for _, test := range []struct {
		name   string
		edit   sandbox.FaultEdit
		limits func(*plan.Policy)
		want   string
		after  []int
	}{
		{"another newcomer of theirs is removed with the rest", sandbox.FaultEdit{Add: add(8)}, nil, "G0 changed", []int{0, 1, 2, 3}},
		{"what they added is wanted anyway", sandbox.FaultEdit{Add: add(2)}, nil, "G0 changed", []int{0, 1, 2, 3}},
		{"the new removals count", sandbox.FaultEdit{Add: add(8)}, func(p *plan.Policy) { p.Limits.Remove = plan.Count(1) }, "G0 refused", []int{0, 1, 4, 8}},
		{"and in the run's total", sandbox.FaultEdit{Add: add(8)}, func(p *plan.Policy) { p.Limits.RemoveTotal = plan.Count(1) }, "G0 refused", []int{0, 1, 4, 8}},
	} {
		for name, match := range map[string]string{
			"before its reading": "GET /api/v2/scim/v2/groups/*",
			"before its PUT":     "PUT *",
		} {
			t.Run(test.name+", "+name, func(t *testing.T) {
				s := newScene(t, 9, [][]int{{0, 1, 2, 3}}, [][]int{{0, 1, 4}})
				if test.limits != nil {
					test.limits(&s.settings.Policy)
				}
				edit := test.edit
				edit.Group, edit.Before = "G0", true
				s.faults([]sandbox.Fault{{Match: match, Times: 1, Edit: &edit}})
				got, _ := s.sync()
				after := s.members(0)
				slices.Sort(after)
				if got != test.want || !slices.Equal(after, test.after) {
					t.Errorf("ended as %q with %v, want %q with %v", got, after, test.want, test.after)
				}
			})
		}
	}
}

// Incident 14: a mapping that means another group now is held by the limits like any other change.
func TestAChangedMappingIsHeldByTheLimits(t *testing.T) {
	s := newScene(t, 60, [][]int{upTo(20), {40, 41}}, [][]int{upTo(20), {40, 41}})
	if got, _ := s.sync(); got != "G0 in step, G1 in step" {
		t.Fatalf("before: %q", got)
	}
	s.settings.Mappings[0].Entra = s.settings.Mappings[1].Entra
	if got, _ := s.sync(); got != "G0 refused, G1 in step" || s.requests("PUT") > 0 {
		t.Errorf("ended as %q with %d PUTs", got, s.requests("PUT"))
	}
}

// A group that Genesys could only turn down is refused before the first PUT of the run.
func TestTooLargeForOnePut(t *testing.T) {
	s := newScene(t, 10_700, [][]int{upTo(10_700), {1}}, [][]int{nil, nil})
	s.settings.Policy.Limits.AddEmpty = 20_000
	got, result := s.sync()
	if got != "G0 refused, G1 changed" || result.Outcomes[0].Group.Refusals[0].MaxBytes != 512_000 {
		t.Errorf("ended as %q: %+v", got, result.Outcomes[0].Group.Refusals)
	}
}

// Somebody renames the group in the course of the run. Whoever mapped it by its name may not mean it any more; whoever
// mapped it by its id does.
func TestRenamedInTheCourseOfTheRun(t *testing.T) {
	for _, moved := range []bool{false, true} {
		for _, test := range []struct{ genesys, want string }{{"G0", "G0 missing"}, {id(genesysGroupKind, 0), "G0 changed"}} {
			s := newScene(t, 9, [][]int{{0, 1, 2, 3}}, [][]int{{0, 1, 4}})
			s.settings.Mappings[0].Genesys = test.genesys
			s.before = func(r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/api/v2/scim/v2/groups/") && r.Method == http.MethodGet {
					s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
						org.Groups[0].DisplayName = "Board"
						if moved {
							org.Groups[0].Members = org.Groups[0].Members[1:]
						}
					})
				}
			}
			if got, _ := s.sync(); got != test.want || (s.requests("PUT") > 0) != strings.HasSuffix(test.want, "changed") {
				t.Errorf("mapped by %q, moved %v: %q with %d PUTs, want %q", test.genesys, moved, got, s.requests("PUT"), test.want)
			}
		}
	}
}

// What one group takes of the run's total after it was planned again is gone for the next.
func TestReplannedGroupsShareTheTotal(t *testing.T) {
	s := newScene(t, 40, [][]int{upTo(20), upTo(20)}, [][]int{upTo(21), upTo(21)})
	s.settings.Policy.Limits.RemoveTotal = plan.Count(5)
	s.settings.Concurrency.Genesys = 1 // so that the first comes first
	s.faults([]sandbox.Fault{
		{Match: "PUT *" + id(genesysGroupKind, 0), Times: 1, Edit: &sandbox.FaultEdit{Group: "G0", Before: true, Add: []string{id(accountKind, 30), id(accountKind, 31)}}},
		{Match: "PUT *" + id(genesysGroupKind, 1), Times: 1, Edit: &sandbox.FaultEdit{Group: "G1", Before: true, Add: []string{id(accountKind, 30), id(accountKind, 31)}}},
	})
	if got, _ := s.sync(); got != "G0 changed, G1 refused" {
		t.Errorf("three removals and three of five: %q, want the second refused", got)
	}
}

// One Entra group may feed one mapping with its nested groups and another one without; each Entra group is read once for
// each of the two.
func TestEachEntraGroupIsReadOnce(t *testing.T) {
	s := newScene(t, 9, [][]int{{0}, {1}, {}, {}}, [][]int{nil, nil, nil, nil})
	s.edit(func(entra *sandbox.Entra, _ *sandbox.Genesys) {
		entra.Groups[0].Members = append(entra.Groups[0].Members, entra.Groups[1].ID)
	})
	for i, nested := range []bool{false, true, false, true} {
		s.settings.Mappings[i].Entra, s.settings.Mappings[i].Nested = []string{id(entraGroupKind, 0)}, nested
		s.settings.Mappings[i].Exclude = []string{"p5@contoso.com"}
	}
	s.sync()
	if got := fmt.Sprint(s.members(0), s.members(1), s.members(2), s.members(3)); got != "[0] [0 1] [0] [0 1]" {
		t.Errorf("the groups: %s", got)
	}
	reads, lookups := 0, 0
	for _, r := range s.world.Requests() {
		if strings.Contains(r.Path, "embers/microsoft.graph.user") {
			reads++
		} else if r.Path == "/v1.0/users" {
			lookups++
		}
	}
	if reads != 2 || lookups != 2 { // what takes people away is read before and after
		t.Errorf("%d readings of members and %d look-ups, want 2 and 2", reads, lookups)
	}
}

func TestGroupsByName(t *testing.T) {
	for _, test := range []struct{ genesys, want string }{
		{"G1", ""},
		{"g1", `(` + id(genesysGroupKind, 1) + ` is called "G1")`},
		{"Nobody", "callroll groups genesys lists"},
		{id(genesysGroupKind, 77), "callroll groups genesys lists"},
		{"Twin", "2 Genesys groups are called \"Twin\": " + id(genesysGroupKind, 8) + ", " + id(genesysGroupKind, 9)},
	} {
		s := newScene(t, 9, [][]int{{0}, {1}}, [][]int{{0}, {1}})
		s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
			for _, n := range []int{9, 8} {
				org.Groups = append(org.Groups, sandbox.GenesysGroup{ID: id(genesysGroupKind, n), DisplayName: "Twin"})
			}
		})
		s.settings.Mappings[1].Genesys = test.genesys
		_, result := s.sync()
		out := result.Outcomes[1]
		if (out.Status == push.InStep) != (test.want == "") || !strings.Contains(out.Detail+"; "+out.Hint, test.want) {
			t.Errorf("%s: %s: %s; %s; want %q in it", test.genesys, out.Status, out.Detail, out.Hint, test.want)
		}
	}
}

// Two entries are one group even if one of them cannot be read in Entra.
func TestTwinsOfWhichOneIsUnreadable(t *testing.T) {
	s := newScene(t, 9, [][]int{{0}, {1}}, [][]int{{0}, {1}})
	s.settings.Mappings[1].Genesys, s.settings.Mappings[1].Entra = "G0", []string{id(entraGroupKind, 77)}
	if got, _ := s.sync(); got != "G0 refused, G1 refused" {
		t.Errorf("ended as %q", got)
	}
}

// Two entries are one group even if the group cannot be read for one of them, and neither is written.
func TestTwinsOfWhichOneCannotBeReadInGenesys(t *testing.T) {
	for _, order := range [][2]string{{id(genesysGroupKind, 0), "G0"}, {"G0", id(genesysGroupKind, 0)}} {
		s := newScene(t, 9, [][]int{{0}, {1}}, [][]int{nil, {1}})
		s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) { org.Switches.MembersAbsentWhenEmpty = true })
		s.settings.Mappings[0].Genesys, s.settings.Mappings[1].Genesys = order[0], order[1]
		s.faults([]sandbox.Fault{{Match: "GET /api/v2/groups/*/individuals", Status: 403, Times: 1}})
		if got, _ := s.sync(); got != "G0 refused, G1 refused" || s.requests("PUT") > 0 {
			t.Errorf("%v: ended as %q after %d PUTs", order, got, s.requests("PUT"))
		}
	}
}

// A paused mapping is not read, and needs no place in a membership file.
func TestPausedIsNotRead(t *testing.T) {
	s := newScene(t, 9, [][]int{{0}, {1}}, [][]int{{0}, {2}})
	s.settings.Mappings[1].Mode, s.settings.Mappings[1].Entra = plan.Paused, []string{id(entraGroupKind, 77)}
	if got, _ := s.sync(); got != "G0 in step, G1 paused" {
		t.Errorf("ended as %q", got)
	}
}

// A group without the members attribute is empty only if the listing lacks it there too and shows members on another
// group (incident 18).
func TestAbsentMembers(t *testing.T) {
	lacks := func(match string) sandbox.Fault { return sandbox.Fault{Match: match, Omit: []string{"members"}} }
	// The plan, too, knows how many there are, before anything is read again.
	listless := newScene(t, 9, [][]int{{0, 1}, {2, 3}}, [][]int{{0, 1, 4}, {2}})
	listless.faults([]sandbox.Fault{lacks("GET /api/v2/scim/groups")})
	file, err := pipeline.Fetch(t.Context(), listless.entra, listless.settings)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.Diff(t.Context(), nil, genesys.NewReader(listless.conn), &file, listless.settings)
	if err != nil || p.Groups[0].Found() != 3 {
		t.Fatalf("the plan found %d members, want 3 (%v)", p.Groups[0].Found(), err)
	}
	single, list := "GET /api/v2/scim/v2/groups/*", "GET /api/v2/scim/groups"
	for _, test := range []struct {
		name   string
		faults []sandbox.Fault
		want   string
	}{
		{"on the single group only", []sandbox.Fault{lacks(single)}, "G0 incomplete, G1 incomplete"},
		{"on the whole list: the single groups tell", []sandbox.Fault{lacks(list)}, "G0 changed, G1 changed"},
		{"on both, everywhere: a service that shows none", []sandbox.Fault{lacks(single), lacks(list)}, "G0 incomplete, G1 incomplete"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 9, [][]int{{0, 1}, {2, 3}}, [][]int{{0, 1, 4}, {2}})
			s.faults(test.faults)
			if got, _ := s.sync(); got != test.want {
				t.Errorf("ended as %q, want %q", got, test.want)
			}
			if strings.Contains(test.want, "incomplete") && s.requests("PUT") > 0 {
				t.Error("a group was written whose members nobody has seen")
			}
		})
	}
}

// Whatever page or request fails, nobody is removed by it (incident 4): each request of a clean run is made to fail in
// turn, in each way, and what was not wanted out is still there.
func TestNoFaultRemovesAnybody(t *testing.T) {
	clean := func(t *testing.T) *scene {
		return newScene(t, 60, [][]int{upTo(10), upTo(12)}, [][]int{upTo(11), upTo(11)})
	}
	s := clean(t)
	s.sync()
	cut := 30
	for i := range s.world.Requests() {
		for name, fault := range map[string]sandbox.Fault{
			"503": {Status: 503}, "404": {Status: 404}, "400": {Status: 400}, "html": {Body: "<html>"}, "empty object": {Body: map[string]any{}},
			"cut": {Cut: &cut}, "dropped": {Drop: true}, "applied and dropped": {Apply: true, Drop: true}, "nothing in it": {Status: 200, Body: ""},
			"no value": {Omit: []string{"value", "Resources", "members"}}, "no count": {Omit: []string{"@odata.count", "totalResults"}},
		} {
			fault.Match, fault.Skip = "* *", i
			s := clean(t)
			s.faults([]sandbox.Fault{fault})
			s.connect()
			result, err := pipeline.Sync(t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), nil, s.settings)
			for g, wanted := range []int{10, 12} {
				now := s.members(g)
				for _, n := range upTo(wanted) {
					if n < 11 && !slices.Contains(now, n) {
						t.Errorf("%s from request %d on: account %d is gone from G%d (%v, %v)", name, i, n, g, result.Outcomes, err)
					}
				}
				if len(now) < 10 || len(now) > 12 {
					t.Errorf("%s from request %d on: G%d has %d members", name, i, g, len(now))
				}
			}
			// And a later run without the fault converges.
			s.faults(nil)
			s.sync()
			if got, _ := s.sync(); got != "G0 in step, G1 in step" {
				t.Errorf("%s from request %d on: later runs end as %q", name, i, got)
			}
		}
	}
}

// The group's name and external id are as before, whatever was written (incident 17).
func TestNamesAndExternalIDsStay(t *testing.T) {
	s := newScene(t, 9, [][]int{{0, 1, 2}}, [][]int{{0, 3}})
	s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
		org.Groups = append(org.Groups, sandbox.GenesysGroup{ID: id(genesysGroupKind, 7), DisplayName: "Without", Version: 3, Members: []sandbox.GenesysMember{{Value: id(accountKind, 1)}}})
	})
	s.settings.Mappings = append(s.settings.Mappings, pipeline.Mapping{Rule: plan.Rule{Name: "last one", Entra: []string{id(entraGroupKind, 0)}, Genesys: "Without"}})
	if got, _ := s.sync(); got != "G0 changed, last one changed" {
		t.Fatalf("ended as %q", got)
	}
	groups := s.world.Genesys().Groups
	if groups[0].DisplayName != "G0" || groups[0].ExternalID != "x0" || groups[1].DisplayName != "Without" || groups[1].ExternalID != "" {
		t.Errorf("names or external ids have changed: %+v", groups)
	}
	for _, r := range s.world.Requests() {
		if r.Method == "PUT" && (r.IfMatch == "" || r.IdempotencyKey == "") {
			t.Errorf("a PUT without If-Match or Idempotency-Key: %+v", r)
		}
	}
}

// The last member's removal is an explicit empty array (incident 17).
func TestLastMemberGoes(t *testing.T) {
	s := newScene(t, 2, [][]int{{}}, [][]int{{0}})
	if got, _ := s.sync(); got != "G0 refused" {
		t.Fatalf("without allow_empty: %q", got)
	}
	s.settings.Mappings[0].AllowEmpty = true
	if got, _ := s.sync(); got != "G0 changed" || len(s.members(0)) != 0 {
		t.Fatalf("with allow_empty: %q, members %v", got, s.members(0))
	}
	requests := s.world.Requests()
	last := requests[len(requests)-1]
	if !strings.Contains(strings.ReplaceAll(string(last.Body), " ", ""), `"members":[]`) {
		t.Errorf("the PUT was %s", last.Body)
	}
}

// Tokens that die in the course of a run are renewed, on both sides.
func TestTokensAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, 9, [][]int{{0}, {1}, {2}}, [][]int{{3}, {4}, {5}})
		s.edit(func(entra *sandbox.Entra, org *sandbox.Genesys) { entra.TokenSeconds, org.TokenSeconds = 310, 60 })
		s.faults([]sandbox.Fault{{Match: "GET /v1.0/*", Delay: sandbox.Duration(50 * time.Second)}, {Match: "GET /api/*", Delay: sandbox.Duration(40 * time.Second)}})
		if got, _ := s.sync(); got != "G0 changed, G1 changed, G2 changed" {
			t.Errorf("ended as %q", got)
		}
	})
}

// A run that is stopped while it reads Entra says so, and has asked Genesys for nothing.
func TestFetchStopped(t *testing.T) {
	s := newScene(t, 9, [][]int{{0}}, [][]int{{0}})
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	stop(why)
	if _, err := pipeline.Fetch(ctx, s.entra, s.settings); !errors.Is(err, why) {
		t.Errorf("Fetch: %v, want %v", err, why)
	}
}

// A membership that comes from elsewhere than the configuration says is another mistake than a stale one.
func TestMembershipFromElsewhere(t *testing.T) {
	s := newScene(t, 9, [][]int{{0, 1}, {2}}, [][]int{{0}, {2}})
	s.settings.Tenant = id(9, 1)
	file, err := pipeline.Fetch(t.Context(), s.entra, s.settings)
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.world.Requests())
	for name, change := range map[string]func(*membership.File, *pipeline.Settings){
		"another tenant":      func(f *membership.File, _ *pipeline.Settings) { f.Tenant = id(9, 2) },
		"another Entra group": func(_ *membership.File, s *pipeline.Settings) { s.Mappings[0].Entra = []string{id(entraGroupKind, 1)} },
		"a group less":        func(f *membership.File, _ *pipeline.Settings) { f.Groups = f.Groups[1:] },
		"a group more":        func(_ *membership.File, s *pipeline.Settings) { s.Mappings = s.Mappings[1:] },
	} {
		f, settings := file, s.settings
		settings.Mappings = slices.Clone(settings.Mappings)
		change(&f, &settings)
		_, err := pipeline.Diff(t.Context(), nil, genesys.NewReader(s.conn), &f, settings)
		var mismatch *pipeline.MismatchError
		var absent *pipeline.AbsentError // the call may be at fault, and not the configuration
		wanted := errors.As(err, &mismatch)
		if name == "a group less" {
			wanted = errors.As(err, &absent) && len(absent.Absent) == 1 && len(absent.Has) == 1
		}
		if !wanted || len(s.world.Requests()) != before {
			t.Errorf("%s: %v, %d requests; want a mismatch and none", name, err, len(s.world.Requests())-before)
		}
	}
}

// A listing of users that shows nobody, in an org whose groups have members, is a service that has gone blind.
func TestNoUserAtAll(t *testing.T) {
	s := newScene(t, 9, [][]int{{0, 1}}, [][]int{{0}})
	s.faults([]sandbox.Fault{{Match: "GET /api/v2/scim/v2/users", Body: map[string]any{"totalResults": 0, "Resources": []any{}}}})
	s.connect()
	_, err := pipeline.Sync(t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), nil, s.settings)
	if err == nil || membership.CauseOf(err) != membership.Incomplete || s.requests("PUT") > 0 {
		t.Errorf("Sync: %v", err)
	}
}

func TestPushRefusesWholeFiles(t *testing.T) {
	s := newScene(t, 9, [][]int{{0, 1}}, [][]int{{0}})
	file, err := pipeline.Fetch(t.Context(), s.entra, s.settings)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.Diff(t.Context(), nil, genesys.NewReader(s.conn), &file, s.settings)
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.world.Requests())
	old, foreign := p, p
	old.Expires = time.Now().Add(-time.Second)
	foreign.Genesys = "api.mypurecloud.de"
	staleFile := file
	staleFile.Expires = old.Expires
	var mismatch *pipeline.MismatchError
	reader := genesys.NewReader(s.conn)
	if _, err := pipeline.Push(t.Context(), nil, reader, nil, old, s.settings); !errors.Is(err, pipeline.ErrExpired) {
		t.Errorf("an expired plan: %v", err)
	}
	if _, err := pipeline.Push(t.Context(), nil, reader, nil, foreign, s.settings); !errors.As(err, &mismatch) {
		t.Errorf("a plan for another org: %v", err)
	}
	if _, err := pipeline.Sync(t.Context(), nil, reader, nil, &staleFile, s.settings); !errors.Is(err, pipeline.ErrExpired) {
		t.Errorf("an expired membership: %v", err)
	}
	if n := len(s.world.Requests()); n != before {
		t.Errorf("%d requests for files that are of no use", n-before)
	}
}

// The three stages and sync leave the same world behind, whatever the world.
func TestStagesAreSync(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 0))
		pick := func() []int {
			return slices.DeleteFunc(upTo(12), func(int) bool { return r.IntN(3) == 0 })
		}
		wanted, members := [][]int{pick(), pick(), pick()}, [][]int{pick(), pick(), pick()}
		one, two := newScene(t, 12, wanted, members), newScene(t, 12, wanted, members)
		one.sync()

		file, err := pipeline.Fetch(t.Context(), two.entra, two.settings)
		if err != nil {
			t.Fatal(err)
		}
		bytes, err := file.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if file, err = membership.DecodeFile(bytes); err != nil {
			t.Fatal(err)
		}
		reader := genesys.NewReader(two.conn)
		p, err := pipeline.Diff(t.Context(), nil, reader, &file, two.settings)
		if err != nil {
			t.Fatal(err)
		}
		if bytes, err = p.Encode(); err != nil {
			t.Fatal(err)
		}
		if p, err = plan.Decode(bytes); err != nil {
			t.Fatal(err)
		}
		result, err := pipeline.Push(t.Context(), nil, reader, genesys.NewWriter(two.conn), p, two.settings)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range result.Outcomes {
			if !slices.Contains([]push.Status{push.Done, push.InStep, push.Refused}, o.Status) {
				t.Errorf("seed %d: %s ended as %q: %s", seed, o.Group.Name, o.Status, o.Detail)
			}
		}
		if diff := cmp.Diff(one.world.Genesys().Groups, two.world.Genesys().Groups); diff != "" {
			t.Errorf("seed %d: -sync +stages\n%s", seed, diff)
		}
	}
}
