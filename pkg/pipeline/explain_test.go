package pipeline_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/sandbox"
)

// Person 3 is in group 0 only by group 1, which is nested in it.
func TestExplainSources(t *testing.T) {
	for _, test := range []struct {
		name    string
		edit    func(*scene)
		through int // groups between the person and group 0
		leftOut plan.LeftOut
		wanted  bool
	}{
		{name: "nested", edit: func(s *scene) { s.settings.Mappings[0].Nested = true }, through: 1, wanted: true},
		{name: "not nested", edit: func(*scene) {}, through: 1, leftOut: plan.LeftOutNested},
		{name: "excluded", edit: func(s *scene) {
			s.settings.Mappings[0].Nested = true
			exclude(s, id(personKind, 3))
		}, through: 1, leftOut: plan.LeftOutExcluded},
		{name: "disabled", edit: func(s *scene) {
			s.settings.Mappings[0].Nested, s.settings.DropDisabled = true, true
			s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) { e.Users[3].AccountEnabled = false })
		}, through: 1, leftOut: plan.LeftOutDisabled},
		{name: "a circle of groups", edit: func(s *scene) {
			s.settings.Mappings[0].Nested = true
			s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
				e.Groups[1].Members = append(e.Groups[1].Members, e.Groups[0].ID)
			})
		}, through: 1, wanted: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 6, [][]int{{0, 1}, {3}}, [][]int{{0, 1}, {3}})
			s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
				for i := range e.Users {
					e.Users[i].AccountEnabled = true
				}
				e.Groups[0].Members = append(e.Groups[0].Members, e.Groups[1].ID)
			})
			test.edit(s)
			e, _, err := pipeline.Explain(t.Context(), s.entra, genesys.NewReader(s.conn), "p3@contoso.com", s.settings)
			if err != nil {
				t.Fatal(err)
			}
			place := e.Places[0]
			if len(place.Sources) != 1 || len(place.Sources[0].Through) != test.through || place.LeftOut != test.leftOut || place.Wanted != test.wanted {
				t.Errorf("%+v", place)
			}
			if s.requests("PUT") > 0 {
				t.Error("it wrote")
			}
		})
	}
}

// How somebody is in a group costs one request for a direct member of every group, one more to see that they are in no other, and
// one for each group that may lead to one.
func TestExplainCost(t *testing.T) {
	for person, want := range map[int]int{0: 1, 1: 2, 2: 3} {
		s := newScene(t, 6, [][]int{{0, 1}, {0, 2}}, [][]int{{0, 1}, {0, 2}})
		s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
			e.Groups[0].Members = append(e.Groups[0].Members, e.Groups[1].ID)
		})
		if _, _, err := pipeline.Explain(t.Context(), s.entra, genesys.NewReader(s.conn), id(personKind, person), s.settings); err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, r := range s.world.Requests() {
			if strings.Contains(strings.ToLower(r.Path), "memberof/") {
				got++
			}
		}
		if got != want {
			t.Errorf("person %d: %d requests, want %d", person, got, want)
		}
	}
}

// A chain of groups that is longer than what explain reads is not taken as whole.
func TestExplainALongChain(t *testing.T) {
	s := newScene(t, 3, [][]int{{0}}, [][]int{{0}})
	s.settings.Mappings[0].Nested = true
	s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
		member := id(personKind, 1)
		for n := 1; n <= 210; n++ {
			e.Groups = append(e.Groups, sandbox.EntraGroup{ID: id(entraGroupKind, n), Members: []string{member}})
			member = id(entraGroupKind, n)
		}
		e.Groups[0].Members = append(e.Groups[0].Members, member)
	})
	e, _, err := pipeline.Explain(t.Context(), s.entra, genesys.NewReader(s.conn), "p1@contoso.com", s.settings)
	if err != nil {
		t.Fatal(err)
	}
	noted := slices.ContainsFunc(e.Notes, func(n string) bool { return strings.Contains(n, "they are in more than 200") })
	if sources := e.Places[0].Sources; !noted || len(sources) != 1 || !sources[0].Unread || !e.Places[0].Wanted {
		t.Errorf("notes %q, %+v", e.Notes, e.Places[0])
	}
}

