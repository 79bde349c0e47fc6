package main

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/setup"
)

// pages are the README and the pages that go on from it, in the order in which a reader would try their commands.
func pages() []string {
	return []string{
		"README.md", "docs/first-hour.md", "docs/pipeline.md", "docs/cron.md", "docs/windows.md", "docs/provisioning.md",
		"docs/queues-and-roles.md",
	}
}

// blocks returns the fenced blocks of the pages in one language.
func blocks(t *testing.T, language string) []string {
	t.Helper()
	var out []string
	for _, page := range pages() {
		text := file(t, "../..", page)
		for _, m := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
			out = append(out, m[1])
		}
	}
	if len(out) == 0 {
		t.Fatalf("the README has no %s block", language)
	}
	return out
}

// Every command of the README and its pages is run, in its order, and prints what the README says. What has no --sandbox reaches the
// demo over TLS sockets, with the configuration that the README shows.
func TestReadme(t *testing.T) {
	dir := t.TempDir()
	settingUp(t, dir)
	status := 0
	for _, block := range blocks(t, "console") {
		for _, part := range strings.Split("\n"+block, "\n$ ")[1:] {
			command, want, _ := strings.Cut(strings.TrimSuffix(part, "\n"), "\n")
			if command == "go test ./..." {
				continue // this is it
			}
			command = strings.ReplaceAll(command, "go run ./cmd/callroll", "callroll")
			cmd := exec.Command("sh", "-c", fmt.Sprintf("(exit %d); %s", status, command))
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
			if !strings.Contains(command, "--sandbox") { // which takes no setting from the environment, and says so
				cmd.Env = append(cmd.Env, "CALLROLL_CONFIG="+filepath.Join(dir, "callroll.yaml"))
			}
			got, _ := cmd.CombinedOutput()
			status = cmd.ProcessState.ExitCode()
			said := strings.ReplaceAll(string(got), dir+string(filepath.Separator), "")
			if strings.TrimSuffix(said, "\n") != want {
				t.Errorf("$ %s\n%s\nthe README says:\n%s", command, got, want)
			}
		}
	}
}

