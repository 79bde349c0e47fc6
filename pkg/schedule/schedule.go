// Package schedule makes the entries with which schedulers run callroll every fifteen minutes. Each entry gives the run no
// more rights than it needs, as far as the scheduler can take rights away. The package installs nothing and reads no
// configuration.
package schedule

import (
	"embed"
	"fmt"
	"path"
	"slices"
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

	// ClientID is the object that a service account of Kubernetes stands for: the application (client) id in Entra. It is written
	// into the entry as it is, so that it must have the form of an id. It is empty if it is not known.
	ClientID string
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
// would not see, or that other users of a Windows machine may replace, becomes the usual one, and [Steps] says so.
func Entry(f Format, c Command) (string, error) {
	if f.replaces(c.Program) {
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
	case f == Windows && !ownFolder(p):
		return fmt.Errorf("%s is not in a folder of its own, which only SYSTEM and Administrators may then use; move it, for "+
			"example into %s", p, windowsFolder)
	case f == Systemd && hidden(p):
		return fmt.Errorf("the service cannot see %s, because the folders of users and of temporary files are hidden from it; "+
			"move it, for example below %s", p, path.Dir(f.Default().Config))
	}
	return nil
}

// replaces reports whether an entry names the usual program in place of one that it must not run.
func (f Format) replaces(program string) bool {
	return f == Systemd && hidden(program) || f == Windows && !isBelow(program, `C:\Program Files`)
}

// ownFolder reports whether a path of Windows is in a folder whose access may be restricted without harm: neither the root of a
// drive, nor a folder of the system or of a user. The program is in a folder that is restricted already.
func ownFolder(p string) bool {
	elements := strings.Split(strings.ReplaceAll(p, "/", `\`), `\`)
	for _, element := range elements {
		if element == "." || element == ".." || strings.TrimRight(element, " .") != element {
			return false
		}
	}
	if isBelow(p, `C:\Program Files`) {
		return true
	}
	shared := []string{"windows", "users", "programdata", "program files", "program files (x86)"}
	at := strings.ToLower(elements[min(1, len(elements)-1)])
	switch depth := len(elements) - 2; { // folders between the drive and the file
	case depth < 1, at == "windows", at == "users":
		return false
	case depth == 1:
		return !slices.Contains(shared, at)
	}
	return true
}

// isBelow reports whether a path of Windows is below a folder.
func isBelow(p, folder string) bool {
	return strings.HasPrefix(strings.ToLower(strings.ReplaceAll(p, "/", `\`)), strings.ToLower(folder)+`\`)
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
func quoteCron(s string) string { return strings.ReplaceAll(quoteShell(s), "%", `'\%'`) }

// quoteShell quotes a word for the shell.
func quoteShell(s string) string {
	plain := func(r rune) bool {
		return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("/._-+:@,", r)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// quoteUnit quotes a word of a command line in a unit, where $ and % have a meaning too (systemd.service, "Command lines").
func quoteUnit(s string) string {
	s = strings.NewReplacer("%", "%%", "$", "$$", `\`, `\\`, `"`, `\"`).Replace(s)
	if strings.ContainsAny(s, " '\"\\;") {
		return `"` + s + `"`
	}
	return s
}
