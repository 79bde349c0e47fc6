package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/sandbox"
)

// Incident 37: a deleted group's id was another group's name. Whether a group is found in the list or read alone, a reference means
// the same group, and one that has the form of an id never means a name.
func TestListAndSingleReadingFindTheSameGroup(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newScene(t, 3, [][]int{{0}, {0}, {0}}, [][]int{{0}, {0}, {0}})
		ids := []string{id(genesysGroupKind, 0), id(genesysGroupKind, 1), id(genesysGroupKind, 2), id(genesysGroupKind, 0xabcdef)}
		words := append([]string{"Sales", "sales", "Desk"}, ids...)
		groups := s.world.Genesys().Groups
		exists := map[string]bool{}
		s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
			org.Groups = org.Groups[:0]
			for i, g := range groups {
				g.DisplayName = rapid.SampledFrom(words).Draw(rt, "name")
				if rapid.IntRange(0, 3).Draw(rt, "deleted") > 0 {
					org.Groups, exists[ids[i]] = append(org.Groups, g), true
				}
			}
		})
		for i := range s.settings.Mappings {
			ref := rapid.SampledFrom(words).Draw(rt, "reference")
			if rapid.Bool().Draw(rt, "upper case") && strings.Contains(ref, "-") {
				ref = strings.ToUpper(ref)
			}
			s.settings.Mappings[i].Genesys, s.settings.Mappings[i].Entra = ref, s.settings.Mappings[0].Entra
		}
		listed := s.found(rt)
		for _, m := range s.settings.Mappings {
			s.settings.Only = []string{m.Name}
			if alone := s.found(rt)[m.Name]; alone != listed[m.Name] {
				rt.Fatalf("%q means %q alone and %q in the list", m.Genesys, alone, listed[m.Name])
			}
			if ref := strings.ToLower(m.Genesys); strings.Contains(ref, "-") && exists[ref] != (listed[m.Name] == ref) {
				rt.Fatalf("%q means %q", m.Genesys, listed[m.Name])
			}
			s.settings.Only = nil
		}
	})
}

// A list may leave the members out. The group is read alone then, and if it has another name by now, it is not the one that the
// mapping means.
func TestANameIsComparedAgainWhereTheListHasNoMembers(t *testing.T) {
	for _, groups := range []int{1, 3} { // one is asked for by its name, and several are listed
		wanted, members := make([][]int, groups), make([][]int, groups)
		for g := range groups {
			wanted[g] = []int{0, 1}
		}
		s := newScene(t, 2, wanted, members)
		s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) { org.Switches.MembersAbsentWhenEmpty = true })
		s.settings.Mappings[0].Genesys = "G0"
		s.before = func(r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/groups/"+id(genesysGroupKind, 0)) {
				s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) { org.Groups[0].DisplayName = "Other" })
			}
		}
		outcome, _ := s.sync()
		if !strings.HasPrefix(outcome, "G0 missing") || len(s.members(0)) > 0 {
			t.Errorf("%d groups: %s, and %v are in it", groups, outcome, s.members(0))
		}
	}
}

// found returns the id of the Genesys group of each mapping that is planned; empty where there is none.
func (s *scene) found(rt *rapid.T) map[string]string {
	s.connect()
	p, err := pipeline.Diff(s.t.Context(), s.entra, genesys.NewReader(s.conn), nil, s.settings)
	if err != nil {
		rt.Fatal(err)
	}
	ids := map[string]string{}
	for _, g := range p.Groups {
		if g.State == plan.Unreadable && g.ID != "" {
			rt.Fatal(fmt.Sprint(g.Incomplete))
		}
		ids[g.Name] = g.ID
	}
	return ids
}

// A name is not unique while a group cannot be read that may have it too. Whatever way the group is looked for, nothing is written.
func TestANameBesideAGroupThatCannotBeRead(t *testing.T) {
	record := func(n int, name, member string) string {
		return fmt.Sprintf(`{"id":%q,"displayName":%q,"members":[%s],"meta":{"version":"1"}}`, id(genesysGroupKind, n), name, member)
	}
	member := func(n int) string { return fmt.Sprintf(`{"value":%q,"type":"User"}`, id(accountKind, n)) }
	sound, other, broken := record(0, "G0", member(1)), record(1, "G1", member(2)), record(9, "G0", `{"type":"User"}`)
	list := func(records ...string) *http.Response {
		return answer(200, "application/scim+json", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":%d,`+
			`"startIndex":1,"itemsPerPage":%[1]d,"Resources":[%s]}`, len(records), strings.Join(records, ",")))
	}
	for _, test := range []struct {
		name     string
		filtered func() *http.Response
		genesys  string
		want     string // of G0
	}{
		{"the filter shows it", func() *http.Response { return list(sound, broken) }, "G0", "incomplete"},
		{"the filter does not show it", func() *http.Response { return list(sound) }, "G0", "changed"},
		{"the filter is ignored", func() *http.Response { return list(sound, other, broken) }, "G0", "incomplete"},
		{"the filter shows nobody", func() *http.Response { return list() }, "G0", "incomplete"},
		{"the filter is refused", func() *http.Response { return answer(400, "application/json", ownError(400, "no filter")) }, "G0", "incomplete"},
		{"by id", nil, id(genesysGroupKind, 0), "changed"},
	} {
		for _, alone := range []bool{false, true} {
			s := newScene(t, 4, [][]int{{0, 1}, {2}}, [][]int{{1}, {2}})
			s.settings.Mappings[0].Genesys = test.genesys
			if alone {
				s.settings.Mappings = s.settings.Mappings[:1]
			}
			s.instead = func(r *http.Request) *http.Response {
				switch {
				case r.URL.Path != "/api/v2/scim/groups":
					return nil
				case strings.Contains(r.URL.RawQuery, "filter"):
					return test.filtered()
				}
				return list(sound, other, broken)
			}
			_, r := s.sync()
			if got := string(r.Outcomes[0].Status); got != test.want || (s.requests("PUT") > 0) != (test.want == "changed") {
				t.Errorf("%s, alone %v: %s (%s), %d PUTs, want %s", test.name, alone, got, r.Outcomes[0].Detail, s.requests("PUT"), test.want)
			}
			if !alone && r.Outcomes[1].Status != "in step" {
				t.Errorf("%s: the other group is %s: %s", test.name, r.Outcomes[1].Status, r.Outcomes[1].Detail)
			}
		}
	}
}
