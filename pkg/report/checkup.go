package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/push"
)

// CheckResult is the result of one check.
type CheckResult string

// The results.
const (
	CheckOK   CheckResult = "ok"
	CheckWarn CheckResult = "warn" // somebody should look at it; runs are possible
	CheckFail CheckResult = "fail" // a run, or one group, does not succeed like this
	CheckSkip CheckResult = "skip" // could not be checked, or need not
)

// Check is one line of a checkup.
type Check struct {
	Name   string      `json:"name"` // what was checked, or the name of a group
	Result CheckResult `json:"result"`
	Text   string      `json:"text"`
	Hint   string      `json:"hint,omitempty"` // what to do
	Status int         `json:"status"`         // exit status that a run would have because of it

	shape  string   // of a check of a group: checks with the same shape, result and hint have the same cause
	groups []string // those with the same cause, if there are several
}

// Checkup is the result of callroll doctor.
type Checkup struct {
	Version string  `json:"version"`
	Status  int     `json:"status"` // the worst of the checks
	Checks  []Check `json:"checks"` // in the order in which they were made
}

// Checkup implements Printer: one line for each check, with a line that says what to do. Groups with the same cause have one line
// together, and so have checks in a row that were skipped for the same reason. In JSON each check stands alone.
func (t Text) Checkup(c Checkup) error {
	var b strings.Builder
	for _, check := range joinedSkips(joinedGroups(c.Checks)) {
		t.resultLine(&b, fmt.Sprintf("%-4s", check.Result), check.Name+": "+check.Text, checkStatus(check.Result))
		for hint := range strings.SplitSeq(check.Hint, "\n") {
			if hint != "" {
				t.message(&b, message{hint: true, text: hint})
			}
		}
		if len(check.groups) > 0 {
			t.names(&b, check.groups, "  ")
		}
	}
	t.lines(&b, checkTotal(c), "  ", nil)
	_, err := io.WriteString(t.W, b.String())
	return err
}

// joinedGroups returns the checks with one in place of those of several groups that have the same cause. If their texts differ, it
// has what they share.
func joinedGroups(checks []Check) []Check {
	var joined []Check
	for _, check := range checks {
		i := slices.IndexFunc(joined, func(before Check) bool {
			return check.shape != "" && before.shape == check.shape && before.Result == check.Result && before.Hint == check.Hint
		})
		if i < 0 {
			check.groups = []string{check.Name}
			joined = append(joined, check)
			continue
		}
		if before := &joined[i]; !slices.Contains(before.groups, check.Name) {
			before.groups = append(before.groups, check.Name)
			if before.Text != check.Text {
				before.Text = check.shape
			}
		}
	}
	for i := range joined {
		if one := &joined[i]; len(one.groups) > 1 {
			one.Name = fmt.Sprintf("%d groups", len(one.groups))
		} else {
			one.groups = nil
		}
	}
	return joined
}

// joinedSkips returns the checks with one in place of those in a row that were skipped for the same reason. It has all their names.
func joinedSkips(checks []Check) []Check {
	var joined []Check
	for _, check := range checks {
		if last := len(joined) - 1; last >= 0 && check.Result == CheckSkip {
			if before := joined[last]; before.Result == CheckSkip && before.Text == check.Text && before.Hint == check.Hint {
				joined[last].Name += ", " + check.Name
				continue
			}
		}
		joined = append(joined, check)
	}
	return joined
}

// resultLine writes a line that begins with a result in its colour. Further lines are indented as far as the text after it.
func (t Text) resultLine(b *strings.Builder, result, text string, colour push.Status) {
	word := strings.TrimRight(result, " ")
	t.lines(b, Harmless(result+"  "+text), strings.Repeat(" ", len(result)+2), func(line string) string {
		if rest, ok := strings.CutPrefix(line, word); ok {
			return t.paint(colour)(word) + rest
		}
		return line
	})
}

// Checkup implements Printer.
func (j JSON) Checkup(c Checkup) error {
	return jsonfile.Write(j.W, struct {
		Format     int    `json:"format"`
		Kind       string `json:"kind"`
		StatusName string `json:"status_name"`
		Checkup
	}{Format, "doctor", Name(c.Status), c})
}

// Checkup implements Printer.
func (p Document) Checkup(c Checkup) error {
	d := document{
		Title: "Checkup", Facts: []string{Harmless("callroll " + c.Version)}, Total: checkTotal(c),
		Header: []string{"result", "what", "found", "to do"},
	}
	for _, check := range joinedGroups(c.Checks) {
		what := check.Name
		if len(check.groups) > 0 {
			what += ": " + firstNames(check.groups)
		}
		d.Table = append(d.Table, harmlessAll([]string{string(check.Result), what, check.Text, check.Hint}))
	}
	return p.write(d)
}

// checkStatus returns the status that has the colour of a result.
func checkStatus(r CheckResult) push.Status {
	return map[CheckResult]push.Status{
		CheckOK: push.InStep, CheckWarn: push.ToDo, CheckFail: push.Refused, CheckSkip: push.Paused,
	}[r]
}

func checkTotal(c Checkup) string {
	n := map[CheckResult]int{}
	for _, check := range c.Checks {
		n[check.Result]++
	}
	warnings, failures := "warnings", "failures"
	if n[CheckWarn] == 1 {
		warnings = "warning"
	}
	if n[CheckFail] == 1 {
		failures = "failure"
	}
	return counted(len(c.Checks), "check", "checks") + ": " +
		counts(count{n[CheckOK], "ok"}, count{n[CheckWarn], warnings}, count{n[CheckFail], failures},
			count{n[CheckSkip], "skipped"})
}
