package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

func TestWorst(t *testing.T) {
	// Of several, the one further left wins.
	order := []int{78, 64, 5, 70, 130, 143, 6, 4, 1, 8, 7, 10, 0}
	for i, first := range order {
		for _, second := range order[i:] {
			if got := report.Worst(second, first, 0); got != first {
				t.Errorf("Worst(%d, %d) = %d, want %d", second, first, got, first)
			}
		}
	}
	if report.Worst() != 0 {
		t.Error("a run that met nothing is not ok")
	}
	for _, s := range report.Statuses() {
		if report.Worst(s.Code, 0) != s.Code {
			t.Errorf("status %d has no rank", s.Code)
		}
	}
}

func outcome(status push.Status, cause membership.Cause) push.Outcome {
	return push.Outcome{Status: status, Cause: cause}
}

// People who are held need a person, also where nothing else is the matter, unless Entra is what keeps callroll from knowing more.
func TestOfHeld(t *testing.T) {
	doubt := func(cause membership.Cause) *membership.Reason {
		return &membership.Reason{Cause: cause, Detail: "Entra did not say"}
	}
	for _, test := range []struct {
		doubt *membership.Reason
		want  int
	}{
		{nil, report.Refused}, {doubt(""), report.Refused},
		{doubt(membership.Denied), report.Denied}, {doubt(membership.Unavailable), report.Unavailable}, {doubt(membership.Incomplete), report.Unavailable},
	} {
		held := outcome(push.Done, "")
		held.Group.Keep = []plan.Kept{{Entry: plan.Entry{ID: "a"}, Reason: plan.KeptHeld}}
		held.Group.Doubt = test.doubt
		if got := report.OfOutcomes([]push.Outcome{held}); got != test.want {
			t.Errorf("held, %+v: status %d, want %d", test.doubt, got, test.want)
		}
	}
}

func TestOfOutcomes(t *testing.T) {
	for _, test := range []struct {
		outcome push.Outcome
		want    int
	}{
		{outcome(push.Done, ""), 0}, {outcome(push.Already, ""), 0}, {outcome(push.InStep, ""), 0}, {outcome(push.Paused, ""), 0},
		{outcome(push.Refused, ""), 4}, {outcome(push.Missing, membership.Missing), 4},
		{outcome(push.Stale, ""), 8}, {outcome(push.Conflict, membership.Rejected), 8}, {outcome(push.NotApplied, membership.Unclear), 8},
		{outcome(push.Rejected, membership.Rejected), 1}, {outcome(push.Denied, membership.Denied), 6},
		{outcome(push.Incomplete, membership.Incomplete), 7}, {outcome(push.Unavailable, membership.Unclear), 7}, {outcome(push.NotStarted, ""), 7},
		{outcome(push.ToDo, ""), 0},
	} {
		if got := report.OfOutcomes([]push.Outcome{outcome(push.Done, ""), test.outcome}); got != test.want {
			t.Errorf("%s: status %d, want %d", test.outcome.Status, got, test.want)
		}
	}
	if got := report.OfDifferences([]push.Outcome{outcome(push.Done, ""), outcome(push.ToDo, "")}); got != report.Changes {
		t.Errorf("status %d of something to do, want 10", got)
	}
}

func TestOfCause(t *testing.T) {
	for cause, want := range map[membership.Cause]int{
		membership.Denied: 6, membership.Missing: 4, membership.Rejected: 1,
		membership.Unavailable: 7, membership.Incomplete: 7, membership.Unclear: 7,
	} {
		f := membership.File{Groups: []membership.Membership{{}, {Incomplete: &membership.Reason{Cause: cause}}}}
		if got := report.OfFile(f); got != want {
			t.Errorf("a file with a group that is %s: status %d, want %d", cause, got, want)
		}
	}
}

// hostile is a name as somebody means harm would choose it (incident 26).
const hostile = "\x1b[2J\r\n::error::gone\n##vso[x]\u202egnp.exe\u0007"

