package pipeline_test

import (
	"fmt"
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

// found returns the id of the Genesys group of each mapping that is planned; empty where there is none.
func (s *scene) found(rt *rapid.T) map[string]string {
	s.connect()
	p, err := pipeline.Preview(s.t.Context(), s.entra, genesys.NewReader(s.conn), s.settings)
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
