package sandbox_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/callroll/callroll/pkg/sandbox"
)

// served is a World on a socket, and a transport that trusts its certificate.
func served(t *testing.T, dir string, w *sandbox.World, options ...sandbox.ServeOptions) (*sandbox.Server, *http.Transport, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server, err := w.Serve(ctx, append(options, sandbox.ServeOptions{})[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := server.Wait(); err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(read(t, dir, "ca.pem"))) {
		t.Fatal("ca.pem has no certificate")
	}
	return server, &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableCompression: true, ForceAttemptHTTP2: true}, cancel
}

func TestServe(t *testing.T) {
	dir, w := folderOf(t)
	server, transport, cancel := served(t, dir, w)
	a := get(t, transport, server.URL+"/v1.0/groups")
	if a.status != 401 || !strings.HasPrefix(server.URL, "https://127.0.0.1:") {
		t.Errorf("%s: %d %s", server.URL, a.status, a.text)
	}
	req, _ := http.NewRequest("GET", server.URL+"/v1.0/groups", nil)
	if resp, err := transport.RoundTrip(req); err != nil || resp.ProtoMajor != 1 {
		t.Errorf("HTTP/2, where there is no connection to cut: %v, %v", resp, err)
	} else {
		resp.Body.Close()
	}
	g := smallGenesys()
	if a := ask(t, transport, "POST", server.URL+"/oauth/token", "grant_type=client_credentials", formType, basic(g.ClientID, g.ClientSecret)); a.status != 200 {
		t.Errorf("sign-in: %d %s", a.status, a.text)
	}
	old := transport.Clone()
	old.TLSClientConfig.MaxVersion = tls.VersionTLS11
	old.TLSClientConfig.MinVersion = tls.VersionTLS10
	if _, err := send(old, "GET", server.URL+"/v1.0/groups", ""); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	strangers := transport.Clone()
	strangers.TLSClientConfig.RootCAs = nil
	if _, err := send(strangers, "GET", server.URL+"/v1.0/groups", ""); err == nil {
		t.Error("an authority of its own is trusted by everybody")
	}
	cancel()
	if err := server.Wait(); err != nil {
		t.Errorf("at the end: %v", err)
	}
	if _, err := send(transport, "GET", server.URL+"/v1.0/groups", ""); err == nil {
		t.Error("it still answers")
	}
}

// TestServeEndsWhileSomebodyWaits checks that a held request does not keep the server running.
func TestServeEndsWhileSomebodyWaits(t *testing.T) {
	dir, w := folderOf(t)
	server, transport, cancel := served(t, dir, w)
	write(t, dir, "faults.json", `[{"match":"GET *","hold":"go"}]`)
	failed := make(chan error)
	go func() {
		_, err := send(transport, "GET", server.URL+"/v1.0/groups", "")
		failed <- err
	}()
	waitFor(t, filepath.Join(dir, "go.held"))
	began := time.Now()
	cancel()
	if err := server.Wait(); err != nil || time.Since(began) > time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
	if <-failed == nil {
		t.Error("the request was answered")
	}
}

func TestServeWritesAConfiguration(t *testing.T) {
	for _, original := range []string{
		"", // that of the demo
		"entra: {client_id: x, login_url: https://old.example}\ngenesys:\n  client_id: y\nca_file: old.pem\nmatch: [mail] # by mail\n",
		"match: [mail] # by mail\n",
		"entra:\n  # client_id: x\nmatch: [mail] # by mail\n",
	} {
		dir, w := folderOf(t)
		if original != "" {
			write(t, dir, sandbox.DemoConfig, original)
		}
		before := read(t, dir, sandbox.DemoConfig)
		server, _, _ := served(t, dir, w)
		if server.ConfigPath != filepath.Join(dir, sandbox.TLSConfig) {
			t.Errorf("ConfigPath %s", server.ConfigPath)
		}
		var got, want map[string]any
		if err := yaml.Unmarshal([]byte(read(t, dir, sandbox.TLSConfig)), &got); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal([]byte(before), &want); err != nil {
			t.Fatal(err)
		}
		section := func(m map[string]any, name string) map[string]any { s, _ := m[name].(map[string]any); return s }
		entra, genesys := section(got, "entra"), section(got, "genesys")
		if got["ca_file"] != "ca.pem" || entra["login_url"] != server.URL || entra["graph_url"] != server.URL ||
			genesys["login_url"] != server.URL || genesys["api_url"] != server.URL {
			t.Errorf("%v", got)
		}
		if entra["client_id"] != section(want, "entra")["client_id"] || entra["client_secret_file"] != section(want, "entra")["client_secret_file"] || got["match"] == nil {
			t.Errorf("something was lost: %v", got)
		}
		if !strings.Contains(read(t, dir, sandbox.TLSConfig), "# ") || read(t, dir, sandbox.DemoConfig) != before {
			t.Error("comments are lost, or the original is changed")
		}
	}
}

func TestServeRefuses(t *testing.T) {
	if _, err := small().Serve(context.Background(), sandbox.ServeOptions{}); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("without a folder: %v", err)
	}
	dir, w := folderOf(t)
	for _, listen := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0"} {
		if _, err := w.Serve(context.Background(), sandbox.ServeOptions{Listen: listen}); err == nil || !strings.Contains(err.Error(), "loopback") {
			t.Errorf("%s: %v", listen, err)
		}
	}
	if _, err := w.Serve(context.Background(), sandbox.ServeOptions{Listen: "nowhere"}); err == nil {
		t.Error("an address without a port is taken")
	}
	if _, err := os.Stat(filepath.Join(dir, "ca.pem")); err == nil {
		t.Error("refused, and yet a certificate was made")
	}
	server, transport, _ := served(t, dir, w, sandbox.ServeOptions{Listen: "0.0.0.0:0", Public: true})
	for _, target := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)} {
		if a := get(t, transport, target+"/v1.0/groups"); a.status != 401 {
			t.Errorf("%s: %d", target, a.status)
		}
	}
	for _, broken := range []string{"- a\n", "entra: [x]\n", "a: [\n", ""} {
		write(t, dir, sandbox.DemoConfig, broken)
		if _, err := w.Serve(context.Background(), sandbox.ServeOptions{}); err == nil || !strings.Contains(err.Error(), sandbox.DemoConfig) {
			t.Errorf("callroll.yaml is %q: %v", broken, err)
		}
	}
}
