package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

// ear hears what goes over the wire, and keeps what must not be heard anywhere else.
type ear struct {
	next    http.RoundTripper
	mu      sync.Mutex
	secrets map[string]bool
}

func (e *ear) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		e.hear(token)
	}
	resp, err := e.next.RoundTrip(r)
	if err != nil || !strings.Contains(r.URL.Path, "/token") {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var answer struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(body, &answer) == nil && answer.Token != "" {
		e.hear(answer.Token)
	}
	return resp, err
}

func (e *ear) hear(secret string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.secrets[secret] = true
}

// heard returns the secrets that a text has, in the spellings in which one may slip out.
func (e *ear) heard(text string) []string {
	var found []string
	for s := range e.secrets {
		if spelling := spelled(text, s); spelling != "" {
			found = append(found, spelling)
		}
	}
	return found
}

// spelled returns the first spelling of a secret that a text has: as it is, in a URL, or in base64 with anything before and
// behind it, as in "client:secret".
func spelled(text, secret string) string {
	spellings := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			encoded := alphabet.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
			// What shares its bits with a neighbour is different with every neighbour.
			spellings = append(spellings, encoded[(before*8+5)/6:(before+len(secret))*8/6])
		}
	}
	for _, spelling := range spellings {
		if strings.Contains(text, spelling) {
			return spelling
		}
	}
	return ""
}

// Neither a secret nor a token is in anything that any verb says at full volume, or writes, whatever the services answer:
// not even if they echo it (incident 25).
func TestSecretsStayInside(t *testing.T) {
	const entraSecret, genesysSecret = "Ent~r4/secret+one", "g3nesys secret=two"
	both := fmt.Sprintf("you sent %s and %s and %s", entraSecret, url.QueryEscape(entraSecret), genesysSecret)
	echo := both + " and " + base64.StdEncoding.EncodeToString([]byte("b8bd7960-c0bb-4af1-b866-febe94793aef:"+genesysSecret))
	for _, before := range []string{"", "x", "xy"} { // wherever it begins, in base64 it is another text
		echo += " " + base64.URLEncoding.EncodeToString([]byte(before+entraSecret+"\n"))
	}
	for name, fault := range map[string]map[string]any{
		"all is well":                nil,
		"Entra echoes":               {"match": "POST login.microsoftonline.com/*", "status": 401, "body": map[string]any{"error": "invalid_client", "error_description": both}},
		"Entra echoes in HTML":       {"match": "* login.microsoftonline.com/*", "status": 503, "body": "<html>" + both},
		"Genesys echoes":             {"match": "POST /oauth/token", "status": 400, "body": map[string]any{"error": "invalid_client", "description": echo}},
		"a token that is no JSON":    {"match": "POST /oauth/token", "body": `{"access_token":"` + genesysSecret},
		"Graph echoes":               {"match": "GET graph.microsoft.com/*", "status": 403, "body": map[string]any{"error": map[string]any{"code": both, "message": both}}},
		"the API echoes":             {"match": "* /api/*", "status": 500, "body": map[string]any{"message": echo, "code": echo, "contextId": echo}},
		"a PUT echoes":               {"match": "PUT *", "status": 400, "body": map[string]any{"detail": echo, "scimType": echo}},
		"a redirect with the secret": {"match": "GET /api/*", "status": 307, "headers": map[string]any{"Location": "https://evil.example/?" + url.QueryEscape(entraSecret)}},
		"a broken connection":        {"match": "GET /api/*", "drop": true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := play(t, "[]")
			world, err := sandbox.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := world.Edit(func(entra *sandbox.Entra, org *sandbox.Genesys) {
				entra.ClientSecret, org.ClientSecret = entraSecret, genesysSecret
			}); err != nil {
				t.Fatal(err)
			}
			listener := &ear{secrets: map[string]bool{entraSecret: true, genesysSecret: true}}
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("secrets/entra", entraSecret)
			write("secrets/genesys", genesysSecret)
			if fault != nil {
				data, err := json.Marshal([]any{fault})
				if err != nil {
					t.Fatal(err)
				}
				write("faults.json", string(data))
			}
			out := t.TempDir()
			var said bytes.Buffer
			for _, args := range [][]string{
				{"groups", "entra"}, {"groups", "genesys"}, {"fetch", "-o", out + "/m.json"}, {"diff", "-o", out + "/p.json"},
				{"push", out + "/p.json", "-o", out + "/r.json"}, {"sync", "--output", "json", "-o", out + "/s.json"}, {"undo", "latest"},
			} {
				a := &app{env: map[string]string{}, stdin: strings.NewReader(""), stdout: &said, stderr: &said}
				a.wire = func(w http.RoundTripper) http.RoundTripper { listener.next = w; return listener }
				a.execute(context.Background(), append(args, "-vv", "--sandbox", dir, "--timeout", "150ms"))
			}
			everything := said.String() + contents(t, out) + contents(t, filepath.Join(dir, "state"))
			if found := listener.heard(everything); len(found) > 0 {
				t.Errorf("%q slipped out", found)
			}
			if !strings.Contains(everything, "login.microsoftonline.com") {
				t.Error("nothing was said at full volume")
			}
			// The search finds what it looks for where nothing is taken out.
			if found := listener.heard(echo); len(found) < 2 {
				t.Errorf("the search would not find %q", echo)
			}
		})
	}
}

// contents joins all files below a folder.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