// settingUp serves a demo over TLS and writes the README's configuration, with the addresses of the server, into dir.
func settingUp(t *testing.T, dir string) *sandbox.World {
	t.Helper()
	world, err := sandbox.Open(filepath.Join(dir, "real"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(world)
	t.Cleanup(func() {
		server.Close()
		if err := world.Close(); err != nil {
			t.Error(err)
		}
	})
	reach := strings.NewReplacer(
		"entra:\n  tenant_id", fmt.Sprintf("ca_file: ca.pem\nentra:\n  login_url: %s\n  graph_url: %s\n  tenant_id", server.URL, server.URL),
		"genesys:\n  region", fmt.Sprintf("genesys:\n  login_url: %s\n  api_url: %s\n  region", server.URL, server.URL),
		"secrets/", "real/secrets/", "/var/lib/callroll", filepath.Join(dir, "state"),
	)
	for name, data := range map[string]string{"callroll.yaml": reach.Replace(blocks(t, "yaml")[0]), "ca.pem": certificate(server)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return world
}

// The crontab line ends in a command that needs nothing from the environment.
func TestReadmeCrontab(t *testing.T) {
	dir := t.TempDir()
	world := settingUp(t, dir)
	line := strings.TrimSpace(blocks(t, "crontab")[0])
	command := strings.Replace(strings.Join(strings.Fields(line)[5:], " "), "/etc/callroll", dir, 1)
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	out, err := cmd.CombinedOutput()
	members := 0
	for _, g := range world.Genesys().Groups {
		if g.DisplayName == "Support Tier 1" {
			members = len(g.Members)
		}
	}
	if err != nil || len(out) > 0 || members != 15 {
		t.Errorf("%s: %v, %d members, and it said %q; want 15 and silence", command, err, members, out)
	}
}

// Each configuration that the README shows is a good one as it stands.
func TestReadmeConfiguration(t *testing.T) {
	shown := blocks(t, "yaml")
	if len(shown) < 2 {
		t.Fatalf("%d configurations, want 2", len(shown))
	}
	for _, text := range shown {
		path := filepath.Join(t.TempDir(), "callroll.yaml")
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "client_secret_file", "#")), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(t.Context(), config.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := setup.Settings(c); err != nil {
			t.Error(err)
		}
		if err := c.NeedGroups(); err != nil {
			t.Error(err)
		}
	}
}

// The table of exit statuses is that of the program.
func TestReadmeStatuses(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Statuses() {
		if row := fmt.Sprintf("| %d | %s | %s | %s |\n", s.Code, s.Name, s.Meaning, s.ToDo); !strings.Contains(string(readme), row) {
			t.Errorf("the README lacks %s", row)
		}
	}
}

// The commands that install a release cannot be run here. They name files, users and verbs that exist.
func TestReadmeInstall(t *testing.T) {
	text := strings.ReplaceAll(strings.Join(blocks(t, "sh"), ""), "\\\n", " ")
	service := unit(t, "callroll.service", projectFile(t, ".packaging/callroll.service"))
	packages := releaseConfiguration(t).Packages[0]
	var ran []string
	for line := range strings.Lines(text) {
		words := strings.Fields(strings.TrimPrefix(line, "sudo "))
		ran = append(ran, words[0])
		switch words[0] {
		case "go":
			if _, err := os.Stat(filepath.Join("../..", words[2], "main.go")); err != nil {
				t.Error(err)
			}
		case "install":
			packages.content(t, words[5])
			if group := service["Service.Group"]; words[4] != group[0] || path.Dir(words[6]) != "/etc/callroll" {
				t.Errorf("%s: the group is %s", line, group)
			}
		case "systemd-run":
			at := slices.Index(words, "callroll")
			if got := checkCommand(t, words[at:]); !strings.HasSuffix(service["Service.ExecStart"][0], " "+got) {
				t.Errorf("%s does not use the configuration of the service", line)
			}
			for _, key := range []string{"LoadCredential", "StateDirectory", "StateDirectoryMode"} {
				for _, value := range service["Service."+key] {
					if !slices.Contains(words[:at], key+"="+value) {
						t.Errorf("%s lacks %s=%s of the service", line, key, value)
					}
				}
			}
		case "systemctl":
			packages.content(t, "/usr/lib/systemd/system/"+words[3])
		case "cosign":
			identity := strings.Replace(words[slices.Index(words, "--certificate-identity")+1], "v1.0.0", "$GITHUB_REF_NAME", 1)
			if !strings.Contains(projectFile(t, ".github/workflows/release.yml"), `"`+identity+`"`) {
				t.Errorf("the release is not verified with the identity %s", identity)
			}
		}
	}
	want := []string{"go", "apt", "install", "sudoedit", "sudoedit", "systemd-run", "systemctl", "cosign", "sha256sum", "gh"}
	if !slices.Equal(ran, want) {
		t.Errorf("the README runs %q, and this test knows %q", ran, want)
	}
}

// Each page of the README exists and is in the table, and the links of all pages lead to a file and a heading.
func TestReadmePages(t *testing.T) {
	readme := file(t, "../..", "README.md")
	for _, page := range append(pages()[1:], "docs/security-review.md") {
		if !strings.Contains(readme, "["+page+"]("+page+")") {
			t.Errorf("the README does not name %s", page)
		}
	}
	anchor := func(heading string) string {
		return strings.ReplaceAll(regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
	}
	for _, page := range append(pages(), "docs/security-review.md") {
		for _, link := range regexp.MustCompile(`\]\(([^):]+)\)`).FindAllStringSubmatch(file(t, "../..", page), -1) {
			target, fragment, _ := strings.Cut(link[1], "#")
			where := page
			if target != "" {
				where = path.Join(path.Dir(page), target)
			}
			text := file(t, "../..", where)
			headings := regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1)
			if fragment != "" && !slices.ContainsFunc(headings, func(h []string) bool { return anchor(h[1]) == fragment }) {
				t.Errorf("%s: %s has no heading #%s", page, where, fragment)
			}
		}
	}
}
