package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/setup"
)

const reviewPage = "../../docs/security-review.md"

func reviewText(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(reviewPage)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// reviewFile returns one file of the page for the security reviewer. The first line of each file is a comment with its name.
func reviewFile(t *testing.T, name string) string {
	t.Helper()
	file := regexp.MustCompile("(?ms)^```[a-z]+\n# " + regexp.QuoteMeta(name) + "\n(.*?)^```$").FindStringSubmatch(reviewText(t))
	if file == nil {
		t.Fatalf("%s has no file %q", reviewPage, name)
	}
	return file[1]
}

// Each file of the page is one that the tests below parse.
func TestSecurityReviewFiles(t *testing.T) {
	var names []string
	for _, m := range regexp.MustCompile("(?m)^```[^\n]+\n(.*)$").FindAllStringSubmatch(reviewText(t), -1) {
		names = append(names, strings.TrimPrefix(m[1], "# "))
	}
	want := []string{
		"callroll.yaml for Kubernetes", "callroll-cronjob.yaml", ".github/workflows/callroll.yaml", "callroll.yaml for GitHub Actions", "azure-pipelines.yml",
		"callroll.yaml for Azure DevOps", ".gitlab-ci.yml", "callroll.yaml for GitLab", "/etc/callroll/callroll.yaml", "/etc/systemd/system/callroll.service",
		"/etc/systemd/system/callroll.timer",
	}
	if !slices.Equal(names, want) {
		t.Errorf("the page has the files %q, and the tests parse %q", names, want)
	}
}

// The hosts and audiences of the page are those of the program.
func TestSecurityReviewClouds(t *testing.T) {
	for _, name := range []string{"global", "usgov", "dod", "china"} {
		c, err := graph.ParseCloud(name)
		if err != nil {
			t.Fatal(err)
		}
		row := fmt.Sprintf("| %s | `%s` | `%s` | `%s` |\n", name, strings.TrimPrefix(c.LoginURL, "https://"),
			strings.TrimPrefix(c.GraphURL, "https://"), c.TokenAudience)
		if !strings.Contains(reviewText(t), row) {
			t.Errorf("the page lacks %s", row)
		}
	}
}

// The places of secrets that the page names are variables and keys of the program.
func TestSecurityReviewSecrets(t *testing.T) {
	_, rest, _ := strings.Cut(reviewText(t), "## Where each secret can be")
	section, _, _ := strings.Cut(rest, "\n## ")
	for _, name := range config.SecretVariables() {
		if !strings.Contains(section, "`"+name+"`") {
			t.Errorf("the page lacks %s", name)
		}
	}
	platform := []string{"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN", "IDENTITY_HEADER"}
	for _, m := range regexp.MustCompile("`([A-Z_]+[A-Z])`").FindAllStringSubmatch(section, -1) {
		if !slices.Contains(platform, m[1]) && len(config.SetVariables(map[string]string{m[1]: "x"})) == 0 {
			t.Errorf("callroll does not read %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("`((?:entra|genesys)\\.[a-z_]+)`").FindAllStringSubmatch(section, -1) {
		variable := "CALLROLL_" + strings.ToUpper(strings.ReplaceAll(m[1], ".", "_"))
		if len(config.SetVariables(map[string]string{variable: "x"})) == 0 {
			t.Errorf("there is no key %s", m[1])
		}
	}
}

// decodeStrictly reads one document of a YAML file. A key that the type does not have is an error.
func decodeStrictly(t *testing.T, text string, into any) {
	t.Helper()
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		t.Fatalf("a second document follows: %v", err)
	}
}

// checkCommand checks that a command is a call of callroll with a verb and flags that exist. It returns the value of --config.
func checkCommand(t *testing.T, words []string) string {
	t.Helper()
	if len(words) == 0 || path.Base(words[0]) != "callroll" {
		t.Fatalf("%q does not call callroll", words)
	}
	root := (&app{stdout: io.Discard, stderr: io.Discard}).root()
	cmd, rest, err := root.Find(words[1:])
	if err != nil || cmd == root {
		t.Fatalf("%q has no verb: %v", words, err)
	}
	if err := errors.Join(cmd.ParseFlags(rest), cmd.ValidateArgs(cmd.Flags().Args())); err != nil {
		t.Fatalf("%q: %v", words, err)
	}
	value, err := cmd.Flags().GetString("config")
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// shellCommands returns the commands of a script that call callroll, and checks each of them. No quoted word has a space.
func shellCommands(t *testing.T, script string) (configs []string) {
	t.Helper()
	for line := range strings.Lines(script) {
		words := strings.Fields(strings.ReplaceAll(line, `"`, ""))
		if len(words) > 0 && path.Base(words[0]) == "callroll" {
			configs = append(configs, checkCommand(t, words))
		}
	}
	return configs
}

// checkConfiguration loads a configuration in an environment, and creates both clients. Nothing is sent.
func checkConfiguration(t *testing.T, text string, env map[string]string, auth config.Auth) *config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "callroll.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(t.Context(), config.Options{Path: file, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := setup.Settings(c); err != nil {
		t.Error(err)
	}
	o := setup.Options{HTTP: new(http.Client), Env: env}
	_, entraErr := setup.Entra(t.Context(), c, o)
	_, genesysErr := setup.Genesys(t.Context(), c, o)
	if err := errors.Join(c.NeedGroups(), setup.Addresses(c), entraErr, genesysErr); err != nil {
		t.Error(err)
	}
	if c.Entra.Auth != auth || !c.EntraSecret.IsZero() || len(c.Entra.ClientSecretCommand) > 0 {
		t.Errorf("callroll signs in with %s, want %s and no secret", c.Entra.Auth, auth)
	}
	return c
}

// secretFile writes a secret into a new folder and returns the folder.
func secretFile(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte("a-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// documents splits a file of Kubernetes and returns its documents by their kind.
func documents(t *testing.T, text string) map[string]string {
	t.Helper()
	out := map[string]string{}
	dec := yaml.NewDecoder(strings.NewReader(text))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		var head struct{ Kind string }
		var one bytes.Buffer
		if err := errors.Join(doc.Decode(&head), yaml.NewEncoder(&one).Encode(&doc)); err != nil {
			t.Fatal(err)
		}
		if out[head.Kind] != "" {
			t.Fatalf("there are two documents of the kind %s", head.Kind)
		}
		out[head.Kind] = one.String()
	}
}
