package pipeline_test

import (
	"errors"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// A run has taken person 2 out of a group. An undo brings them back, unless the present configuration or Entra speaks against it,
// or nobody can say whether they do.
func TestUndoObeysThePresent(t *testing.T) {
	for _, test := range []struct {
		name  string
		edit  func(*scene, *journal.RunRecord)
		blind bool // without credentials for Entra
		want  push.Status
		puts  int
	}{
		{name: "nothing speaks against it", edit: func(*scene, *journal.RunRecord) {}, want: push.Done, puts: 1},
		{name: "somebody else is excluded", edit: func(s *scene, _ *journal.RunRecord) { exclude(s, id(personKind, 5)) }, want: push.Done, puts: 1},
		{name: "they are excluded", edit: func(s *scene, _ *journal.RunRecord) { exclude(s, id(personKind, 2)) }, want: push.InStep},
		{name: "who is excluded is not there", edit: func(s *scene, _ *journal.RunRecord) { exclude(s, id(personKind, 99)) }, want: push.Missing},
		{name: "nobody can say who is excluded", edit: func(s *scene, _ *journal.RunRecord) { exclude(s, id(personKind, 5)) }, blind: true, want: push.Denied},
		{name: "no entry leads to the group", edit: func(s *scene, _ *journal.RunRecord) { s.settings.Mappings[0].Genesys = "G9" }, want: push.Refused},
		{name: "two entries lead to the group", edit: func(s *scene, _ *journal.RunRecord) {
			s.settings.Mappings = append(s.settings.Mappings, pipeline.Mapping{Rule: plan.Rule{Name: "twin", Entra: []string{id(entraGroupKind, 1)}, Genesys: "G0"}})
		}, want: push.Refused},
		{name: "the run was made for another org", edit: func(_ *scene, run *journal.RunRecord) { run.Info.Host = "api.mypurecloud.de" }},
		{name: "the run was made for another tenant, which cannot say who is excluded", edit: func(s *scene, run *journal.RunRecord) {
			exclude(s, id(personKind, 5))
			run.Info.Tenant = id(9, 2)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 9, [][]int{{0, 1}}, [][]int{{0, 1}})
			run := journal.RunRecord{
				Info: journal.RunInfo{ID: "run", Host: s.conn.Host(), Tenant: id(9, 1)},
				Groups: []journal.GroupRecord{{
					ID: id(genesysGroupKind, 0), Name: "G0", Outcome: push.Done,
					Remove: []plan.Entry{{ID: id(accountKind, 2), UserName: "p2@contoso.com"}},
				}},
			}
			test.edit(s, &run)
			var entra *graph.Client
			if !test.blind {
				entra = s.entra
			}
			result, err := pipeline.Undo(t.Context(), entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), run, s.settings)
			var mismatch *pipeline.MismatchError
			if got := errors.As(err, &mismatch); got != (test.want == "") || err != nil && !got {
				t.Fatalf("error %v, want status %q", err, test.want)
			}
			if err == nil && result.Outcomes[0].Status != test.want || s.requests("PUT") != test.puts {
				t.Errorf("%+v with %d PUTs, want %q with %d", result.Outcomes, s.requests("PUT"), test.want, test.puts)
			}
		})
	}
}

func exclude(s *scene, ref string) { s.settings.Mappings[0].Exclude = []string{ref} }
