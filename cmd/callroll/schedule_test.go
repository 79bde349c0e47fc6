package main

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/schedule"
)

// Each entry is read as its scheduler reads it, and what it would run is run: in an empty environment, in another folder, on the
// configuration of the README and the services of a sandbox.
func TestSchedulesRun(t *testing.T) {
	t.Parallel()
	for _, format := range schedule.Formats() {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			world := settingUp(t, dir)
			where := format.Default()
			if format == schedule.Cron || format == schedule.Systemd {
				where.Config = filepath.Join("/srv/with a space", "callroll.yaml")
			}
			entry, err := schedule.Entry(format, where)
			if err != nil {
				t.Fatal(err)
			}
			run := scheduled{dir: dir, bin: dir, entry: entry}
			if format == schedule.GitLab {
				run.token(t, world)
			}
			cmd := run.command(t, format)
			out, err := cmd.CombinedOutput()
			members := 0
			for _, g := range world.Genesys().Groups {
				if g.DisplayName == "Support Tier 1" {
					members = len(g.Members)
				}
			}
			if err != nil || members != 15 {
				t.Errorf("%q: %v, %d members, want 15: %s", cmd.Args, err, members, out)
			}
		})
	}
}

// scheduled is an entry that is tried.
type scheduled struct {
	dir, bin string // the folders of the configuration and of callroll
	entry    string
	env      []string
}

// token replaces the secret of Entra by a token that GitLab would set.
func (s *scheduled) token(t *testing.T, world *sandbox.World) {
	t.Helper()
	_, err := world.AddCredential(sandbox.CredentialOptions{Federated: "file"})
	do(t, err)
	s.env = append(s.env, "ENTRA_ID_TOKEN="+file(t, s.dir, "real/secrets/file.jwt"))
	config := file(t, s.dir, "callroll.yaml")
	config = regexp.MustCompile(`(?m)^entra:\n(  .*\n)+`).ReplaceAllStringFunc(config, func(section string) string {
		return regexp.MustCompile(`(?m)^  client_secret_file.*\n`).ReplaceAllString(section, "")
	})
	do(t, os.WriteFile(filepath.Join(s.dir, "callroll.yaml"), []byte(config), 0o600))
}

