package main

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/sandbox"
)

// A proxy that does not let us through is named, wherever it stands in the way, and neither service is blamed. A clear no is
// for a person, and waits for nothing.
func TestAProxyInTheWay(t *testing.T) {
	for status, want := range map[int]int{
		http.StatusForbidden: report.Denied, http.StatusProxyAuthRequired: report.Denied, http.StatusBadGateway: report.Unavailable,
	} {
		for _, p := range places() {
			t.Run(http.StatusText(status)+"/"+p.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					got := slowly(t, p, func(r *http.Request) (*http.Response, error) {
						return nil, &rest.ProxyError{Proxy: "proxy.example:3128", Target: r.URL.Host, Status: status}
					})
					said := got.stdout + got.stderr
					if got.status != want || !strings.Contains(said, "the proxy proxy.example:3128 answers ") {
						t.Errorf("got %+v; want status %d and the proxy", got, want)
					}
					for _, blame := range []string{"with admin consent", "role of the OAuth client", "bad credentials", "client secret"} {
						if strings.Contains(said, blame) {
							t.Errorf("%q is said of %s", blame, said)
						}
					}
					if want == report.Denied && got.took > time.Second {
						t.Errorf("it took %s", got.took)
					}
				})
			})
		}
	}
}

// The proxy is read from the environment that the program was given, and a sandbox asks for none.
func TestTheProxyComesFromTheEnvironment(t *testing.T) {
	dir := play(t, "[]")
	environ := []string{"HTTPS_PROXY=http://user:topsecret%zz@proxy.example"}
	for _, tt := range []struct {
		args []string
		want int
	}{
		{[]string{"diff", "--config", filepath.Join(dir, sandbox.DemoConfig)}, report.Config},
		{[]string{"diff", "--sandbox", dir}, report.OK},
	} {
		var stdout, stderr bytes.Buffer
		got := run(t.Context(), tt.args, environ, strings.NewReader(""), &stdout, &stderr)
		if got != tt.want || strings.Contains(stderr.String(), "topsecret") {
			t.Errorf("%v ends with %d, want %d: %s", tt.args, got, tt.want, stderr.String())
		}
	}
}
