package report_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
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

// Groups with the same cause have one line, with their names, although the ids in the texts differ. In JSON each group has its own
// check, with its own text.
func TestGroupsShareACause(t *testing.T) {
	refused := func(id string) error {
		return membership.FailFor(membership.Denied, errors.New("Genesys group "+id+": 403"), "grant it")
	}
	var checks []report.Check
	for name, id := range map[string]string{"A": "11111111-2222-4333-8444-555555555555", "B": "11111111-2222-4333-8444-666666666666"} {
		facts := report.GroupFacts{Unknown: []error{refused(id)}, Genesys: report.TargetFacts{Social: name == "A"}}
		if name == "B" {
			facts.Unknown = append(facts.Unknown, membership.FailFor(membership.Denied, errors.New("something else"), "grant it"))
		}
		checks = append(checks, report.GroupChecks(push.Planned(plan.Group{Name: name, State: plan.InStep}), facts)...)
	}
	slices.SortStableFunc(checks, func(a, b report.Check) int { return strings.Compare(a.Name, b.Name) })
	var text, markdown, json strings.Builder
	for to, err := range map[*strings.Builder]error{
		&text:     report.Text{W: &text}.Checkup(report.Checkup{Checks: checks}),
		&json:     report.JSON{W: &json}.Checkup(report.Checkup{Checks: checks}),
		&markdown: report.Document{W: &markdown}.Checkup(report.Checkup{Checks: checks}),
	} {
		if err != nil {
			t.Errorf("%v\n%s", err, to)
		}
	}
	want := "ok    A: in step, 0 members\n" +
		"warn  A: it is a social group, which anybody may join, so that the next run removes them again\n  hint: choose an official group\n" +
		"warn  2 groups: Genesys group …: 403\n  hint: grant it\n  A, B\n" +
		"ok    B: in step, 0 members\nwarn  B: something else\n  hint: grant it\n6 checks: 2 ok, 4 warnings\n"
	if text.String() != want {
		t.Errorf("got\n%s\nwant\n%s", text.String(), want)
	}
	if strings.Count(markdown.String(), "2 groups: A, B") != 1 || strings.Count(json.String(), ": 403") != 2 {
		t.Errorf("%s\n%s", markdown.String(), json.String())
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
