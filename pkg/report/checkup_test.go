package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// A group whose PUT is nearly as large as Genesys takes is named before it is refused.
func TestCheckOfALargePut(t *testing.T) {
	for bytes, warned := range map[int]bool{0: false, 900: false, 901: true, 1000: true} {
		g := plan.Group{Name: "Desk", State: plan.InStep}
		checks := report.GroupChecks(push.Planned(g), report.GroupFacts{Genesys: report.TargetFacts{Bytes: bytes, MaxBytes: 1000}})
		found := slices.ContainsFunc(checks, func(c report.Check) bool {
			return c.Result == report.CheckWarn && strings.Contains(c.Text, "a PUT of its members has")
		})
		if found != warned {
			t.Errorf("%d of 1000 bytes: warned %v, want %v", bytes, found, warned)
		}
	}
}
