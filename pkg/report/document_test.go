package report_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// markup are names that would mean something to a browser or to a reader of Markdown.
var markup = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "a | b", "``` x", "`code`", "@everyone #1 !x", "[x](https://evil.example)",
	`\`, "&lt;b&gt;", "{{.Title}}", "</td></table>",
}

func markupRun(name string) report.Run {
	g := plan.Group{
		Name: name, State: plan.Changes, Members: []string{"1"}, Notes: []string{name},
		Add:        []plan.Entry{{ID: "1", UserName: name, DisplayName: name, Person: name}},
		Unresolved: []plan.Unresolved{{ID: "2", UserPrincipalName: name, DisplayName: name, Reason: "none"}},
	}
	return report.Run{
		Plan: plan.Plan{Tenant: name, Genesys: name, Notes: []string{name}}, Ended: time.Unix(0, 0),
		Outcomes: []push.Outcome{{Group: g, Status: push.Done, Detail: name, Hint: name}},
	}
}

// Names can neither add an element to a page nor take one away, and can still be read.
func TestHTMLOfMarkup(t *testing.T) {
	want := elements(t, "name")
	for _, name := range markup {
		if diff := cmp.Diff(want, elements(t, name)); diff != "" {
			t.Errorf("%s changes the page: %s", name, diff)
		}
	}
}

// elements returns the elements of the page about a run whose names are all name, in their order. It checks that the page shows
// the name.
func elements(t *testing.T, name string) []string {
	t.Helper()
	var b strings.Builder
	if err := (report.Document{W: &b, Format: report.HTML}).Run(markupRun(name)); err != nil {
		t.Fatal(err)
	}
	var found []string
	var text strings.Builder
	z := html.NewTokenizer(strings.NewReader(b.String()))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		token := z.Token()
		if kind == html.TextToken {
			text.WriteString(token.Data)
		} else {
			found = append(found, token.String())
		}
	}
	if !strings.Contains(text.String(), name) {
		t.Errorf("the page does not show %s: %s", name, b.String())
	}
	return found
}

// In Markdown each row of a table has its number of cells, and names are code.
func TestMarkdownOfMarkup(t *testing.T) {
	for _, name := range markup {
		var b strings.Builder
		if err := (report.Document{W: &b, Format: report.Markdown}).Run(markupRun(name)); err != nil {
			t.Fatal(err)
		}
		cells := 0
		for row := range strings.Lines(b.String()) {
			if !strings.HasPrefix(row, "|") {
				cells = 0
				continue
			}
			n := strings.Count(strings.NewReplacer(`\\`, "", `\|`, "").Replace(row), "|")
			if cells == 0 {
				cells = n
			}
			if n != cells {
				t.Errorf("%s: %d cells and not %d in %s", name, n, cells, row)
			}
			if strings.Contains(row, "<script>") && !strings.Contains(row, "`<script>") && !strings.Contains(row, `\<script\>`) {
				t.Errorf("%s is HTML in %s", name, row)
			}
		}
	}
}

func TestMarkdown(t *testing.T) {
	p := plan.Plan{
		Tenant: "t", Genesys: "api.example", Made: time.Unix(0, 0).UTC(), Expires: time.Unix(60, 0).UTC(), Remarks: []string{"- a_b"},
		Groups: []plan.Group{{
			Name: "Sales|EU", State: plan.Changes, Members: []string{"1"}, Add: []plan.Entry{{ID: "1", UserName: "ada@x", DisplayName: "Ada `1`"}},
		}},
	}
	want := "# Plan\n\nOrg api.example, tenant t\n\nMade at 1970-01-01T00:00:00Z, expires at 1970-01-01T00:01:00Z\n\n- \\- a\\_b\n\n" +
		"| group | what |\n|---|---|\n| `Sales\\|EU` | 1 to add, 1 member afterwards |\n\n## `Sales\\|EU`\n\n" +
		"|  | userName | name | note |\n|---|---|---|---|\n| + | `ada@x` | `` Ada `1` `` |  |\n\n1 group: 1 to change (+1 -0)\n"
	var b strings.Builder
	if err := (report.Document{W: &b, Format: report.Markdown}).Plan(p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// A failure is a document in these formats: an empty one would look like an empty plan.
func TestFailureDocuments(t *testing.T) {
	for _, format := range []func(*strings.Builder) report.Printer{
		func(b *strings.Builder) report.Printer { return report.Document{W: b, Format: report.Markdown} },
		func(b *strings.Builder) report.Printer { return report.Document{W: b, Format: report.HTML} },
	} {
		var b strings.Builder
		if err := format(&b).Failure(report.Unavailable, errors.New("Graph does not answer")); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), "Graph does not answer") || !strings.Contains(b.String(), "7 (unavailable)") {
			t.Errorf("says %s", b.String())
		}
	}
}

// A result that is read from a file is printed as it was, and written as it was.
func TestDecodeResult(t *testing.T) {
	refused := plan.Group{
		Name: "Sales", State: plan.Refused, Members: []string{"1"}, Remove: []plan.Entry{{ID: "2"}},
		Refusals: []plan.Refusal{{Rule: plan.TooManyRemovals, Removals: 1, Members: 2, Limit: plan.Bound{Limit: "0"}}},
	}
	run := report.Run{Status: report.Refused, Ended: time.Unix(0, 0).UTC(), Outcomes: []push.Outcome{
		{Group: refused, Status: push.Refused, Detail: "and more"}, {Group: refused, Status: push.Refused},
		{Group: plan.Group{Name: "Billing"}, Status: push.Unavailable, Cause: membership.Unavailable, Detail: "no answer", Hint: "wait"},
	}}
	var first, second strings.Builder
	if err := (report.JSON{W: &first}).Run(run); err != nil {
		t.Fatal(err)
	}
	again, err := report.DecodeResult([]byte(first.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := (report.JSON{W: &second}).Run(again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.String(), second.String()); diff != "" {
		t.Error(diff)
	}
	if _, err := report.DecodeResult([]byte(`{"format":1,"kind":"plan"}`)); !errors.Is(err, membership.ErrFormat) {
		t.Errorf("a plan as a result: %v", err)
	}
}
