package pipeline_test

import (
	"fmt"
	"testing"

	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// A group with hidden members is nested in a source, or in what is excluded, and Graph says falsely once that there is no such
// group when it is asked what is nested in it. Its members are read all the same, so that one of the two is not true.
func TestAGroupThatIsThereAndIsNot(t *testing.T) {
	inner, outer := id(entraGroupKind, 70), id(entraGroupKind, 71)
	for _, excluded := range []bool{false, true} {
		for _, times := range []int{0, 1, 2} {
			t.Run(fmt.Sprintf("excluded %v, %d times", excluded, times), func(t *testing.T) {
				s := newScene(t, 4, [][]int{{0, 1, 2}}, [][]int{{1, 2}})
				s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
					e.Switches.HiddenCount = "missing"
					e.Groups = append(e.Groups,
						sandbox.EntraGroup{ID: inner, DisplayName: "inner", Visibility: "HiddenMembership", Members: []string{id(personKind, 0)}},
						sandbox.EntraGroup{ID: outer, DisplayName: "outer", Members: []string{inner, id(personKind, 3)}})
				})
				if m := &s.settings.Mappings[0]; excluded {
					m.Exclude = []string{outer}
				} else {
					m.Entra, m.Nested = []string{outer}, true
				}
				s.faults([]sandbox.Fault{{Match: "GET /v1.0/groups/" + outer + "/transitiveMembers", Status: 404, Times: times}})
				_, r := s.sync()
				if out := r.Outcomes[0]; out.Status == push.Done || out.Status == push.InStep || s.requests("PUT") > 0 {
					t.Errorf("%s (%s) after %d PUTs", out.Status, out.Detail, s.requests("PUT"))
				}
			})
		}
	}
}