func sample() plan.Plan {
	changes := plan.Group{
		Name: "Sales" + hostile, State: plan.Changes, Members: []string{"1", "2"},
		Add:    []plan.Entry{{ID: "1", UserName: "ann@contoso.com", DisplayName: "Ann" + hostile}},
		Remove: []plan.Entry{{ID: "3", UserName: "bob" + hostile}},
		Keep: []plan.Kept{
			{Entry: plan.Entry{ID: "2"}, Reason: plan.KeptUnseen}, {Entry: plan.Entry{ID: "t"}, Reason: plan.KeptNotUser},
			{Entry: plan.Entry{ID: "i"}, Reason: plan.KeptInactive}, {Entry: plan.Entry{ID: "c"}, Reason: plan.KeptContested},
		},
		Unresolved: []plan.Unresolved{
			{UserPrincipalName: "x@y", Reason: "none"}, {UserPrincipalName: "z@y", DisplayName: "Z", Reason: "shared", Accounts: []string{"z@y"}},
			{UserPrincipalName: "a@y", Reason: "ambiguous", Accounts: []string{"a@y", "b@y"}}, {UserPrincipalName: "i@y", Reason: plan.Inactive},
		},
	}
	refused := plan.Group{Name: "Big", State: plan.Refused, Refusals: []plan.Refusal{{Rule: plan.WouldBeEmpty, Why: plan.AllReplaced, Removals: 12, Members: 12, Allow: &plan.Allowance{Removals: 12}}}}
	for i := range 22 {
		refused.Remove = append(refused.Remove, plan.Entry{ID: fmt.Sprint("r", i), UserName: "r@y"})
	}
	return plan.Plan{Groups: []plan.Group{
		changes, refused,
		{Name: "Same", State: plan.InStep, Members: []string{"1"}},
		plan.Unread(plan.Rule{Name: "Gone"}, membership.Group{}, membership.Reason{Cause: membership.Missing, Detail: "404"}),
	}}
}

func TestText(t *testing.T) {
	var b bytes.Buffer
	if err := (report.Text{W: &b}).Plan(sample()); err != nil {
		t.Fatal(err)
	}
	for i, r := range b.String() {
		if r != '\n' && (r < ' ' || r == 0x7f || r == '\u202e') {
			t.Errorf("byte %d is %U, which a terminal obeys", i, r)
		}
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "::") || strings.HasPrefix(line, "##vso") {
			t.Errorf("a line is a command to a CI system: %q", line)
		}
	}
	for _, want := range []string{
		"Sales<U+001B>[2J<U+000D><U+000A><U+003A><U+003A>error<U+003A><U+003A>gone", ": 1 to add, 1 to remove, 2 members afterwards\n",
		"kept: in no list of users", "kept: not a user", "kept: in Entra, and the account is inactive", "kept: somebody without an account",
		"(no account in Genesys)", "Z (finds z@y, which somebody else finds too)", "(ambiguous: finds a@y and b@y)", "(the account is inactive)",
		"Big: refused: would lose all 12 members that it has\n  hint: to let exactly this through, once: --allow-removals Big=12\n", "  - and 2 more, -v shows all\n",
		"Same: in step, 1 member\n", "Gone: missing: 404\n",
		"4 groups: 1 to change (+1 -1), 1 in step, 1 refused, 1 missing; 4 unresolved\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, b.String())
		}
	}
	var all bytes.Buffer
	if err := (report.Text{W: &all, All: true}).Plan(sample()); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(all.String(), "more, -v") || strings.Count(all.String(), "- r@y") != 22 {
		t.Errorf("-v does not list all:\n%s", all.String())
	}
}

func TestHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"Zoë O'Brien 🙂":               "Zoë O'Brien 🙂",
		"山田\u3000太郎":                  "山田 太郎",
		"::error::x":                  "<U+003A><U+003A>error<U+003A><U+003A>x",
		"  ::error::x":                "  <U+003A><U+003A>error<U+003A><U+003A>x",
		"  ::x":                       "  <U+003A>:x",
		"A::B":                        "A::B",
		"x ##vso[task.complete]":      "x <U+0023>#vso[task.complete]",
		"x ##[error]y":                "x <U+0023>#[error]y",
		"###[error]":                  "#<U+0023>#[error]",
		"x ##teamcity[a 'b']":         "x <U+0023>#teamcity[a 'b']",
		"##TeamCity[a]":               "<U+0023>#TeamCity[a]",
		"##bamboo[a]":                 "<U+0023>#bamboo[a]",
		"x ${bamboo.a}":               "x $<U+007B>bamboo.a}",
		"@@continua[a]":               "<U+0040>@continua[a]",
		"x travis_fold:start:a":       "x travis_fold<U+003A>start:a",
		"travis_time:end:a":           "travis_time<U+003A>end:a",
		"x section_end:1:a":           "x section_end<U+003A>1:a",
		"--- a":                       "<U+002D>-- a",
		" +++ a":                      " <U+002B>++ a",
		"~~~ a":                       "<U+007E>~~ a",
		"^^^ +++":                     "<U+005E>^^ +++",
		":":                           "<U+003A>",
		"x ::error file=y::z":         "x <U+003A><U+003A>error file=y<U+003A><U+003A>z",
		"a ## b [c] @@ d":             "a ## b [c] @@ d",
		"--allow-removals 'A::B=1'":   "--allow-removals 'A::B=1'",
		"dial [::1]:443":              "dial [::1]:443",
		"a\nb\tc\x7f\u2028\u200b\xff": "a<U+000A>b<U+0009>c<U+007F><U+2028><U+200B>\ufffd",
	} {
		if got := report.Harmless(in); got != want {
			t.Errorf("Harmless(%q) = %q, want %q", in, got, want)
		}
	}
}

// Neither text nor JSON has what a CI system takes for a command.
func TestNoCommandsToCI(t *testing.T) {
	const all = `##vso[z] ##[w] \##teamcity[x] ##bamboo[x] ${bamboo.x} @@continua[x] travis_fold:start:x travis_time:x section_start:1:x section_end:1:x`
	p := plan.Plan{Groups: []plan.Group{{Name: "::error::x", State: plan.Changes, Add: []plan.Entry{{ID: "1", UserName: "::y", DisplayName: all}}, Members: []string{"1"}}}}
	var b bytes.Buffer
	if err := (report.Text{W: &b}).Plan(p); err != nil {
		t.Fatal(err)
	}
	data, err := written(func(w io.Writer) error { return report.JSON{W: w}.Plan(p) })
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{b.String(), string(data)} {
		if strings.HasPrefix(out, "::") || strings.Contains(out, "\n::") || regexp.MustCompile(`##\w*\[|@@\w*\[|\$\{bamboo|travis_\w+:|section_\w+:`).MatchString(out) {
			t.Errorf("a command to a CI system:\n%s", out)
		}
	}
	back, err := plan.Decode(data)
	if err != nil || back.Groups[0].Add[0].DisplayName != all {
		t.Errorf("the name does not come back: %v", err)
	}
}

