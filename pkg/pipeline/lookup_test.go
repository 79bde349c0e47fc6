package pipeline_test

import (
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

// In an org where people are looked up one by one, somebody comes into a group whom nobody has looked up. He is no stranger: he
// has an account, and no business in the group.
func TestWhoComesInTheCourseOfARunIsLookedUp(t *testing.T) {
	s := newScene(t, 200, [][]int{upTo(3)}, [][]int{upTo(2)})
	s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) { org.MaxPage = 2 })
	s.faults([]sandbox.Fault{{Match: "PUT *", Times: 1, Edit: &sandbox.FaultEdit{Group: "G0", Before: true, Add: []string{id(accountKind, 150)}}}})
	if got, _ := s.sync(); got != "G0 changed" {
		t.Errorf("%q", got)
	}
	if members := s.members(0); len(members) != 3 {
		t.Errorf("the members are %v, want the three", members)
	}
}

// A group that is mapped by its name is not found by that, and the list that should say why cannot be read: the group says so,
// and the others go on.
func TestANameThatCannotBeFoundOut(t *testing.T) {
	s := newScene(t, 30, [][]int{upTo(3)}, [][]int{upTo(2)})
	s.settings.Mappings[0].Genesys = "Nobody's"
	s.faults([]sandbox.Fault{{Match: "GET /api/v2/scim/groups", Skip: 1, Status: 503}})
	if got, _ := s.sync(); got != "G0 unavailable" || s.requests("PUT") > 0 {
		t.Errorf("%q", got)
	}
}
