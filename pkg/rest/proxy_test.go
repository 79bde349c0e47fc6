package rest_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/callroll/callroll/pkg/rest"
)

// throughProxy is a client that reaches https://example.com by a proxy, which answers CONNECT by handler.
func throughProxy(t *testing.T, caFile string, handler http.HandlerFunc) *rest.Client {
	t.Helper()
	proxy := httptest.NewServer(handler)
	t.Cleanup(proxy.Close)
	address := strings.Replace(proxy.URL, "http://", "http://user:p%23s%20s@", 1)
	roots, err := rest.ReadRoots(t.Context(), caFile)
	if err != nil {
		t.Fatal(err)
	}
	h, err := rest.NewHTTPClient(rest.HTTPOptions{Roots: roots, Env: map[string]string{"HTTPS_PROXY": address}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := rest.New(rest.Options{Base: "https://example.com", HTTP: h, Retry: quick})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestThroughAProxy(t *testing.T) {
	service := quiet(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }))
	var connects atomic.Int32
	c := throughProxy(t, caFile(t, service), func(w http.ResponseWriter, r *http.Request) {
		connects.Add(1)
		// "user:p#s s" in base64.
		asked := r.Method + " " + r.Host + " " + r.Header.Get("Proxy-Authorization")
		if asked != "CONNECT example.com:443 Basic dXNlcjpwI3Mgcw==" {
			t.Errorf("the proxy is asked %s %s with %v", r.Method, r.Host, r.Header)
		}
		there, err := net.Dial("tcp", service.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		// Taken over before the answer: a byte of the client that comes earlier would stay in the server's buffer.
		here, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, err = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
		}
		if err != nil {
			t.Error(err)
			return
		}
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		go func() { _, _ = io.Copy(here, there); _ = here.Close() }()
	})
	if _, err := c.Do(t.Context(), get("/"), nil); err != nil || connects.Load() != 1 {
		t.Errorf("%d connections by the proxy, %v; want one", connects.Load(), err)
	}
}

// What a proxy answers is reported as the proxy's. A clear no is not asked for again, anything else is.
func TestTheAnswerOfAProxy(t *testing.T) {
	for _, tt := range []struct {
		status   int
		connects int32
		refused  bool
		words    string
	}{
		{http.StatusProxyAuthRequired, 1, true, "407 Proxy Authentication Required to the request to connect to example.com:443"},
		{http.StatusForbidden, 1, true, "403 Forbidden to the request to connect to example.com:443"},
		{http.StatusNotFound, 1, true, "404"},
		{http.StatusTooManyRequests, 3, false, "429"},
		{http.StatusBadGateway, 3, false, "502 Bad Gateway"},
		{http.StatusServiceUnavailable, 3, false, "503"},
		{http.StatusFound, 1, false, "302"},
		{http.StatusNoContent, 1, false, "204"},
	} {
		for _, request := range []rest.Request{get("/x"), put("/x")} {
			var connects atomic.Int32
			c := throughProxy(t, "", func(w http.ResponseWriter, _ *http.Request) {
				connects.Add(1)
				w.Header().Set("Proxy-Authenticate", `Basic realm="<script>"`)
				w.WriteHeader(tt.status)
			})
			_, err := c.Do(t.Context(), request, nil)
			e := failure(t, err)
			if e.Kind != rest.NotSent || e.Status != 0 || rest.RefusedByProxy(err) != tt.refused || connects.Load() != tt.connects {
				t.Errorf("%s, %d: after %d connections %v, want %d and refused: %v",
					request.Method, tt.status, connects.Load(), err, tt.connects, tt.refused)
			}
			said := err.Error()
			if !strings.Contains(said, "the proxy 127.0.0.1:") || !strings.Contains(said, tt.words) || strings.Contains(said, "user:") {
				t.Errorf("%s, %d: %v, want the proxy and %q", request.Method, tt.status, err, tt.words)
			}
		}
	}
}

// A proxy may ask for time as well.
func TestTheRetryAfterOfAProxy(t *testing.T) {
	c := throughProxy(t, "", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "200.5")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	_, err := c.Do(t.Context(), get("/x"), nil)
	if e := failure(t, err); e.Attempts != 1 || !strings.Contains(err.Error(), "asks to wait 3m20.5s") {
		t.Errorf("after %d attempts: %v, want one, and how long", e.Attempts, err)
	}
}

// The proxy of an address is told without its password.
func TestProxyFor(t *testing.T) {
	for _, c := range []struct {
		env        map[string]string
		host, want string
	}{
		{map[string]string{}, "a.example", ""},
		{map[string]string{"HTTPS_PROXY": "http://user:topsecret@proxy.example:3128"}, "a.example", "proxy.example:3128"},
		{map[string]string{"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "a.example"}, "a.example", ""},
	} {
		got, err := rest.ProxyFor(c.env, &url.URL{Scheme: "https", Host: c.host})
		if err != nil || got != c.want {
			t.Errorf("%v: %q, %v, want %q", c.env, got, err, c.want)
		}
	}
	if got, err := rest.ProxyFor(map[string]string{"HTTPS_PROXY": "ftp://x"}, &url.URL{Scheme: "https", Host: "a"}); err == nil {
		t.Errorf("a wrong proxy is %q", got)
	}
}
