// Package schedule makes the entries with which schedulers run callroll every fifteen minutes. Each entry gives the run no
// more rights than it needs, as far as the scheduler can take rights away. The package installs nothing and reads no
// configuration.
package schedule

import (
	"embed"
	"fmt"
	"path"
	"strings"
	"text/template"
	"unicode"
)

// Format is a kind of scheduler.
type Format string

// The formats.
const (
	Cron        Format = "cron"         // one line of a crontab
	Systemd     Format = "systemd"      // a service and a timer, two units one after the other
	Windows     Format = "windows"      // the XML of a task of the Windows Task Scheduler
	Kubernetes  Format = "kubernetes"   // a CronJob, and the objects that it needs except its ConfigMap and its Secret
	GitHub      Format = "github"       // a workflow of GitHub Actions
	AzureDevOps Format = "azure-devops" // a pipeline of Azure DevOps
	GitLab      Format = "gitlab"       // a job of GitLab CI/CD
)

// Formats returns all formats.
func Formats() []Format {
	return []Format{Cron, Systemd, Windows, Kubernetes, GitHub, AzureDevOps, GitLab}
}

// HasPaths reports whether the entry names a program and a configuration of the machine. The others run in a container or a
// checkout, where both have their own places.
func (f Format) HasPaths() bool { return f == Cron || f == Systemd || f == Windows }

// Command is what an entry runs. Both paths are absolute. They are used only if [Format.HasPaths].
type Command struct {
	Program string // path of callroll
	Config  string // path of the configuration
}

// Default returns the usual paths of a format.
func (f Format) Default() Command {
	switch f {
	case Cron, Systemd:
		return Command{Program: "/usr/local/bin/callroll", Config: "/etc/callroll/callroll.yaml"}
	case Windows:
		return Command{Program: `C:\Program Files\callroll\callroll.exe`, Config: windowsFolder + `\callroll.yaml`}
	}
	return Command{}
}

//go:embed entries/*.tmpl
var entries embed.FS

// Entry returns the entry of a scheduler. The error says that a path cannot be used there. A program that a service of systemd
// would not see is replaced by the usual one, and [Steps] says so.
func Entry(f Format, c Command) (string, error) {
	if f == Systemd && hidden(c.Program) {
		c.Program = f.Default().Program
	}
	if f.HasPaths() {
		for _, p := range []string{c.Program, c.Config} {
			if err := checkPath(f, p); err != nil {
				return "", err
			}
		}
	}
	if f == Windows {
		return task(c)
	}
	quotes := template.FuncMap{"cron": quoteCron, "unit": quoteUnit}
	entry, err := template.New(string(f)+".tmpl").Funcs(quotes).ParseFS(entries, "entries/"+string(f)+".tmpl")
	if err != nil {
		return "", fmt.Errorf("there is no entry for %q", f)
	}
	var out strings.Builder
	if err := entry.Execute(&out, c); err != nil {
		return "", err
	}
	return out.String(), nil
}

// checkPath returns an error for a path that a scheduler would not use as it is meant.
func checkPath(f Format, p string) error {
	drive := len(p) > 2 && p[1] == ':' && (p[2] == '\\' || p[2] == '/')
	switch {
	case strings.ContainsFunc(p, unicode.IsControl):
		return fmt.Errorf("the path %q has a control character", p)
	case f == Windows && (!drive || strings.Contains(p, `"`)):
		return fmt.Errorf("%q is not an absolute path of Windows", p)
	case f != Windows && !path.IsAbs(p):
		return fmt.Errorf("%q is not an absolute path", p)
	case f == Systemd && hidden(p):
		return fmt.Errorf("the service cannot see %s, because the folders of users and of temporary files are hidden from it; "+
			"move it, for example below %s", p, path.Dir(f.Default().Config))
	}
	return nil
}

// hidden reports whether ProtectHome or PrivateTmp hides a path (systemd.exec).
func hidden(p string) bool {
	for _, dir := range []string{"/home", "/root", "/run/user", "/tmp", "/var/tmp"} {
		if strings.HasPrefix(path.Clean(p)+"/", dir+"/") {
			return true
		}
	}
	return false
}

// quoteCron quotes a word for the shell. In a crontab a percent sign ends the command, unless a backslash precedes it
// (crontab(5)).
func quoteCron(s string) string {
	plain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("/._-+:@,", r)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		s = "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return strings.ReplaceAll(s, "%", `'\%'`)
}

// quoteUnit quotes a word of a command line in a unit, where $ and % have a meaning too (systemd.service, "Command lines").
func quoteUnit(s string) string {
	s = strings.NewReplacer("%", "%%", "$", "$$", `\`, `\\`, `"`, `\"`).Replace(s)
	if strings.ContainsAny(s, " '\"\\;") {
		return `"` + s + `"`
	}
	return s
}
