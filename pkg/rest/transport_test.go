package rest_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/rest"
)

// quick is a policy without noticeable pauses, for tests on real sockets.
var quick = rest.Retry{Attempts: 3, Base: time.Millisecond, Max: time.Millisecond}

// quiet is a TLS server that keeps its complaints to itself.
func quiet(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func caFile(t *testing.T, s *httptest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// socket is a client of a test server, by way of a ca_file.
func socket(t *testing.T, s *httptest.Server) *rest.Client {
	t.Helper()
	roots, err := rest.ReadRoots(t.Context(), caFile(t, s))
	if err != nil {
		t.Fatal(err)
	}
	h, err := rest.NewHTTPClient(rest.HTTPOptions{Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	c, err := rest.New(rest.Options{Base: s.URL, HTTP: h, Retry: quick})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCAFile(t *testing.T) {
	s := quiet(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }))
	if _, err := socket(t, s).Do(t.Context(), get("/"), nil); err != nil {
		t.Errorf("with its root: %v", err)
	}
	h, err := rest.NewHTTPClient(rest.HTTPOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var attempts atomic.Int32
	c, err := rest.New(rest.Options{Base: s.URL, HTTP: h, Retry: quick, Trace: rest.Trace{Exchange: func(rest.Exchange) { attempts.Add(1) }}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(t.Context(), get("/"), nil)
	if e := failure(t, err); e.Kind != rest.NotSent || attempts.Load() != 1 || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("without its root, %d attempts: %v; want one, and a hint", attempts.Load(), err)
	}
	c = otherRoot(t, s.URL)
	_, err = c.Do(t.Context(), get("/"), nil)
	if e := failure(t, err); e.Kind != rest.NotSent || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("with another root: %v; want the certificate refused", err)
	}
	text := filepath.Join(t.TempDir(), "no.pem")
	if err := os.WriteFile(text, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, text + ".missing", t.TempDir()} {
		if _, err := rest.ReadRoots(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("ca_file %s: %v, want an error that names it", path, err)
		}
	}
}

// otherRoot returns a client that trusts, by its ca_file, an authority that has not signed the service's certificate.
func otherRoot(t *testing.T, base string) *rest.Client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "another authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "other.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	roots, err := rest.ReadRoots(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	h, err := rest.NewHTTPClient(rest.HTTPOptions{Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	c, err := rest.New(rest.Options{Base: base, HTTP: h, Retry: quick})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAWriteIsSentAgainOnlyIfNothingWasSent(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	_ = listener.Close()
	h, err := rest.NewHTTPClient(rest.HTTPOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"https://" + closed, "https://name.invalid"} {
		var attempts atomic.Int32
		c, err := rest.New(rest.Options{Base: base, HTTP: h, Retry: quick, Trace: rest.Trace{Exchange: func(rest.Exchange) { attempts.Add(1) }}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Do(t.Context(), put("/"), nil)
		if e := failure(t, err); e.Kind != rest.NotSent || attempts.Load() != 3 {
			t.Errorf("%s: %d attempts, %v; want 3 of kind not sent", base, attempts.Load(), err)
		}
	}
}

func TestATLSHandshakeThatFailsSendsNothing(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	var dials atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			dials.Add(1)
			_ = conn.Close()
		}
	}()
	h, err := rest.NewHTTPClient(rest.HTTPOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := rest.New(rest.Options{Base: "https://" + listener.Addr().String(), HTTP: h, Retry: quick})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(t.Context(), put("/"), nil)
	if e := failure(t, err); e.Kind != rest.NotSent || dials.Load() != 3 {
		t.Errorf("%d connections, %v; want 3, and nothing sent", dials.Load(), err)
	}
}

// net/http sends a request that has an Idempotency-Key a second time by itself, when a kept connection breaks before the
// answer. A write must not be sent again before it is known what became of it.
func TestAWriteOnAKeptConnectionThatBreaks(t *testing.T) {
	var puts atomic.Int32
	s := quiet(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Method == http.MethodPut {
			puts.Add(1)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
			return
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	c := socket(t, s)
	if _, err := c.Do(t.Context(), get("/"), &struct{}{}); err != nil { // reads the answer to its end, so that the connection is kept
		t.Fatal(err)
	}
	_, err := c.Do(t.Context(), put("/"), nil)
	if e := failure(t, err); puts.Load() != 1 || e.Kind != rest.Unclear {
		t.Errorf("the write arrived %d times, %v; want once, and unclear", puts.Load(), err)
	}
}

// A service that speaks HTTP/2 is spoken to in HTTP/1.1, over connections that are kept.
func TestOneAnswerToAConnection(t *testing.T) {
	var versions, connections atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		versions.Store(int32(r.ProtoMajor))
	}))
	s.EnableHTTP2 = true
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	c := socket(t, s)
	for range 3 {
		if _, err := c.Do(t.Context(), put("/"), nil); err != nil {
			t.Fatal(err)
		}
	}
	if versions.Load() != 1 || connections.Load() != 1 {
		t.Errorf("HTTP/%d over %d connections, want HTTP/1 over one", versions.Load(), connections.Load())
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var elsewhere atomic.Int32
	evil := quiet(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	s := quiet(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, evil.URL, http.StatusTemporaryRedirect)
	}))
	follows := s.Client() // a client that would follow
	c, err := rest.New(rest.Options{Base: s.URL, HTTP: follows, Retry: quick, Token: staticToken("a-token")})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []rest.Request{get("/"), put("/")} {
		_, err := c.Do(t.Context(), r, nil)
		if e := failure(t, err); e.Kind != rest.Elsewhere || e.Status != 307 || elsewhere.Load() != 0 {
			t.Errorf("%s: %v, %d requests elsewhere; want an error and none", r.Method, err, elsewhere.Load())
		}
	}
	if follows.CheckRedirect != nil {
		t.Error("the client that was handed over was changed")
	}
}

// Others use the HTTP client too, MSAL among them, and read bodies to their end.
func TestEveryBodyIsBounded(t *testing.T) {
	s := &script{answers: []answer{says(200, strings.Repeat("x", 1001))}}
	h, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: s, MaxBody: 1000})
	if err != nil {
		t.Fatal(err)
	}
	read := func() ([]byte, error) {
		resp, err := h.Get("https://service.example/")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return io.ReadAll(resp.Body)
	}
	if body, err := read(); err == nil || len(body) != 1000 {
		t.Errorf("read %d bytes, %v; want 1000 and an error", len(body), err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(make([]byte, 100_000))
	if err := z.Close(); err != nil || packed.Len() > 1000 {
		t.Fatalf("%d bytes, packed: %v", packed.Len(), err)
	}
	s.answers = []answer{says(200, packed.String(), "Content-Encoding: gzip")}
	if body, err := read(); err == nil || len(body) != 1000 {
		t.Errorf("packed: read %d bytes, %v; want 1000 and an error", len(body), err)
	}
	s.answers = []answer{says(200, strings.Repeat("x", 1000))}
	if body, err := read(); err != nil || len(body) != 1000 {
		t.Errorf("read %d bytes, %v; want 1000 and none", len(body), err)
	}
}

func TestATimeoutIsUnclear(t *testing.T) {
	over := make(chan struct{})
	s := quiet(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/first" {
			<-over
		}
	}))
	t.Cleanup(func() { close(over) })
	h := s.Client()
	first, err := h.Get(s.URL + "/first") // the write finds a connection: on a busy machine 20 ms may end before there is one
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Body.Close()
	h.Timeout = 20 * time.Millisecond
	c, err := rest.New(rest.Options{Base: s.URL, HTTP: h, Retry: quick})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(t.Context(), put("/x"), nil)
	if e := failure(t, err); e.Kind != rest.Unclear || e.Attempts != 1 {
		t.Errorf("a write: %v after %d attempts, want unclear after one", err, e.Attempts)
	}
	_, err = c.Do(t.Context(), get("/x"), nil)
	if e := failure(t, err); e.Attempts != 3 {
		t.Errorf("a reading: %v after %d attempts, want 3", err, e.Attempts)
	}
}

func TestNewDemandsWhatItNeeds(t *testing.T) {
	if _, err := rest.New(rest.Options{Base: "https://a.example"}); err == nil {
		t.Error("New without an HTTP client succeeds")
	}
	if _, err := rest.New(rest.Options{Base: "http://a.example", HTTP: http.DefaultClient}); err == nil {
		t.Error("New for http succeeds")
	}
}

func TestShownErrorsKeepTheirKind(t *testing.T) {
	cause := errors.New("no such thing")
	_, err := client(t, &script{answers: []answer{breaks(fmt.Errorf("wrapped: %w", cause))}}, func(o *rest.Options) { o.Retry = rest.Retry{Attempts: 1} }).
		Do(t.Context(), get("/x"), nil)
	if !errors.Is(err, cause) {
		t.Errorf("error %v hides its cause", err)
	}
}
