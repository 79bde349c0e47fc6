package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// oddNames are names of groups and of accounts that are hard to type.
func oddNames() []string {
	return []string{
		"Sales", "Night Shift", "Night's \"Shift\"", "A=B", "A", "=", "a\tb", "a\u00a0b", "a\u200bb", "a\u202eb", "--group", "-x", "$(id)", "`id`", "a\\b",
		"::error::x", "##vso[x]", "Süd–West", "営業 部", " lead", "trail ", "a\nb", "*", "~", "!x", "a;b", "a,b", "%s", membershipID(4, 0),
	}
}

// What is printed can be typed: each flag that a report suggests is taken, for every name, and means the same group and the same
// account, and no other.
func TestSuggestedFlagsAreTaken(t *testing.T) {
	var mappings []pipeline.Mapping
	ids := map[string]string{} // of the groups, by name
	for i, name := range oddNames() {
		id := membershipID(4, i)
		ids[name] = id
		m := pipeline.Mapping{Rule: plan.Rule{Name: name, Genesys: name}}
		if membership.IsID(name) { // as map writes an entry for a group of such a name
			m.Genesys = id
		}
		mappings = append(mappings, m)
	}
	finder := groupFinder{mappings: mappings, ask: func(ref string) (membership.Group, error) {
		for name, id := range ids {
			if id == ref {
				return membership.Group{ID: id, DisplayName: name}, nil
			}
		}
		return membership.Group{}, membership.Fail(membership.Missing, errors.New("no such group"))
	}}
	for i, m := range mappings {
		who := plan.Entry{ID: membershipID(3, i), UserName: oddNames()[(i*7+3)%len(oddNames())]}
		g := plan.Group{
			Name: m.Name, ID: ids[m.Name], State: plan.Refused,
			Keep: []plan.Kept{{Entry: who, Reason: plan.KeptHeld}, {Entry: plan.Entry{ID: "unseen-1"}, Reason: plan.KeptUnseen}},
			Refusals: []plan.Refusal{
				{Rule: "removals", Allow: &plan.Allowance{Removals: 3}}, {Rule: "additions", Allow: &plan.Allowance{Additions: 4}},
				{Rule: "members", Allow: &plan.Allowance{Release: []string{"unseen-1"}}},
			},
		}
		settings := pipeline.Settings{Mappings: mappings}
		flags := suggested(t, g)
		if err := flags.apply(&settings, finder); err != nil {
			t.Errorf("%q: %v", m.Name, err)
			continue
		}
		p := settings.Policy
		if p.AllowRemovals[m.Name] != 3 || p.AllowAdditions[m.Name] != 4 || len(p.AllowRemovals) != 1 || len(p.AllowAdditions) != 1 {
			t.Errorf("%q: allowed %v, %v", m.Name, p.AllowRemovals, p.AllowAdditions)
		}
		released := p.Release[m.Name]
		if len(p.Release) != 1 || len(released) != 2 {
			t.Errorf("%q: released %v", m.Name, p.Release)
			continue
		}
		for _, e := range []plan.Entry{who, {ID: "unseen-1"}} {
			if !released[0].Matches(e.ID) && !released[1].Matches(e.ID) && !released[0].Matches(e.UserName) && !released[1].Matches(e.UserName) {
				t.Errorf("%q: %+v is not released by %v", m.Name, e, released)
			}
		}
	}
}

// suggested reads the flags of a report as a shell hands them over.
func suggested(t *testing.T, g plan.Group) limitFlags {
	t.Helper()
	var text bytes.Buffer
	if err := (report.Text{W: &text}).Run(report.Run{Outcomes: []push.Outcome{{Group: g, Status: push.Refused}}}); err != nil {
		t.Fatal(err)
	}
	var words []string
	for line := range strings.Lines(text.String()) {
		if _, flags, ok := strings.Cut(line, "once: "); ok && strings.HasPrefix(line, "  hint: ") {
			words = append(words, strings.TrimSuffix(flags, "\n"))
		}
	}
	out, err := exec.Command("sh", "-c", `for word in `+strings.Join(words, " ")+`; do printf '%s\0' "$word"; done`).Output()
	if err != nil {
		t.Fatal(err)
	}
	var flags limitFlags
	set := pflag.NewFlagSet("callroll", pflag.ContinueOnError)
	flags.register(set)
	if err := set.Parse(strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")); err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	return flags
}

// membershipID makes an id of the form that both services use.
func membershipID(kind, n int) string {
	const digits = "0123456789abcdef"
	return strings.Repeat(string(digits[kind]), 8) + "-0000-4000-8000-0000000000" + string(digits[n/16]) + string(digits[n%16])
}

// A flag names a group of the configuration, in whatever case if only one fits, and GROUP=REST is cut where that leaves a group.
func TestGroupFlags(t *testing.T) {
	finder := groupFinder{mappings: []pipeline.Mapping{
		{Rule: plan.Rule{Name: "A", Genesys: "8f30ea83-9899-4b93-8781-92cb2a75d6a8"}}, {Rule: plan.Rule{Name: "A=B", Genesys: "Desk"}},
		{Rule: plan.Rule{Name: "Sales", Genesys: "Sales EMEA"}}, {Rule: plan.Rule{Name: "sales", Genesys: "Sales APAC"}},
		{Rule: plan.Rule{Name: "8f30ea83-9899-4b93-8781-92cb2a75d6a8", Genesys: "afa7949b-a174-45ef-874a-2522af77ee26"}}, // not that of A
		{Rule: plan.Rule{Name: "1f655bde-673a-4998-b55a-d7650323749b", Genesys: "Kings"}},
	}}
	for value, want := range map[string]string{
		"A=bob@x": "A|bob@x", "Desk=bob@x": "A=B|bob@x", "desk=bob@x": "A=B|bob@x", "Sales=bob@x": "Sales|bob@x", "SALES EMEA=b=c": "Sales|b=c",
		"8F30EA83-9899-4B93-8781-92CB2A75D6A8=bob@x": "A|bob@x", "8f30ea83-9899-4b93-8781-92cb2a75d6a8=bob@x": "A|bob@x",
		"1f655bde-673a-4998-b55a-d7650323749b=bob@x": "no group of the configuration has the Genesys id", "\u212aings=bob@x": "no group",
		"A=B=bob@x": "it can mean any of the groups", "SALES=bob@x": "can mean any of", "Other=bob@x": `no group of the configuration is called "Other"`,
		"A": "equals sign is missing", "A=": "write GROUP=USERNAME", "A=b*": "with one whole userName or id",
	} {
		released, err := finder.releases([]string{value})
		got := ""
		for group, who := range released {
			got = group + "|" + who[0].String()
		}
		if err != nil {
			got = err.Error()
			if statusOf(err) != report.Usage {
				t.Errorf("%q ends with %d", value, statusOf(err))
			}
		}
		if !strings.Contains(got, want) {
			t.Errorf("--release %q: %q, want %q", value, got, want)
		}
	}
}
