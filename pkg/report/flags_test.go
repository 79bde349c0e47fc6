//go:build unix

package report_test

import (
	"os/exec"
	"testing"

	"github.com/callroll/callroll/pkg/report"
)

// TestShellFlag gives what is printed to a shell, which has to read one flag and the value as it was.
func TestShellFlag(t *testing.T) {
	for _, value := range []string{
		"Support=1", "Billing Team=2", "O'Neill's team=3", "'", "''", "", "a;b", "$HOME", "`id`", "$(id)", `a\b`, `"x"`,
		"*", "~root", "#1", "a&b|c>d", "line\nbreak", "é ü", "!1",
	} {
		command := "printf '%s/' " + report.ShellFlag("--allow-removals", value)
		out, err := exec.Command("/bin/sh", "-c", command).CombinedOutput()
		if want := "--allow-removals/" + value + "/"; err != nil || string(out) != want {
			t.Errorf("sh reads %s as %q, %v; want %q", command, out, err, want)
		}
		command = report.ShellVariable("NAME", value) + `; printf '%s/' "$NAME"`
		out, err = exec.Command("/bin/sh", "-c", command).CombinedOutput()
		if want := value + "/"; err != nil || string(out) != want {
			t.Errorf("sh reads %s as %q, %v; want %q", command, out, err, want)
		}
	}
}
