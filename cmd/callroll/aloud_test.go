package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httputil"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// aloud is the variable that has the program say everything, and names the folder that keeps what it said. There are then
//
//	said    both streams of every run
//	wire    what was sent and answered, with nothing taken out
//	tokens  the tokens that were given out
const aloud = "TEST_ALOUD"

// runAloud is run at full volume.
func runAloud(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	env := environment(environ)
	dir := env[aloud]
	delete(env, aloud)
	said := keeper(filepath.Join(dir, "said"))
	a := &app{env: env, stdin: stdin, stdout: io.MultiWriter(said, stdout), stderr: heard{io.MultiWriter(said, stderr), stderr}}
	a.wire = func(world http.RoundTripper) http.RoundTripper { return &wiretap{next: world, dir: dir} }
	return a.execute(ctx, append([]string{"-vv"}, args...))
}

// heard is stderr with a copy, and is a terminal if stderr is one.
type heard struct {
	io.Writer
	stderr io.Writer
}

func (h heard) Fd() uintptr { return h.stderr.(*os.File).Fd() }

// keeper is a file to which several processes append.
type keeper string

func (k keeper) Write(p []byte) (int, error) {
	f, err := os.OpenFile(string(k), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.Write(p)
}

// wiretap keeps what goes over the wire.
type wiretap struct {
	next http.RoundTripper
	dir  string
	mu   sync.Mutex
}

func (w *wiretap) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := fmt.Appendf(nil, "%s %s\n%v\n", r.Method, r.URL, r.Header)
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		sent = append(sent, body...)
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := w.next.RoundTrip(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	wire := keeper(filepath.Join(w.dir, "wire"))
	if _, err := wire.Write(sent); err != nil {
		return resp, err
	}
	if err != nil || !strings.HasSuffix(r.URL.Path, "/token") {
		return resp, err
	}
	came, err := httputil.DumpResponse(resp, true)
	if err != nil {
		return resp, nil // cut short: its reader will see that as well
	}
	_, body, _ := strings.Cut(string(came), "\r\n\r\n")
	var answer struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal([]byte(body), &answer) == nil && answer.Token != "" {
		fmt.Fprintln(keeper(filepath.Join(w.dir, "tokens")), answer.Token)
	}
	_, err = wire.Write(came)
	return resp, err
}

// In none of the stories, told at full volume, is a secret or a token in anything that was said or written (incident 25).
// What the stories say of the streams is left out, because at full volume that is something else. That the search would find
// them is shown by what went over the wire, where it finds them all.
func TestNoScriptPrintsASecret(t *testing.T) {
	t.Parallel()
	mine, kept := t.TempDir(), t.TempDir()
	inputs := map[string][]string{}
	files, err := filepath.Glob(stories + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		archive.Comment = regexp.MustCompile(`(?m)^(\[[^]]*\] *)?(! *)?(stdout|stderr|ttyout|cmp|grep) .*$`).ReplaceAll(archive.Comment, nil)
		name := filepath.Base(path)
		for _, f := range archive.Files {
			inputs[name] = append(inputs[name], f.Name)
		}
		if err := os.WriteFile(filepath.Join(mine, name), txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runScripts(t, mine, "", func(env *testscript.Env) error {
		name := strings.TrimPrefix(filepath.Base(env.WorkDir), "script-")
		dir := filepath.Join(kept, name)
		env.Setenv(aloud, dir)
		env.Defer(func() { searchStory(t, name, dir, env.WorkDir, inputs[name+".txtar"]) })
		return os.Mkdir(dir, 0o700)
	})
}

// searchStory searches what a story has left behind.
func searchStory(t *testing.T, name, dir, work string, inputs []string) {
	known := []string{"this-is-not-a-secret-entra-sandbox-7QmV2x", "this-is-not-a-secret-genesys-sandbox-Lw94Rk", "s3cr3t", "topsecret"}
	tokens, _ := os.ReadFile(filepath.Join(dir, "tokens")) // a story may have none
	wire, _ := os.ReadFile(filepath.Join(dir, "wire"))
	said, _ := os.ReadFile(filepath.Join(dir, "said"))
	sent := 0
	for _, secret := range known {
		if spelled(string(wire), secret) != "" {
			sent++
		}
	}
	if len(tokens) > 0 && (sent == 0 || !strings.Contains(string(said), "/token: 200 in ")) {
		t.Errorf("%s: the search does not find on the wire what the tokens were given for, or nothing was said aloud", name)
	}
	for _, token := range strings.Fields(string(tokens)) {
		if known = append(known, token); spelled(string(wire), token) == "" {
			t.Errorf("%s: the search does not find a token on the wire", name)
		}
	}
	looks := regexp.MustCompile(`eyJ[A-Za-z0-9_-]{10}|(Bearer|Basic) [A-Za-z0-9+/=_-]{16}`)
	search := func(where, text string) {
		for _, secret := range known {
			if spelling := spelled(text, secret); spelling != "" {
				t.Errorf("%s: %q is in %s", name, spelling, where)
			}
		}
		if look := looks.FindString(text); look != "" {
			t.Errorf("%s: %q is in %s", name, look, where)
		}
	}
	search("what was said", string(said))
	err := filepath.WalkDir(work, func(path string, d fs.DirEntry, err error) error {
		relative, _ := filepath.Rel(work, path)
		folders := strings.Split(filepath.ToSlash(filepath.Dir(path)), "/")
		secretByDesign := slices.Contains(folders, "secrets") || slices.Contains([]string{"entra.json", "genesys.json"}, d.Name()) ||
			strings.HasSuffix(d.Name(), ".secret") // of init
		if err != nil || !d.Type().IsRegular() || secretByDesign || slices.Contains(inputs, filepath.ToSlash(relative)) {
			return err
		}
		data, err := os.ReadFile(path)
		search(relative, string(data))
		return err
	})
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
}
