package pipeline_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
)

// Settings that lack something say what, before anything is sent: nobody is told that 11 of 12 members have no person, or that the
// limit is 0, because a field was forgotten.
func TestSettingsThatLackSomething(t *testing.T) {
	for field, spoil := range map[string]func(*pipeline.Settings){
		"Match":                     func(s *pipeline.Settings) { s.Match = nil },
		"Policy.Limits.Remove":      func(s *pipeline.Settings) { s.Policy.Limits.Remove = plan.Limit{} },
		"Policy.Limits.RemoveTotal": func(s *pipeline.Settings) { s.Policy.Limits.RemoveTotal = plan.Limit{} },
		"Policy.Limits.Add":         func(s *pipeline.Settings) { s.Policy = plan.Policy{} },
		"Mappings[0].Name":          func(s *pipeline.Settings) { s.Mappings[0].Name = "" },
		"Mappings[0].Genesys":       func(s *pipeline.Settings) { s.Mappings[0].Genesys = "" },
		"Mappings[0].Entra":         func(s *pipeline.Settings) { s.Mappings[0].Entra = nil },
		"Journal":                   func(s *pipeline.Settings) { s.Journal = nil },
	} {
		t.Run(field, func(t *testing.T) {
			s := newScene(t, 3, [][]int{{0, 1}}, [][]int{{0}})
			spoil(&s.settings)
			s.connect()
			org, writer := genesys.NewReader(s.conn), genesys.NewWriter(s.conn)
			for verb, run := range map[string]func() error{
				"Fetch":               func() error { _, err := pipeline.Fetch(t.Context(), s.entra, s.settings); return err },
				"Diff without a file": func() error { _, err := pipeline.Diff(t.Context(), s.entra, org, nil, s.settings); return err },
				"Diff": func() error {
					_, err := pipeline.Diff(t.Context(), s.entra, org, &membership.File{}, s.settings)
					return err
				},
				"Sync": func() error { _, err := pipeline.Sync(t.Context(), s.entra, org, writer, nil, s.settings); return err },
				"Push": func() error {
					_, err := pipeline.Push(t.Context(), s.entra, org, writer, plan.Plan{}, s.settings)
					return err
				},
				"Sync with a file": func() error {
					_, err := pipeline.Sync(t.Context(), s.entra, org, writer, &membership.File{}, s.settings)
					return err
				},
				"Undo": func() error {
					_, err := pipeline.Undo(t.Context(), s.entra, org, writer, journal.RunRecord{}, s.settings)
					return err
				},
			} {
				if field == "Journal" && !slices.Contains([]string{"Sync", "Push", "Undo", "Sync with a file"}, verb) {
					continue // they write nothing
				}
				var wrong *pipeline.SettingsError
				if err := run(); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "pipeline.Settings: "+field+" ") {
					t.Errorf("%s: %v; want what is wrong with %s", verb, err, field)
				}
			}
			if n := len(s.world.Requests()); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// Without a word about it, a write is read back; only NotReadBack says that it is not.
func TestReadBackIsTheDefault(t *testing.T) {
	for readBack, last := range map[time.Duration]string{0: "GET", time.Second: "GET", pipeline.NotReadBack: "PUT"} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, 3, [][]int{{0, 1}}, [][]int{{0}})
			s.settings.ReadBack = readBack
			if got, _ := s.sync(); got != "G0 changed" {
				t.Errorf("ended as %q", got)
			}
			if requests := s.world.Requests(); requests[len(requests)-1].Method != last {
				t.Errorf("ReadBack %s: the last request is %s, want %s", readBack, requests[len(requests)-1].Method, last)
			}
		})
	}
}

// A limit of 0 is a limit. It is not a forgotten one.
func TestZeroIsALimit(t *testing.T) {
	s := newScene(t, 3, [][]int{{0}}, [][]int{{0, 1}})
	s.settings.Policy.Limits = plan.Limits{Remove: plan.Count(0), RemoveTotal: plan.Percent(0), Add: plan.Count(0)}
	if got, _ := s.sync(); got != "G0 refused" {
		t.Errorf("ended as %q, want it refused", got)
	}
}

// Without a file and without Entra, nothing says who should be in the groups.
func TestNeitherAFileNorEntra(t *testing.T) {
	s := newScene(t, 2, [][]int{{0}}, [][]int{{1}})
	s.connect()
	if _, err := pipeline.Diff(t.Context(), nil, genesys.NewReader(s.conn), nil, s.settings); err == nil {
		t.Error("Diff: no error")
	}
	_, err := pipeline.Sync(t.Context(), nil, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), nil, s.settings)
	if err == nil || s.requests("PUT") > 0 {
		t.Errorf("Sync: %v after %d PUTs", err, s.requests("PUT"))
	}
}
