package main

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// bomb is an ear that panics at one request, with all secrets that it has heard.
type bomb struct {
	*ear
	at       func(req *http.Request, proof bool) bool // proof says whether the request has a credential
	exploded bool
}

func (b *bomb) RoundTrip(req *http.Request) (*http.Response, error) {
	form, _ := url.ParseQuery(readBody(req))
	proofs := append(form["client_assertion"], form["client_secret"]...)
	for _, name := range []string{"X-IDENTITY-HEADER", "Authorization"} {
		if value := req.Header.Get(name); value != "" {
			proofs = append(proofs, value[strings.Index(value, " ")+1:])
		}
	}
	for _, proof := range proofs {
		b.hear(proof)
	}
	if b.at(req, len(proofs) > 0) {
		b.exploded = true
		byLength := func(a, b string) int { return cmp.Compare(len(a), len(b)) } // the end of the text is cut off
		panic(strings.Join(slices.SortedFunc(maps.Keys(b.secrets), byLength), " "))
	}
	return b.ear.RoundTrip(req)
}

// readBody returns the body of a request, which can be read again.
func readBody(req *http.Request) string {
	if req.Body == nil {
		return ""
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		panic(err)
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return string(body)
}

const pfxPassword = "correct-horse-battery-staple"

// withPassword puts the certificate into a PFX file with a password.
func withPassword(t *testing.T, dir string) {
	t.Helper()
	folder := filepath.Join(dir, "secrets")
	pem := []byte(file(t, folder, "entra.pem"))
	pair, err := tls.X509KeyPair(pem, pem)
	do(t, err)
	data, err := pkcs12.Modern.Encode(pair.PrivateKey, pair.Leaf, nil, pfxPassword)
	do(t, err)
	do(t, os.WriteFile(filepath.Join(folder, "entra.pfx"), data, 0o600))
	do(t, os.WriteFile(filepath.Join(folder, "password"), []byte(pfxPassword), 0o600))
	do(t, os.Remove(filepath.Join(folder, "entra.pem")))
	text := strings.Replace(file(t, dir, sandbox.DemoConfig), "certificate_file: secrets/entra.pem",
		"certificate_file: secrets/entra.pfx\n  certificate_password_file: secrets/password", 1)
	do(t, os.WriteFile(filepath.Join(dir, sandbox.DemoConfig), []byte(text), 0o600))
}

// Wherever a run panics, and whatever it signs in with, the panic shows nothing of the credential.
func TestPanicsWithEveryCredential(t *testing.T) {
	toHost := func(host string) func(*http.Request, bool) bool {
		return func(req *http.Request, _ bool) bool { return strings.HasPrefix(req.URL.Host, host) }
	}
	stages := map[string]func(*http.Request, bool) bool{
		"the first request":      func(*http.Request, bool) bool { return true },
		"the first proof":        func(_ *http.Request, proof bool) bool { return proof },
		"reading Graph":          toHost("graph."),
		"the sign-in to Genesys": toHost("login.mypurecloud."),
		"a PUT":                  func(req *http.Request, _ bool) bool { return req.Method == http.MethodPut },
	}
	for name, options := range map[string]sandbox.CredentialOptions{
		"certificate":      {Certificate: true},
		"password":         {Certificate: true},
		"Kubernetes":       {Federated: "kubernetes"},
		"GitHub":           {Federated: "github"},
		"Azure DevOps":     {Federated: "azure-devops"},
		"file":             {Federated: "file"},
		"managed identity": {ManagedIdentity: true},
		"command":          {},
	} {
		for stage, at := range stages {
			t.Run(name+", "+stage, func(t *testing.T) {
				dir := play(t, "[]")
				env := withCredential(t, dir, options)
				if name != "command" {
					do(t, os.Remove(filepath.Join(dir, "secrets", "entra"))) // it is not used, so that callroll does not know it
				}
				if name == "password" {
					withPassword(t, dir)
				}
				b := &bomb{ear: &ear{secrets: map[string]bool{}}, at: at}
				for _, s := range secretsBelow(t, filepath.Join(dir, "secrets")) {
					if name == "password" && s != pfxPassword && strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
						continue // a line of the PFX
					}
					b.hear(s)
				}
				out := t.TempDir()
				var said bytes.Buffer
				a := &app{env: env, stdin: strings.NewReader(""), stdout: &said, stderr: &said}
				a.wire = func(w http.RoundTripper) http.RoundTripper { b.next = w; return b }
				status := a.execute(t.Context(), []string{"sync", "-vv", "-o", out + "/s.txt", "--sandbox", dir})
				everything := said.String() + contents(t, out) + contents(t, filepath.Join(dir, "state"))
				if !b.exploded || status != report.Internal || !strings.Contains(everything, "internal error: ") {
					t.Fatalf("exploded: %t, status %d:\n%s", b.exploded, status, everything)
				}
				if found := b.heard(everything); len(found) > 0 {
					t.Errorf("%q slipped out of\n%s", found, everything)
				}
			})
		}
	}
}
