package pipeline_test

import (
	"slices"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// A plan was made yesterday. What is configured today, and what Entra cannot say today, holds for it as for every run.
func TestWhatHoldsForAPlanToday(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*scene)
		want push.Status
	}{
		{"nothing has changed", func(*scene) {}, push.Done},
		{"the group is paused", func(s *scene) { s.settings.Mappings[0].Mode = plan.Paused }, push.Refused},
		{"two entries lead to the group", func(s *scene) {
			s.settings.Mappings = append(s.settings.Mappings, pipeline.Mapping{
				Rule: plan.Rule{Name: "twin", Entra: []string{id(entraGroupKind, 1)}, Genesys: "G0"},
			})
		}, push.Refused},
		{"whom exclude names cannot be read", func(s *scene) {
			s.faults([]sandbox.Fault{{Match: "GET /v1.0/groups/" + id(entraGroupKind, 1) + "/*", Status: 503}})
		}, push.Unavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 9, [][]int{{0, 1}, {8}}, [][]int{{0}, {8}})
			s.settings.Mappings = s.settings.Mappings[:1]
			exclude(s, id(entraGroupKind, 1))
			p, err := pipeline.Diff(t.Context(), s.entra, genesys.NewReader(s.conn), nil, s.settings)
			if err != nil {
				t.Fatal(err)
			}
			test.edit(s)
			s.connect()
			result, err := pipeline.Push(t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), p, s.settings)
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Outcomes[0]; got.Status != test.want || (s.requests("PUT") > 0) != (test.want == push.Done) {
				t.Errorf("%q (%s) with %d PUTs, want %q", got.Status, got.Detail, s.requests("PUT"), test.want)
			}
		})
	}
}

// A group that is planned again in the course of a run is asked about again: who has come in the meantime may have been renamed,
// and whose account a mail address finds is a question each time.
func TestAGroupThatIsPlannedAgainIsAskedAbout(t *testing.T) {
	for _, test := range []struct {
		name  string
		world func(*sandbox.Entra, *sandbox.Genesys)
		comes int // into the group before its PUT
		after []int
	}{
		{"somebody whom nobody in Entra is known by stays while person 3 finds no account", func(_ *sandbox.Entra, org *sandbox.Genesys) {
			org.Users[3].UserName, org.Users[8].UserName = "elsewhere@contoso.com", "unknown@contoso.com"
		}, 8, []int{0, 1, 2, 8}},
		{"the account that person 3 finds by mail is person 5's", func(entra *sandbox.Entra, org *sandbox.Genesys) {
			org.Users[3].UserName = "elsewhere@contoso.com"
			entra.Users[3].Mail = "p5@contoso.com"
		}, 7, []int{0, 1, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 9, [][]int{{0, 1, 2, 3}}, [][]int{{0, 1}})
			s.edit(test.world)
			s.faults([]sandbox.Fault{{
				Match: "PUT *", Times: 1, Edit: &sandbox.FaultEdit{Group: "G0", Add: []string{id(accountKind, test.comes)}, Before: true},
			}})
			got, _ := s.sync()
			if after := slices.Sorted(slices.Values(s.members(0))); got != "G0 changed" || !slices.Equal(after, test.after) {
				t.Errorf("%s with %v, want %v", got, after, test.after)
			}
		})
	}
}
