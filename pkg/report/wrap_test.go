package report_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// On a terminal lines break between words, and neither a name nor a flag is broken. A flag that goes on tells the shell so.
func TestLinesWrapBetweenWords(t *testing.T) {
	g := plan.Group{
		Add: []plan.Entry{{ID: "1", UserName: "jonas.weber@weber-partner.example", DisplayName: "Jonas von und zu Weber", Person: "jonas.weber_weber-partner.example#EXT#@contoso.onmicrosoft.com"}},
		Keep: []plan.Kept{
			staying("a", plan.KeptHeld), staying("b", plan.KeptHeld), staying("c", plan.KeptHeld), staying("d", plan.KeptHeld),
		},
	}
	got := printed(t, report.Text{Width: 60}, standing("Night Shift", push.Done, g))
	want := `Night Shift: 1 added, 3 members now
  hint: if whoever is held is one of the people with ?, give
      the account the new userName, in Genesys
  hint: if they have left, let them go, once:
      --release 'Night Shift=a@x' \
      --release 'Night Shift=b@x' \
      --release 'Night Shift=c@x' \
      --release 'Night Shift=d@x'
  + jonas.weber@weber-partner.example
      Jonas von und zu Weber (for
      jonas.weber_weber-partner.example#EXT#@contoso.onmicrosoft.com)
`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Whatever the texts: no line is wider than the terminal unless one word is, nothing is lost, and nothing is broken within a name.
func TestWrappedLinesSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zäÖ営é]{1,12}`)
		words := rapid.SliceOfN(word, 1, 30).Draw(t, "words")
		name := strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "name"), " ")
		o := standing(name, push.Unavailable, plan.Group{})
		o.Detail = strings.Join(words, " ")
		width := rapid.IntRange(40, 120).Draw(t, "width")
		var wide, narrow strings.Builder
		if err := (report.Text{W: &wide}).Run(report.Run{Outcomes: []push.Outcome{o}}); err != nil {
			t.Fatal(err)
		}
		if err := (report.Text{W: &narrow, Width: width}).Run(report.Run{Outcomes: []push.Outcome{o}}); err != nil {
			t.Fatal(err)
		}
		if strings.Join(strings.Fields(wide.String()), " ") != strings.Join(strings.Fields(narrow.String()), " ") {
			t.Errorf("not the same:\n%s\n%s", wide.String(), narrow.String())
		}
		if !strings.HasPrefix(narrow.String(), name+":") {
			t.Errorf("the name %q is broken:\n%s", name, narrow.String())
		}
		for line := range strings.Lines(narrow.String()) {
			columns := 0
			for _, r := range strings.TrimSuffix(line, "\n") {
				columns++
				if r == '営' {
					columns++
				}
			}
			if columns > width && strings.Contains(strings.TrimPrefix(strings.TrimSpace(line), name+":"), " ") {
				t.Errorf("a line of %d columns on a terminal of %d: %q", columns, width, line)
			}
		}
	})
}

// Where nobody looks at a terminal, a message is one line, so that grep finds it whole.
func TestLinesElsewhereAreWhole(t *testing.T) {
	o := standing("A", push.Rejected, plan.Group{Notes: []string{strings.Repeat("note ", 60)}})
	o.Detail, o.Hint = strings.Repeat("word ", 60)+"end", strings.Repeat("do ", 60)+"it"
	if got := printed(t, report.Text{}, o); strings.Count(got, "\n") != 4 {
		t.Errorf("not one line each:\n%s", got)
	}
}

// What a terminal or a CI system would obey is harmless in every line of a broken text.
func TestBrokenLinesAreHarmless(t *testing.T) {
	o := standing("A", push.Rejected, plan.Group{})
	o.Detail = strings.Repeat("word ", 7) + "::error::x --- +++ ::x " + strings.Repeat("word ", 6) + "##vso[x] \x1b[2J"
	for width := range 80 {
		for line := range strings.Lines(printed(t, report.Text{Width: width}, o)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "::") || strings.HasPrefix(line, "##") || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "+++") || strings.Contains(line, "\x1b") {
				t.Errorf("at a width of %d: %q", width, line)
			}
		}
	}
}