// command returns what the scheduler runs.
func (s *scheduled) command(t *testing.T, format schedule.Format) *exec.Cmd {
	t.Helper()
	program, err := exec.LookPath("callroll")
	do(t, err)
	do(t, os.Symlink(program, filepath.Join(s.bin, "callroll")))
	// The paths of the entry are those of this machine.
	here := strings.NewReplacer("/usr/local/bin/", s.bin+"/", `C:\Program Files\callroll\callroll.exe`, s.bin+"/callroll",
		"/etc/callroll/", s.dir+"/", "/srv/with a space/", s.dir+"/", `C:\ProgramData\callroll\`, s.dir+"/", "/tmp/entra-token", s.dir+"/entra-token")
	var words []string
	cwd := t.TempDir()
	switch format {
	case schedule.Cron:
		words = []string{"sh", "-c", here.Replace(cronCommand(t, s.entry))}
	case schedule.Systemd:
		service, _, _ := strings.Cut(s.entry, "\n# /etc/systemd/system/callroll.timer\n")
		start := unit(t, "the service", service)["Service.ExecStart"]
		if len(start) != 1 {
			t.Fatalf("the service starts %q", start)
		}
		words = quotedWords(here.Replace(start[0]))
	case schedule.Windows:
		words = quotedWords(here.Replace(taskCommand(t, s.entry)))
	case schedule.Kubernetes:
		var job cronJob
		decodeStrictly(t, documents(t, s.entry)["CronJob"], &job)
		for _, word := range job.Spec.JobTemplate.Spec.Template.Spec.Containers[0].Command {
			words = append(words, here.Replace(word))
		}
	default:
		words, cwd = []string{"bash", "-e", "-c", here.Replace(s.script(t))}, s.dir
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = cwd
	cmd.Env = append(s.env, "PATH="+s.bin+":"+os.Getenv("PATH"), "RUNNER_TEMP="+s.bin)
	return cmd
}

// script returns the commands of a pipeline that do not build callroll.
func (s *scheduled) script(t *testing.T) string {
	t.Helper()
	var file struct {
		Jobs map[string]struct{ Steps []struct{ Run string } } // GitHub
		// Azure DevOps
		Steps []struct{ Inputs map[string]string }
		// GitLab
		Callroll struct{ Script []string }
	}
	do(t, yaml.Unmarshal([]byte(s.entry), &file))
	lines := file.Callroll.Script
	for _, step := range file.Jobs["sync"].Steps {
		lines = append(lines, step.Run)
	}
	for _, step := range file.Steps {
		lines = append(lines, step.Inputs["inlineScript"])
	}
	var script []string
	for _, line := range lines {
		if !strings.HasPrefix(line, "go build ") {
			script = append(script, line)
		}
	}
	return strings.ReplaceAll(strings.Join(script, "\n"), "$(Agent.TempDirectory)", s.bin)
}

// cronCommand returns what cron gives to the shell.
func cronCommand(t *testing.T, entry string) string {
	t.Helper()
	var commands []string
	for line := range strings.Lines(entry) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		if strings.Join(fields[:5], " ") != "*/15 * * * *" {
			t.Errorf("the times are %q", fields[:5])
		}
		_, command, _ := strings.Cut(line, "* * * *")
		commands = append(commands, strings.ReplaceAll(strings.TrimSpace(command), `\%`, "%"))
	}
	if len(commands) != 1 {
		t.Fatalf("the entry has the commands %q", commands)
	}
	return commands[0]
}

// taskCommand returns the command line of a task of Windows.
func taskCommand(t *testing.T, entry string) string {
	t.Helper()
	var task struct {
		XMLName   xml.Name `xml:"http://schemas.microsoft.com/windows/2004/02/mit/task Task"`
		Version   string   `xml:"version,attr"`
		Interval  string   `xml:"Triggers>TimeTrigger>Repetition>Interval"`
		Principal struct {
			ID   string `xml:"id,attr"`
			User string `xml:"UserId"`
		} `xml:"Principals>Principal"`
		Instances string `xml:"Settings>MultipleInstancesPolicy"`
		Actions   struct {
			Context string `xml:"Context,attr"`
			Exec    struct{ Command, Arguments string }
		}
	}
	do(t, xml.Unmarshal([]byte(entry), &task))
	if task.Version != "1.2" || task.Interval != "PT15M" || task.Principal.User != "S-1-5-18" || task.Instances != "IgnoreNew" ||
		task.Actions.Context != task.Principal.ID {
		t.Errorf("the task is %+v", task)
	}
	return `"` + task.Actions.Exec.Command + `" ` + task.Actions.Exec.Arguments
}

// quotedWords splits a line at spaces that are not in double quotes.
func quotedWords(line string) []string {
	var words []string
	for _, word := range regexp.MustCompile(`"[^"]*"|[^" ]+`).FindAllString(line, -1) {
		words = append(words, strings.Trim(word, `"`))
	}
	return words
}

// Each pipeline and container has only the rights that it needs.
func TestSchedulesAreHardened(t *testing.T) {
	for format, lines := range map[schedule.Format][]string{
		schedule.Systemd:     {"DynamicUser=yes", "LoadCredential=genesys:/etc/callroll/genesys", "ProtectSystem=strict", "NoNewPrivileges=yes"},
		schedule.Kubernetes:  {"runAsNonRoot: true", "readOnlyRootFilesystem: true", "drop: [ALL]", "automountServiceAccountToken: false", "concurrencyPolicy: Forbid"},
		schedule.GitHub:      {"contents: read", "id-token: write", "persist-credentials: false", "group: callroll"},
		schedule.AzureDevOps: {"trigger: none", "SYSTEM_ACCESSTOKEN: $(System.AccessToken)"},
		schedule.GitLab:      {"aud: api://AzureADTokenExchange", "resource_group: callroll"},
	} {
		entry, err := schedule.Entry(format, format.Default())
		do(t, err)
		for _, line := range lines {
			if !regexp.MustCompile(`(?m)^[ -]*` + regexp.QuoteMeta(line) + `$`).MatchString(entry) {
				t.Errorf("%s has no line %s", format, line)
			}
		}
	}
}

// The page for the security reviewer shows the entries as they are printed.
func TestSecurityReviewEntries(t *testing.T) {
	for _, format := range []schedule.Format{schedule.Systemd, schedule.Kubernetes, schedule.GitHub, schedule.AzureDevOps, schedule.GitLab} {
		entry, err := schedule.Entry(format, format.Default())
		do(t, err)
		for file := range strings.SplitSeq(strings.ReplaceAll(entry, "\n\n# /etc/", "\n\x00# /etc/"), "\x00") {
			if !strings.Contains(reviewText(t), "\n"+file+"```\n") {
				t.Errorf("the page does not show\n%s", file)
			}
		}
	}
}
