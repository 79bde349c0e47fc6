package report_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// Two accounts of one name are told apart by id and state.
func TestAmbiguousAccountsAreToldApart(t *testing.T) {
	g := plan.Group{Unresolved: []plan.Unresolved{{
		ID: "p", UserPrincipalName: "twin@x", Reason: string(membership.Ambiguous), Accounts: []string{"twin@x", "twin@x"},
		Found: []plan.Found{{ID: "id-1", UserName: "twin@x", Active: true}, {ID: "id-2", UserName: "twin@x"}},
	}}}
	got := printed(t, report.Text{}, standing("Sales", push.InStep, g))
	if want := "(ambiguous: finds twin@x (id-1, active) and twin@x (id-2, inactive))"; !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant %s", got, want)
	}
}

// Who stays only because of the mode or a flag is named also where nothing changes; others who stay are not.
func TestWhoWouldLeaveIsNamed(t *testing.T) {
	g := plan.Group{Keep: []plan.Kept{
		staying("added", plan.KeptAddOnly), staying("flag", plan.KeptNoRemovals), staying("svc", plan.KeptProtected),
	}}
	got := printed(t, report.Text{}, standing("Sales", push.InStep, g))
	if !strings.Contains(got, "= added") || !strings.Contains(got, "= flag") || strings.Contains(got, "= svc") {
		t.Errorf("got\n%s", got)
	}
}

// A keyboard makes composed characters: a name with others is written as an id in a flag.
func TestADecomposedNameIsAnID(t *testing.T) {
	for name, want := range map[string]string{"caf\u00e9": "--allow-removals 'caf\u00e9=3'", "cafe\u0301": "--allow-removals g-1=3"} {
		g := plan.Group{Refusals: []plan.Refusal{{Rule: plan.TooManyRemovals, Allow: &plan.Allowance{Removals: 3}}}}
		o := standing(name, push.Refused, g)
		o.Group.ID = "g-1"
		if got := printed(t, report.Text{}, o); !strings.Contains(got, want) {
			t.Errorf("%q: got\n%s\nwant %s", name, got, want)
		}
	}
}

// A line of talk breaks between words on a terminal, and not within quotes.
func TestWrap(t *testing.T) {
	line := `callroll: the group "Support Tier 1" has to be released with --release 'Support Tier 1=ann@x' once more`
	if got := report.Wrap(line, "  ", 0); len(got) != 1 || got[0] != line {
		t.Errorf("without a terminal: %q", got)
	}
	want := []string{
		`callroll: the group "Support Tier 1" has`,
		`  to be released with --release`,
		`  'Support Tier 1=ann@x' once more`,
	}
	if got := report.Wrap(line, "  ", 40); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// A write that an answer has shown and nobody has read back says so beside what was changed.
func TestNotReadBackIsSaid(t *testing.T) {
	o := standing("Sales", push.Done, plan.Group{Add: []plan.Entry{{ID: "1", UserName: "ann@x"}}})
	o.Detail = "written, and not read back"
	if got := printed(t, report.Text{}, o); !strings.HasPrefix(got, "Sales: 1 added, ") || !strings.Contains(got, " now: written, and not read back\n") {
		t.Errorf("got\n%s", got)
	}
}
