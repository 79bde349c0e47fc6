package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
)

// mark stands at the beginning of each answer that misbehaves on the wire, and nowhere else.
const mark = "mark-81c2f0a9"

// misbehaviour is a place whose answers misbehave on the wire.
type misbehaviour struct {
	wire
	mu   sync.Mutex
	sent []string     // bodies
	open sync.RWMutex // held for reading while the client has not closed what was sent too much
	kept atomic.Bool  // the client did not close a connection on which something came that belongs to no answer
}

// behind makes the trap answer as the world does, but for the wire. Whoever asks for anything else waits until the client
// has closed what was sent too much, because until then it may not have logged it.
func (m *misbehaviour) behind(tr *trap, world http.Handler) http.Handler {
	tr.answer = func(w http.ResponseWriter, r *http.Request) {
		m.open.RLock()
		defer m.open.RUnlock()
		recorder := httptest.NewRecorder()
		world.ServeHTTP(recorder, r)
		body := strings.ReplaceAll(strings.TrimSpace(recorder.Body.String()), "\n", " ")
		body = strings.Replace(body, "{", `{"mark":"`+mark+`",`, 1)
		m.mu.Lock()
		m.sent = append(m.sent, body)
		m.mu.Unlock()
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, m.write(body)) // a client may hang up before the end
		if m.extra {
			// If the next request is quicker than net/http, what is left over is taken for its answer, and that has an end.
			_, _ = io.WriteString(conn, "\r\n\r\n")
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			_, err := io.Copy(io.Discard, conn)
			m.kept.Store(m.kept.Load() || errors.Is(err, os.ErrDeadlineExceeded))
		}
	}
	trapped := tr.before(world)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !tr.is(r) {
			m.settled()
		}
		trapped.ServeHTTP(w, r)
	})
}

// settled waits until the client has closed what was sent too much.
func (m *misbehaviour) settled() {
	m.open.Lock()
	defer m.open.Unlock()
}

// secrets are what nobody may show of what was sent: the mark, and the tokens or pieces of them.
func (m *misbehaviour) secrets() []string {
	found := []string{mark}
	for _, body := range m.sent {
		var answer struct {
			Token string `json:"access_token"`
		}
		if json.Unmarshal([]byte(body), &answer) != nil {
			continue
		}
		for rest := answer.Token; len(rest) >= 16; rest = rest[8:] {
			found = append(found, rest[:16])
		}
	}
	return found
}

// Incident 38: whatever a service does on the wire, nothing of its answer reaches a stream or a file by way of a library: not in
// what net/http logs, and not in the errors in which it quotes what it could not read.
func TestNothingOfAnAnswerIsPrinted(t *testing.T) {
	var libraries bytes.Buffer // what is logged past the program
	defer log.SetOutput(log.Writer())
	log.SetOutput(&libraries)
	var all []*misbehaviour
	t.Run("all", func(t *testing.T) {
		for name, how := range wires() {
			for _, place := range []string{"Entra's token", "Graph's members", "Genesys's token", "one Genesys group"} {
				m := &misbehaviour{wire: how}
				all = append(all, m)
				t.Run(name+"/"+place, func(t *testing.T) {
					t.Parallel()
					misbehave(t, m, placeOf(place))
				})
			}
		}
	})
	for _, m := range all {
		for _, s := range m.secrets() {
			if strings.Contains(libraries.String(), s) {
				t.Fatalf("a library logs %q: %.1000s", s, libraries.String())
			}
		}
	}
}

// misbehave is a run, at full volume, in which the answers of one place misbehave.
func misbehave(t *testing.T, m *misbehaviour, p place) {
	dir, out, tr := hasty(t), t.TempDir(), &trap{place: p}
	var said bytes.Buffer
	a := &app{env: map[string]string{}, stdin: strings.NewReader(""), stdout: &said, stderr: &said}
	a.wire = func(world http.RoundTripper) http.RoundTripper { return socketTo(m.behind(tr, world.(http.Handler))) }
	a.execute(t.Context(), append(p.args, "-vv", "-o", filepath.Join(out, "result.json"), "--timeout", "20s", "--sandbox", dir))
	m.settled()
	if tr.caught.Load() == 0 || m.kept.Load() {
		t.Errorf("%d answers misbehaved, and a connection on which too much came was kept: %v", tr.caught.Load(), m.kept.Load())
	}
	everything := said.String() + contents(t, out) + contents(t, filepath.Join(dir, "state"))
	for _, s := range m.secrets() {
		if strings.Contains(everything, s) {
			t.Errorf("%q slipped out: %s", s, everything)
		}
	}
}

