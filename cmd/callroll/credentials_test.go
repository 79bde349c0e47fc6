package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

// echo is an ear that may answer every sign-in with a refusal that repeats whatever was sent.
type echo struct {
	*ear
	repeats bool
}

func (e echo) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []string
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
		if form, err := url.ParseQuery(string(body)); err == nil {
			sent = append(form["client_assertion"], form["client_secret"]...)
		}
	}
	if header := req.Header.Get("X-IDENTITY-HEADER"); header != "" {
		sent = append(sent, header)
	}
	if _, token, ok := strings.Cut(req.Header.Get("Authorization"), " "); ok && req.URL.Host != "graph.microsoft.com" {
		sent = append(sent, token)
	}
	for _, s := range sent {
		e.hear(s)
	}
	if e.repeats && len(sent) > 0 && !strings.Contains(req.URL.Host, "mypurecloud") {
		said := strings.Join(sent, " ")
		answer, err := json.Marshal(map[string]any{"error": said, "error_description": "AADSTS700213: " + said, "message": said})
		return &http.Response{
			StatusCode: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(bytes.NewReader(answer)), Request: req,
		}, err
	}
	resp, err := e.ear.RoundTrip(req)
	if err == nil && (strings.HasSuffix(req.URL.Path, "/idtoken") || strings.HasSuffix(req.URL.Path, "/oidctoken")) {
		body, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(body))
		var answer struct{ Value, OIDCToken string }
		if json.Unmarshal(body, &answer) == nil {
			for _, token := range []string{answer.Value, answer.OIDCToken} {
				if token != "" {
					e.hear(token)
				}
			}
		}
	}
	return resp, err
}

// Whatever callroll signs in with, nothing of it is in anything that it says at full volume, or writes.
func TestSecretsOfEveryCredential(t *testing.T) {
	for name, options := range map[string]sandbox.CredentialOptions{
		"certificate":      {Certificate: true},
		"Kubernetes":       {Federated: "kubernetes"},
		"GitHub":           {Federated: "github"},
		"Azure DevOps":     {Federated: "azure-devops"},
		"file":             {Federated: "file"},
		"managed identity": {ManagedIdentity: true},
		"command":          {},
	} {
		for _, repeats := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", repeated in a refusal"}[repeats], func(t *testing.T) {
				dir := play(t, "[]")
				env := withCredential(t, dir, options)
				listener := &ear{secrets: map[string]bool{}}
				for _, s := range secretsBelow(t, filepath.Join(dir, "secrets")) {
					listener.hear(s)
				}
				out := t.TempDir()
				var said bytes.Buffer
				for _, args := range [][]string{{"groups", "entra"}, {"sync", "--output", "json", "-o", out + "/s.json"}, {"undo", "latest"}} {
					a := &app{env: env, stdin: strings.NewReader(""), stdout: &said, stderr: &said}
					a.wire = func(w http.RoundTripper) http.RoundTripper {
						listener.next = w
						return echo{listener, repeats}
					}
					a.execute(context.Background(), append(args, "-vv", "--sandbox", dir))
				}
				everything := said.String() + contents(t, out) + contents(t, filepath.Join(dir, "state"))
				if found := listener.heard(everything); len(found) > 0 {
					t.Errorf("%q slipped out of\n%s", found, everything)
				}
				if signedIn := strings.Contains(everything, `"status_name": "ok"`); signedIn == repeats || len(listener.secrets) < 2 {
					t.Errorf("signed in: %t, and %d secrets were heard:\n%s", signedIn, len(listener.secrets), said.String())
				}
			})
		}
	}
}

// withCredential configures a sandbox to sign in with a new credential, and returns the environment that it needs.
func withCredential(t *testing.T, dir string, options sandbox.CredentialOptions) map[string]string {
	t.Helper()
	env := map[string]string{"PATH": os.Getenv("PATH")}
	path := filepath.Join(dir, sandbox.DemoConfig)
	text := file(t, dir, sandbox.DemoConfig)
	section := regexp.MustCompile(`(?m)^entra:\n(  .*\n)+`)
	if options == (sandbox.CredentialOptions{}) {
		text = strings.Replace(text, "client_secret_file: secrets/entra", "client_secret_command: [sh, -c, 'cat "+dir+"/secrets/entra; echo noise >&2']", 1)
		do(t, os.WriteFile(path, []byte(text), 0o600))
		return env
	}
	world, err := sandbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	credential, err := world.AddCredential(options)
	do(t, err)
	do(t, world.Close())
	do(t, os.WriteFile(path, []byte(section.ReplaceAllLiteralString(text, string(credential.Config))), 0o600))
	files, err := filepath.Glob(filepath.Join(dir, "secrets", "*.env"))
	do(t, err)
	for _, name := range files {
		data, err := os.ReadFile(name)
		do(t, err)
		for _, pair := range regexp.MustCompile(`export (\w+)='([^']*)'`).FindAllStringSubmatch(string(data), -1) {
			env[pair[1]] = pair[2]
			t.Setenv(pair[1], pair[2]) // MSAL reads the environment of the process
		}
	}
	return env
}

// secretsBelow returns the values that the secret files hold: the secrets, the tokens, and the lines of the keys.
func secretsBelow(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	for line := range strings.Lines(contents(t, dir)) {
		if pair := regexp.MustCompile(`export (\w+)='([^']*)'`).FindStringSubmatch(line); pair != nil {
			if strings.HasSuffix(pair[1], "TOKEN") || strings.HasSuffix(pair[1], "HEADER") {
				found = append(found, pair[2])
			}
			continue
		}
		if line = strings.TrimSpace(line); len(line) > 16 && !strings.HasPrefix(line, "-----") {
			found = append(found, line)
		}
	}
	return found
}
