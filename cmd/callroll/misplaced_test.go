package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
)

// Secrets as both vendors make them.
const (
	entraLike   = "abC8Q~Vg6hJ_kL0pQrStUvWxYz.1234567890AbC"
	genesysLike = "h7JkLm-9aBcDeFgHiJkLmNoPqRsTuVwXyZ012345678"
)

// A secret that somebody put in the wrong place of the configuration, of the environment or of a call is not repeated: not on
// stderr, not in JSON, not in a file (incident 25).
func TestMisplacedSecrets(t *testing.T) {
	const rest = "\ngroups: [{entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3, genesys: Sales}]\n"
	for _, s := range []string{entraLike, genesysLike} {
		for place, config := range map[string]string{
			"the path of a secret":          "entra: {client_secret_file: '%s'}",
			"the other path":                "genesys: {client_secret_file: '%s'}",
			"a path below a folder":         "entra: {client_secret_file: 'secrets/%s'}",
			"a path of the root":            "entra: {client_secret_file: '/%s'}",
			"no space":                      "entra: {client_secret_file:%s}",
			"an equals sign":                "entra: {client_secret_file=%s: x}",
			"a key":                         "entra: {%s: x}",
			"a key of a group":              "groups: [{%s: x}]",
			"a key at the top":              "%s: x",
			"a reference":                   "entra: {client_secret_file: *%s}",
			"a tag":                         "entra: {client_secret_file: !%s}",
			"the tenant":                    "entra: {tenant_id: '%s'}",
			"the cloud":                     "entra: {cloud: '%s', tenant_id: t.example, client_id: c}",
			"the region":                    "genesys: {region: '%s', client_id: c}",
			"a number":                      "genesys: {requests_per_minute: '%s'}",
			"a limit":                       "limits: {remove: '%s'}",
			"a key to match by":             "match: ['%s']",
			"the password of an address":    "genesys: {login_url: 'https://user:%s@login.example', client_id: c}",
			"the user of an address":        "genesys: {login_url: 'https://%s@login.example', client_id: c}",
			"the user of a broken address":  "genesys: {login_url: 'https://%s:%%zz@login.example', client_id: c}",
			"the query of an address":       "entra: {graph_url: 'https://graph.example?code=%s', tenant_id: t.example, client_id: c}",
			"an address that is none":       "genesys: {api_url: '%s', client_id: c}",
			"the Entra id of a group":       "groups: [{genesys: Sales, entra: '%s'}]",
			"somebody to leave out":         "groups: [{genesys: Sales, entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3, exclude: ['%s']}]",
			"the mode of a group":           "groups: [{genesys: Sales, entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3, mode: '%s'}]",
			"who is disabled":               "disabled_users: '%s'",
			"the text of a broken document": "entra: {client_secret_file: \"%s",
		} {
			text := fmt.Sprintf(config, s)
			if !strings.HasPrefix(config, "groups") {
				text += rest
			}
			env := map[string]string{"GRAPH_CLIENT_SECRET": "x", "GENESYS_CLIENT_SECRET": "x"}
			notRepeated(t, place, s, report.Config, text, env, "sync")
		}
		for name, env := range map[string]map[string]string{
			"a path from the environment": {"CALLROLL_ENTRA_CLIENT_SECRET_FILE": s},
			"a name that is misspelled":   {"CALLROLL_ENTRA_CLIENT_SECRETS": s},
			"a number":                    {"CALLROLL_RETRY_ATTEMPTS": s},
			"a list":                      {"CALLROLL_MATCH": "[" + s},
		} {
			notRepeated(t, name, s, report.Config, rest, env, "sync")
		}
		for _, args := range [][]string{
			{"sync", "--client-secret", s}, {"sync", "--client-secret=" + s}, {"sync", "-s" + s}, {"sync", "-s", s},
			{"sync", "--=" + s}, {"sync", s}, {s},
			{"sync", "--timeout", s}, {"sync", "--lock-wait=" + s}, {"diff", "-", s}, {"groups", s}, {"sync", "--output", s},
		} {
			notRepeated(t, strings.Join(args[:len(args)-1], " "), s, report.Usage, rest, nil, args...)
		}
	}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// notRepeated runs a command with a configuration and looks for a secret in all that it says.
func notRepeated(t *testing.T, place, secret string, want int, config string, env map[string]string, args ...string) {
	t.Helper()
	dir := t.TempDir()
	path, out := filepath.Join(dir, "callroll.yaml"), filepath.Join(dir, "out.json")
	do(t, os.WriteFile(path, []byte(config), 0o600))
	do(t, os.Mkdir(filepath.Join(dir, "secrets"), 0o700))
	var said bytes.Buffer
	a := &app{env: map[string]string{"HOME": dir}, stdin: strings.NewReader(""), stdout: &said, stderr: &said}
	for name, value := range env {
		a.env[name] = value
	}
	if len(args) == 1 && args[0] == "sync" {
		args = []string{"sync", "-o", out, "--output", "json"}
	}
	status := a.execute(t.Context(), append([]string{"-vv", "--config", path}, args...))
	written, _ := os.ReadFile(out)
	if status != want || strings.Contains(said.String()+string(written), secret[:12]) {
		t.Errorf("%s: status %d, want %d; it says\n%s%s", place, status, want, said.String(), written)
	}
}

// A secret in place of a client id is not repeated either, by callroll or by a service through it.
func TestSecretInPlaceOfAClientID(t *testing.T) {
	for side, id := range map[string]string{
		"entra": "d10823e6-32e0-4347-a638-f52386e3cd30", "genesys": "b8bd7960-c0bb-4af1-b866-febe94793aef",
	} {
		dir := play(t, "[]")
		config := file(t, dir, "callroll.yaml")
		if !strings.Contains(config, id) {
			t.Fatalf("the demo has no client %s", id)
		}
		do(t, os.WriteFile(filepath.Join(dir, "callroll.yaml"), []byte(strings.Replace(config, id, entraLike, 1)), 0o600))
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), []string{"groups", side, "-vv", "--output", "json", "--sandbox", dir}, nil, strings.NewReader(""), &stdout, &stderr)
		if said := stdout.String() + stderr.String(); status != report.Config || strings.Contains(said, entraLike) {
			t.Errorf("%s: status %d, %s", side, status, said)
		}
	}
}