// The place of what a library logs is told, and nothing else of it.
func TestLogPlace(t *testing.T) {
	for line, want := range map[string]string{
		"/usr/local/go/src/net/http/transport.go:2482: Unsolicited a/b.go:1: x\n": "http/transport.go:2482",
		"net/http/transport.go:7: x":                 "http/transport.go:7",
		"C:/Program Files/Go/src/log/log.go:5: x":    "log/log.go:5",
		"???:0: /etc/passwd":                         "a library",
		"Unsolicited response\nnet/http/x.go:1: x\n": "a library",
		"": "a library",
	} {
		if got := logPlace(line); got != want {
			t.Errorf("logPlace(%q) = %q, want %q", line, got, want)
		}
	}
}

// With -v it is told which library has logged something, and nothing of what it has logged.
func TestLibrariesAreHeard(t *testing.T) {
	defer log.SetOutput(log.Writer())
	closed := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		defer close(closed)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"+mark)
		_, _ = io.Copy(io.Discard, conn) // net/http logs before it closes the connection
	}))
	defer server.Close()
	for verbose, want := range []string{
		"", "callroll: http/transport.go:LINE logs something that is not shown, because it may hold a part of an answer\n",
	} {
		closed = make(chan struct{})
		var stderr bytes.Buffer
		a := &app{stderr: &stderr, redact: rest.NewRedactor()}
		a.flags.verbose = verbose
		a.hearLibraries()
		resp, err := server.Client().Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		<-closed
		muteLibraries() // the logger has written before
		if got := regexp.MustCompile(`:[0-9]+ `).ReplaceAllString(stderr.String(), ":LINE "); got != want {
			t.Errorf("with verbose %d: said %q, want %q", verbose, got, want)
		}
	}
}

// When a run has ended nobody shows what libraries log any more.
func TestLibrariesAreMutedAfterwards(t *testing.T) {
	defer log.SetOutput(log.Writer())
	log.SetOutput(&bytes.Buffer{})
	var out bytes.Buffer
	status := run(t.Context(), []string{"diff", "--sandbox", play(t, "[]"), "-v"}, nil, strings.NewReader(""), &out, &out)
	if status != report.OK {
		t.Fatalf("status %d: %s", status, out.String())
	}
	if log.Writer() != io.Discard {
		t.Errorf("the standard logger writes to %T", log.Writer())
	}
}

// The words of a panic are foreign as well.
func TestAPanicIsHarmless(t *testing.T) {
	var said bytes.Buffer
	a := &app{env: map[string]string{}, stdin: strings.NewReader(""), stdout: &said, stderr: &said}
	a.wire = func(http.RoundTripper) http.RoundTripper {
		return roundTrip(func(*http.Request) (*http.Response, error) {
			panic("\x1b[2J this-is-not-a-secret-entra-sandbox-7QmV2x " + `{"access_token":"opaque-4711"}`)
		})
	}
	status := a.execute(t.Context(), []string{"groups", "entra", "--sandbox", play(t, "[]"), "--output", "json"})
	if status != report.Internal || !strings.Contains(said.String(), "internal error: ") {
		t.Errorf("status %d, want 70: %s", status, said.String())
	}
	for _, hidden := range []string{"\x1b", "this-is-not-a-secret", "opaque-4711"} {
		if strings.Contains(said.String(), hidden) {
			t.Errorf("%q is in %s", hidden, said.String())
		}
	}
}

// What cobra says about a call is clean, and has our prefix.
func TestCobraIsHarmless(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{stderr: &stderr, redact: rest.NewRedactor()}
	fmt.Fprint(&foreign{app: a}, "one\x1b[2J\n\n::error::password=hunter2hunter2\n")
	if got, want := stderr.String(), "callroll: one [2J\ncallroll: <U+003A><U+003A>error<U+003A><U+003A>[secret]\n"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