func TestColour(t *testing.T) {
	var plain, coloured bytes.Buffer
	outcomes := []push.Outcome{outcome(push.Done, ""), outcome(push.Stale, ""), outcome(push.Refused, ""), outcome(push.ToDo, "")}
	if err := (report.Text{W: &plain}).Run(report.Run{Outcomes: outcomes}); err != nil {
		t.Fatal(err)
	}
	if err := (report.Text{W: &coloured, Color: true}).Run(report.Run{Outcomes: outcomes}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(coloured.String(), "\x1b[") {
		t.Errorf("colour: plain %q, coloured %q", plain.String(), coloured.String())
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteErrorsAreTold(t *testing.T) {
	for _, p := range []report.Printer{report.Text{W: broken{}}, report.JSON{W: broken{}}} {
		for name, err := range map[string]error{
			"Plan": p.Plan(plan.Plan{}), "Run": p.Run(report.Run{}), "Membership": p.Membership(membership.File{}),
			"Groups": p.Groups(report.Listing{Groups: []report.GroupName{{}}}), "Statuses": report.WriteStatuses(broken{}),
		} {
			if err == nil {
				t.Errorf("%T: %s: a full disk goes unnoticed", p, name)
			}
		}
	}
	if (report.JSON{W: broken{}}).Failure(1, errors.New("why")) == nil {
		t.Error("Failure: a full disk goes unnoticed")
	}
}

func TestJSONOfARun(t *testing.T) {
	p := sample()
	data, err := written(func(w io.Writer) error {
		outcomes := []push.Outcome{{Group: p.Groups[1], Status: push.Refused, Detail: "why"}}
		return report.JSON{W: w}.Run(report.Run{Status: 4, Plan: p, Outcomes: outcomes, Ended: time.Unix(0, 0).UTC()})
	})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	group := got["groups"].([]any)[0].(map[string]any)
	want := map[string]any{"format": 1.0, "kind": "result", "status": 4.0, "status_name": "refused", "name": "Big", "outcome": "refused", "detail": "would lose all 12 members that it has; why"}
	have := map[string]any{
		"format": got["format"], "kind": got["kind"], "status": got["status"], "status_name": got["status_name"],
		"name": group["name"], "outcome": group["outcome"], "detail": group["detail"],
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAFailureIsReadByTheNextStage(t *testing.T) {
	data, err := written(func(w io.Writer) error { return report.JSON{W: w}.Failure(6, errors.New("denied")) })
	if err != nil {
		t.Fatal(err)
	}
	head, err := jsonfile.ReadHead(data)
	if want := (jsonfile.Head{Format: 1, Kind: report.FailureKind, Status: 6, Error: "denied"}); err != nil || head != want {
		t.Errorf("ReadHead = %+v, %v; want %+v", head, err, want)
	}
}

func TestAPlanCarriesItsStatus(t *testing.T) {
	data, err := written(func(w io.Writer) error {
		p := sample()
		p.Status = report.Refused
		return report.JSON{W: w}.Plan(p)
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Decode(data)
	if err != nil || p.Status != 4 || p.StatusName != "refused" {
		t.Errorf("status %d (%s), %v; want 4 (refused)", p.Status, p.StatusName, err)
	}
}

func TestGroupsAreSorted(t *testing.T) {
	var b bytes.Buffer
	twelve := 12
	groups := []report.GroupName{
		{ID: "3", Name: "sales", Kinds: []string{"security", "dynamic"}, Members: &twelve},
		{ID: "2", Name: "Sales", Kinds: []string{"unknown"}, Mappings: []string{"a", "b"}},
		{ID: "1", Name: "\u65e5\u672c \u202e " + strings.Repeat("x", 60), MembersOutsideSCIM: &twelve, Mappings: []string{"::error::"}},
	}
	if err := (report.Text{W: &b}).Groups(report.Listing{Side: "entra", Groups: groups}); err != nil {
		t.Fatal(err)
	}
	if err := (report.Text{W: &b}).Groups(report.Listing{Side: "genesys", Groups: groups, Mapped: true}); err != nil {
		t.Fatal(err)
	}
	if err := (report.Text{W: &b}).Groups(report.Listing{Side: "genesys", Mapped: true}); err != nil { // prints nothing
		t.Fatal(err)
	}
	hostile := "\u65e5\u672c <U+202E> " + strings.Repeat("x", 60)
	want := "id  kind               members          name\n" +
		"2   unknown            ?                Sales\n" +
		"3   security, dynamic  12               sales\n" +
		"1   ?                  12 outside SCIM  " + hostile + "\n" +
		"id  kind               members          name                                              mapping\n" +
		"2   unknown            ?                Sales                                             a, b\n" +
		"3   security, dynamic  12               sales\n" +
		"1   ?                  12 outside SCIM  " + hostile + "  <U+003A><U+003A>error<U+003A><U+003A>\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	data, err := written(func(w io.Writer) error {
		return report.JSON{W: w}.Groups(report.Listing{Side: "entra", Groups: groups})
	})
	if err != nil || !strings.Contains(string(data), `"side": "entra"`) {
		t.Errorf("JSON: %s, %v", data, err)
	}
}

// A group that has nobody by SCIM and by the list outside it has 0 members. The JSON says where the number comes from.
func TestMembersOfAnEmptyGroup(t *testing.T) {
	nobody := 0
	l := report.Listing{Side: "genesys", Groups: []report.GroupName{{ID: "1", Name: "Empty", MembersOutsideSCIM: &nobody}}}
	var text, json bytes.Buffer
	if err := (report.Text{W: &text}).Groups(l); err != nil || text.String() != "id  kind  members  name\n1   ?     0        Empty\n" {
		t.Errorf("%v\n%s", err, text.String())
	}
	err := report.JSON{W: &json}.Groups(l)
	if err != nil || !strings.Contains(json.String(), `"membersOutsideSCIM": 0`) || strings.Contains(json.String(), `"members"`) {
		t.Errorf("%v\n%s", err, json.String())
	}
}

// On a terminal that is too narrow for the table, a group takes two lines, and its name comes first.
func TestGroupsOnANarrowTerminal(t *testing.T) {
	id, twelve, one := "1bb21836-d6ec-41ee-8ac6-c8991ed36fd3", 12, 1
	l := report.Listing{Side: "genesys", Mapped: true, Groups: []report.GroupName{
		{ID: id, Name: "Support Tier 1", Kinds: []string{"official", "members only"}, MembersOutsideSCIM: &twelve, Mappings: []string{"Support Tier 1"}},
		{ID: id, Name: "Wallboard Screens", Kinds: []string{"official", "public"}, Members: &one},
		{ID: id, Name: "Ünknown \u202e"},
	}}
	for width, want := range map[int]string{
		80: "Support Tier 1  mapping: Support Tier 1\n" +
			"  1bb21836-d6ec-41ee-8ac6-c8991ed36fd3  official, members only  12 outside SCIM\n" +
			"Wallboard Screens\n  1bb21836-d6ec-41ee-8ac6-c8991ed36fd3  official, public  1 member\n" +
			"Ünknown <U+202E>\n  1bb21836-d6ec-41ee-8ac6-c8991ed36fd3  ?  ? members\n",
		50: "Support Tier 1  mapping: Support Tier 1\n" +
			"  1bb21836-d6ec-41ee-8ac6-c8991ed36fd3  official,\n    members only  12 outside SCIM\n" +
			"Wallboard Screens\n  1bb21836-d6ec-41ee-8ac6-c8991ed36fd3  official,\n    public  1 member\n" +
			"Ünknown <U+202E>\n  1bb21836-d6ec-41ee-8ac6-c8991ed36fd3  ?  ?\n    members\n",
	} {
		var b bytes.Buffer
		if err := (report.Text{W: &b, Width: width}).Groups(l); err != nil || b.String() != want {
			t.Errorf("width %d: %v, got\n%s\nwant\n%s", width, err, b.String(), want)
		}
	}
}

// A table that is wider than the terminal is not cut by it: each row takes several lines.
func TestTableOnANarrowTerminal(t *testing.T) {
	head := []string{"id", "kind", "name", "mapping"}
	rows := [][]string{
		{"1bb21836-d6ec-41ee-8ac6-c8991ed36fd3", "security, role-assignable, hidden membership", "Support", ""},
		{"8a4b5650-e66c-41ab-9ec7-8b805350b8b1", "?", "All Staff", "Staff"},
	}
	shown := func(width int) string {
		var b bytes.Buffer
		if err := (report.Text{W: &b, Width: width}).Table(head, rows, true); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	wide := shown(0)
	line, _, _ := strings.Cut(wide, "\n") // the line of the names is the widest one
	if fits := shown(len(line)); wide != fits || strings.Count(wide, "\n") != 3 {
		t.Errorf("where it fits:\n%s\nand on no terminal:\n%s", fits, wide)
	}
	want := `1bb21836-d6ec-41ee-8ac6-c8991ed36fd3
  kind: security, role-assignable, hidden
    membership
  name: Support
8a4b5650-e66c-41ab-9ec7-8b805350b8b1
  kind: ?
  name: All Staff
  mapping: Staff
`
	if got := shown(45); got != want {
		t.Errorf("at 45 columns:\n%s\nwant\n%s", got, want)
	}
	if got := shown(len(line) - 1); got == wide {
		t.Error("a line is wider than the terminal")
	}
}

func TestFile(t *testing.T) {
	var b bytes.Buffer
	f := membership.File{People: make([]membership.Person, 3), Groups: []membership.Membership{
		{Name: "Sales", Members: []string{"1", "2"}}, {Name: "Gone", Incomplete: &membership.Reason{Detail: "404"}},
	}}
	if err := (report.Text{W: &b}).Membership(f); err != nil {
		t.Fatal(err)
	}
	if want := "Sales: 2 members\nGone: incomplete: 404\n1 of 2 groups read whole, 3 people\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func written(write func(io.Writer) error) ([]byte, error) {
	var buf bytes.Buffer
	err := write(&buf)
	return buf.Bytes(), err
}
