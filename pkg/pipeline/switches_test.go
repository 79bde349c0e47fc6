package pipeline_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// What nobody knows for certain about the services is a switch of the sandbox. Whatever its value, no harm is done.

func (s *scene) switches(set sandbox.Switches) {
	s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) { org.Switches = set })
}

// sorted returns the numbers of the members of a group.
func (s *scene) sorted(g int) string {
	out := s.members(g)
	slices.Sort(out)
	return fmt.Sprint(out)
}

// A version conflict has many statuses, and is one thing.
func TestVersionConflictInEveryForm(t *testing.T) {
	for _, form := range []sandbox.Choice{"409", "400", "400-plain", "412"} {
		s := newScene(t, 9, [][]int{{0, 1, 2, 3}}, [][]int{{0, 1, 4}})
		s.switches(sandbox.Switches{VersionConflict: form})
		s.faults([]sandbox.Fault{{Match: "PUT *", Times: 1, Edit: &sandbox.FaultEdit{Group: "G0", Add: []string{id(accountKind, 3)}, Before: true}}})
		if got, _ := s.sync(); got != "G0 changed" || s.sorted(0) != "[0 1 2 3]" || s.requests("PUT") != 2 {
			t.Errorf("%s: %q with %s after %d PUTs", form, got, s.sorted(0), s.requests("PUT"))
		}
	}
}

// A member who exists no more: refused in one way or another, or taken, or dropped without a word.
func TestMembersWhoDoNotExist(t *testing.T) {
	for _, unknown := range []sandbox.Choice{"400", "404", "dropped"} {
		for _, unseen := range []sandbox.Choice{"taken", "refused"} {
			s := newScene(t, 9, [][]int{{0, 1, 2}}, [][]int{{0, 1, 8}})
			s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
				org.Users = org.Users[:8] // the last one is a member, and in no listing
			})
			s.switches(sandbox.Switches{UnknownMember: unknown, UnseenMembers: unseen})
			s.settings.ReadBack = time.Millisecond
			got, result := s.sync()
			for _, n := range []int{0, 1} {
				if !slices.Contains(s.members(0), n) {
					t.Errorf("%s, %s: account %d is gone", unknown, unseen, n)
				}
			}
			out := result.Outcomes[0]
			if unseen == "refused" && unknown != "dropped" {
				if !slices.Contains(s.members(0), 8) || out.Status != push.Refused || !slices.Equal(out.Group.Refusals[0].Who, []string{id(accountKind, 8)}) {
					t.Errorf("%s, %s: %q (%s) with %s", unknown, unseen, got, out.Detail, s.sorted(0))
				}
			} else if unseen == "refused" { // the service has changed the group in another way than it was told, and the next run is content
				if again, _ := s.sync(); got != "G0 conflict" || again != "G0 in step" {
					t.Errorf("%s, %s: %q, then %q", unknown, unseen, got, again)
				}
			} else if got != "G0 changed" || !slices.Contains(s.members(0), 2) {
				t.Errorf("%s, %s: %q (%s)", unknown, unseen, got, out.Detail)
			}
		}
	}
}

// An inactive member who is kept and refused: nothing is written, and a person is told whom it is about.
func TestInactiveMembers(t *testing.T) {
	for _, form := range []sandbox.Choice{"taken", "refused"} {
		s := newScene(t, 9, [][]int{{0, 1, 2}}, [][]int{{0, 1}})
		s.edit(func(_ *sandbox.Entra, org *sandbox.Genesys) { org.Users[1].Active = false })
		s.switches(sandbox.Switches{InactiveMembers: form})
		got, result := s.sync()
		switch out := result.Outcomes[0]; {
		case form == "taken" && (got != "G0 changed" || s.sorted(0) != "[0 1 2]"):
			t.Errorf("taken: %q with %s", got, s.sorted(0))
		case form == "refused" && (out.Status != push.Refused || !slices.Equal(out.Group.Refusals[0].Inactive, []string{"p1@contoso.com"}) || s.sorted(0) != "[0 1]"):
			t.Errorf("refused: %q (%s) with %s", got, out.Detail, s.sorted(0))
		}
	}
}

// A write that shows late is waited for, and one that shows too late is said not to.
func TestLateApplication(t *testing.T) {
	for late, want := range map[time.Duration]string{5 * time.Second: "G0 changed", 5 * time.Minute: "G0 not applied"} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, 9, [][]int{{0, 1, 2}}, [][]int{{0, 1}})
			s.switches(sandbox.Switches{LateApplication: sandbox.Duration(late)})
			s.settings.ReadBack = 30 * time.Second
			if got, _ := s.sync(); got != want {
				t.Errorf("after %s: %q, want %q", late, got, want)
			}
			time.Sleep(10 * time.Minute)
			s.sync()
			time.Sleep(10 * time.Minute)
			if got, _ := s.sync(); got != "G0 in step" || s.sorted(0) != "[0 1 2]" {
				t.Errorf("later runs: %q with %s", got, s.sorted(0))
			}
		})
	}
}

// Lists that lag behind, an empty group without members, a PUT without an answer's body: nothing hangs on them.
func TestOtherSwitches(t *testing.T) {
	for name, set := range map[string]sandbox.Switches{
		"list_lag":                  {ListLag: sandbox.Duration(time.Hour)},
		"members_absent_when_empty": {MembersAbsentWhenEmpty: true},
		"put_without_body":          {PutWithoutBody: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, 9, [][]int{{0, 1, 2}, {3}}, [][]int{{0, 1}, {}})
			s.switches(set)
			s.settings.ReadBack = 30 * time.Second
			if got, _ := s.sync(); got != "G0 changed, G1 changed" || s.sorted(0) != "[0 1 2]" || s.sorted(1) != "[3]" {
				t.Errorf("%s: %q with %s and %s", name, got, s.sorted(0), s.sorted(1))
			}
			puts := s.requests("PUT")
			if got, _ := s.sync(); s.sorted(0) != "[0 1 2]" || s.requests("PUT") != puts {
				t.Errorf("%s, second run: %q with %d more PUTs", name, got, s.requests("PUT")-puts)
			}
		})
	}
}

// A member whom a rule puts back: the write never settles, and that is said, with his name.
func TestRuleMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, 9, [][]int{{0, 1}}, [][]int{{0, 1, 5}})
		s.switches(sandbox.Switches{RuleMembers: map[string][]string{id(genesysGroupKind, 0): {id(accountKind, 5)}}})
		s.settings.ReadBack = 30 * time.Second
		got, result := s.sync()
		if out := result.Outcomes[0]; got != "G0 not applied" || !strings.Contains(out.Detail, "p5@contoso.com") {
			t.Errorf("%q: %s", got, out.Detail)
		}
	})
}