// A reason that could not be read is not replaced by one that may be wrong. Person 3 is in group 0 only by group 1.
func TestExplainReasonsThatCannotBeRead(t *testing.T) {
	nobody := sandbox.Fault{Body: json.RawMessage(`{"@odata.count":0,"value":[]}`)}
	for _, test := range []struct {
		name, match string
		fault       sandbox.Fault
		nested      bool
		sources     []bool // whether the groups between could not be read
		leftOut     plan.LeftOut
		note        string
	}{
		{name: "no chain", match: "GET /v1.0/groups/*/memberOf/*", fault: nobody, sources: []bool{true}, leftOut: plan.LeftOutNested},
		{name: "chains may not be read", match: "GET /v1.0/groups/*/memberOf/*", fault: sandbox.Fault{Status: 403}, sources: []bool{true},
			leftOut: plan.LeftOutNested, note: "403"},
		{name: "all groups may not be read", match: "GET /v1.0/users/*/transitiveMemberOf/*", fault: sandbox.Fault{Status: 403},
			leftOut: plan.LeftOutUnknown, note: "403"},
		{name: "no groups may be read", match: "GET /v1.0/users/*/memberOf/*", fault: sandbox.Fault{Status: 403},
			leftOut: plan.LeftOutUnknown, note: "403"},
		{name: "fewer groups than are counted", match: "GET /v1.0/users/*/transitiveMemberOf/*",
			fault: sandbox.Fault{Body: json.RawMessage(`{"@odata.count":5,"value":[]}`)}, leftOut: plan.LeftOutUnknown, note: "do not fit their count"},
		{name: "members and groups do not agree", match: "GET /v1.0/groups/*/transitiveMembers/*", fault: nobody, nested: true,
			sources: []bool{false}, leftOut: plan.LeftOutUnknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 6, [][]int{{0, 1}, {3}}, [][]int{{0, 1, 3}, {3}})
			s.settings.Mappings = s.settings.Mappings[:1]
			s.settings.Mappings[0].Nested, s.settings.Mappings[0].AllowEmpty = test.nested, true
			s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
				e.Groups[0].Members = append(e.Groups[0].Members, e.Groups[1].ID)
			})
			test.fault.Match = test.match
			s.faults([]sandbox.Fault{test.fault})
			e, _, err := pipeline.Explain(t.Context(), s.entra, genesys.NewReader(s.conn), "p3@contoso.com", s.settings)
			if err != nil {
				t.Fatal(err)
			}
			var unread []bool
			for _, source := range e.Places[0].Sources {
				unread = append(unread, source.Unread)
			}
			if !slices.Equal(unread, test.sources) || e.Places[0].LeftOut != test.leftOut {
				t.Errorf("%+v", e.Places[0])
			}
			if all := strings.Join(e.Notes, "; "); !strings.Contains(all, test.note) || (all != "") != (test.note != "") {
				t.Errorf("notes %q", all)
			}
		})
	}
}

// What cannot be read is a note or an error. It is never taken for a person who does not exist.
func TestExplainFailures(t *testing.T) {
	for _, test := range []struct {
		name, ref string
		faults    []sandbox.Fault
		err       bool
		note      string
	}{
		{name: "nobody", ref: "nobody@contoso.com", err: true},
		{name: "the person cannot be read", ref: "p1@contoso.com", err: true, faults: []sandbox.Fault{{Match: "GET /v1.0/users", Status: 403}}},
		{name: "the groups of the person cannot be read", ref: "p1@contoso.com", note: "by which Entra groups they belong",
			faults: []sandbox.Fault{{Match: "GET /v1.0/users/*/memberOf/*", Status: 403}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 3, [][]int{{0, 1}}, [][]int{{0, 1}})
			s.faults(test.faults)
			e, _, err := pipeline.Explain(t.Context(), s.entra, genesys.NewReader(s.conn), test.ref, s.settings)
			if (err != nil) != test.err || errors.As(err, new(*pipeline.UnknownPersonError)) != (test.name == "nobody") {
				t.Fatalf("error %v", err)
			}
			if noted := slices.ContainsFunc(e.Notes, func(n string) bool { return test.note != "" && strings.HasPrefix(n, test.note) }); noted != (test.note != "") {
				t.Errorf("notes %q", e.Notes)
			}
		})
	}
}
