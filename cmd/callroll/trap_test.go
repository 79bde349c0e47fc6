package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// trap answers in place of a service: what it is set for it catches, and lets everything else through.
type trap struct {
	place
	answer http.HandlerFunc
	world  http.Handler // which stands behind it
	caught atomic.Int64 // requests
	sent   atomic.Int64 // bytes of bodies that the client took, or that are under way to it
}

// place is a request that a run makes, and a call that makes it.
type place struct {
	name, method, part string // part of the path
	args               []string
	unusable           int // exit status where the answer is a 200 that makes no sense
}

// places are all the requests that a run makes.
func places() []place {
	sync := []string{"sync", "--group", "Night Shift"}
	several := append(sync, "--group", "Supervisors") // of which a list is read
	return []place{
		{"Entra's configuration", "GET", "/openid-configuration", sync, report.Unavailable},
		{"Entra's token", "POST", "/oauth2/v2.0/token", sync, report.Unavailable},
		{"Graph's members", "GET", "/members/", sync, report.Unavailable},
		{"Graph's groups", "GET", "/v1.0/groups", []string{"groups", "entra"}, report.Unavailable},
		{"Genesys's token", "POST", "/oauth/token", sync, report.Unavailable},
		{"Genesys's users", "GET", "/scim/v2/users", sync, report.Unavailable},
		{"Genesys's groups", "GET", "/scim/groups", several, report.Unavailable},
		{"one Genesys group", "GET", "/scim/v2/groups/", sync, report.Unavailable},
		// A 200 may have been a yes, whatever it says besides: the group is looked at, and found as it was.
		{"a Genesys PUT", "PUT", "/scim/v2/groups/", sync, report.Conflict},
	}
}

// placeOf finds a place by its name.
func placeOf(name string) place {
	all := places()
	return all[slices.IndexFunc(all, func(p place) bool { return p.name == name })]
}

func (p place) is(r *http.Request) bool {
	return r.Method == p.method && strings.Contains(r.URL.Path, p.part)
}

// Write counts what goes through a body of a trap.
func (tr *trap) Write(p []byte) (int, error) {
	tr.sent.Add(int64(len(p)))
	return len(p), nil
}

// before stands before a world.
func (tr *trap) before(world http.Handler) http.Handler {
	tr.world = world
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !tr.is(r) {
			world.ServeHTTP(w, r)
			return
		}
		tr.caught.Add(1)
		body, _ := io.ReadAll(r.Body) // of a request that is cut there is no more
		r.Body = io.NopCloser(bytes.NewReader(body))
		tr.answer(w, r)
	})
}

// hasty is a sandbox whose configuration does not wait for anything.
func hasty(t *testing.T) (dir string) {
	t.Helper()
	dir = play(t, "[]")
	path := filepath.Join(dir, sandbox.DemoConfig)
	config := file(t, dir, sandbox.DemoConfig) + "\nretry: {attempts: 2, base: 1ms, max: 2ms}\nread_back: 1ms\n"
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// besieged is a run whose services are on a TLS socket behind the trap. It fails the test if anybody lost or got a
// membership.
func besieged(t *testing.T, tr *trap, args ...string) ran {
	t.Helper()
	dir := hasty(t)
	before := file(t, dir, "genesys.json")
	var stdout, stderr bytes.Buffer
	a := &app{env: map[string]string{}, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr}
	a.wire = func(world http.RoundTripper) http.RoundTripper { return socketTo(tr.before(world.(http.Handler))) }
	status := a.execute(t.Context(), append(args, "--sandbox", dir))
	if file(t, dir, "genesys.json") != before {
		t.Errorf("%s: Genesys was changed", tr.name)
	}
	return ran{status: status, stdout: stdout.String(), stderr: stderr.String()}
}

func file(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
