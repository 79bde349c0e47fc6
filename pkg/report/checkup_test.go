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

// Checks in a row that were skipped for the same reason have one line. Any other check has its own.
func TestSkippedChecksShareALine(t *testing.T) {
	check := func(name, text string, result report.CheckResult) report.Check {
		return report.Check{Name: name, Text: text, Result: result}
	}
	var b strings.Builder
	err := report.Text{W: &b}.Checkup(report.Checkup{Checks: []report.Check{
		check("a", "no token", report.CheckSkip), check("b", "no token", report.CheckSkip),
		check("c", "no file", report.CheckSkip), check("d", "no file", report.CheckWarn), check("e", "no file", report.CheckWarn),
		check("f", "no file", report.CheckSkip),
	}})
	want := "skip  a, b: no token\nskip  c: no file\nwarn  d: no file\nwarn  e: no file\nskip  f: no file\n6 checks: 2 warnings, 4 skipped\n"
	if err != nil || b.String() != want {
		t.Errorf("%v\n%s", err, b.String())
	}
}
