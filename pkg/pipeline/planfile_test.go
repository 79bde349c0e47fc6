package pipeline_test

import (
	"errors"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// A plan that no run can have made, or that was made for others, is no plan for this run. Nothing is written.
func TestPlansThatAreNotOurs(t *testing.T) {
	var mismatch *pipeline.MismatchError
	for _, test := range []struct {
		name string
		edit func(*plan.Plan, *pipeline.Settings)
		want func(error) bool // of the whole run; nil where it goes on
		ends push.Status
	}{
		{name: "as it was made", ends: push.Done},
		{name: "stale", edit: func(p *plan.Plan, _ *pipeline.Settings) { p.Groups[0].State = plan.Stale }, want: isFormat},
		{name: "paused with changes", edit: func(p *plan.Plan, _ *pipeline.Settings) { p.Groups[0].State = plan.Skipped }, want: isFormat},
		{name: "paused, and the entry is not", edit: func(p *plan.Plan, _ *pipeline.Settings) {
			rule := plan.Rule{Name: "G0", Entra: p.Groups[0].Entra, Source: p.Groups[0].Source, Genesys: p.Groups[0].Genesys, Mode: plan.Paused}
			p.Groups[0] = plan.Skip(rule, p.Groups[0].ID)
		}, ends: push.Stale},
		{name: "paused, and the entry is", edit: func(p *plan.Plan, s *pipeline.Settings) {
			s.Mappings[0].Mode = plan.Paused
			p.Groups[0] = plan.Skip(s.Mappings[0].Rule, p.Groups[0].ID)
		}, ends: push.Paused},
		{name: "another tenant than is configured", edit: func(p *plan.Plan, s *pipeline.Settings) {
			p.Tenant, s.Tenant = id(9, 2), id(9, 1)
		}, want: func(err error) bool { return errors.As(err, &mismatch) }},
		{name: "another tenant than that of the credentials", edit: func(p *plan.Plan, s *pipeline.Settings) {
			p.Tenant, s.Mappings[0].Exclude = id(9, 2), []string{id(entraGroupKind, 1)}
		}, want: func(err error) bool { return errors.As(err, &mismatch) }},
		{name: "made a little in the future, by a clock that is ahead", edit: func(p *plan.Plan, _ *pipeline.Settings) {
			p.Made, p.Taken, p.Expires = ahead(23*time.Hour), ahead(23*time.Hour), ahead(25*time.Hour)
		}, ends: push.Done},
		{name: "made in the future", edit: func(p *plan.Plan, _ *pipeline.Settings) {
			p.Made, p.Expires = ahead(25*time.Hour), ahead(26*time.Hour)
		}, want: isFormat},
		{name: "taken in the future", edit: func(p *plan.Plan, _ *pipeline.Settings) { p.Taken = ahead(25 * time.Hour) }, want: isFormat},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t, 9, [][]int{{0, 1, 2}, {5}}, [][]int{{0, 1, 3}, {5}})
			p := s.planned()
			if test.edit != nil {
				test.edit(&p, &s.settings)
			}
			before := s.requests("PUT")
			r, err := s.push(p)
			if test.want != nil {
				if !test.want(err) || s.requests("PUT") > before {
					t.Errorf("ended with %v, %d PUTs", err, s.requests("PUT"))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if out := r.Outcomes[0]; out.Status != test.ends || (s.requests("PUT") > before) != (test.ends == push.Done) {
				t.Errorf("%s (%s) with %d PUTs, want %s", out.Status, out.Detail, s.requests("PUT"), test.ends)
			}
		})
	}
}

func isFormat(err error) bool { return errors.Is(err, membership.ErrFormat) }

// ahead is a time in the future, as a file has it.
func ahead(by time.Duration) time.Time { return time.Now().UTC().Add(by).Truncate(time.Second) }

// A membership file that was taken in the future would be newer than every other one.
func TestAMembershipOfTheFuture(t *testing.T) {
	for by, fails := range map[time.Duration]bool{23 * time.Hour: false, 25 * time.Hour: true} {
		s := newScene(t, 9, [][]int{{0, 1, 2}}, [][]int{{0, 1, 3}})
		file := s.fetched()
		file.Taken, file.Expires = ahead(by), ahead(by+time.Hour)
		if _, err := s.pushFile(file); isFormat(err) != fails || (s.requests("PUT") > 0) == fails {
			t.Errorf("taken %s ahead: %v, %d PUTs", by, err, s.requests("PUT"))
		}
	}
}
