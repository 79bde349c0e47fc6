package report

import (
	"fmt"
	"io"
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
}

// Checkup is the result of callroll doctor.
type Checkup struct {
	Version string  `json:"version"`
	Status  int     `json:"status"` // the worst of the checks
	Checks  []Check `json:"checks"` // in the order in which they were made
}

// Checkup implements Printer: one line for each check, with a line that says what to do. Checks in a row that were skipped for the
// same reason have one line together; in the other formats each of them stands alone.
func (t Text) Checkup(c Checkup) error {
	var b strings.Builder
	for _, check := range joinedSkips(c.Checks) {
		t.resultLine(&b, fmt.Sprintf("%-4s", check.Result), check.Name+": "+check.Text, checkStatus(check.Result))
		for hint := range strings.SplitSeq(check.Hint, "\n") {
			if hint != "" {
				t.message(&b, message{hint: true, text: hint})
			}
		}
	}
	t.lines(&b, checkTotal(c), "  ", nil)
	_, err := io.WriteString(t.W, b.String())
	return err
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
	for _, check := range c.Checks {
		d.Table = append(d.Table, harmlessAll([]string{string(check.Result), check.Name, check.Text, check.Hint}))
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
