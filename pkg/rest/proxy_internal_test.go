package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// The proxy is chosen as curl chooses it.
func TestProxyFromEnvironment(t *testing.T) {
	const proxy = "http://proxy.example:3128"
	for _, tt := range []struct {
		name string
		env  map[string]string
		url  string
		want string // empty: none
	}{
		{"nothing", map[string]string{}, "https://graph.microsoft.com/", ""},
		{"capitals", map[string]string{"HTTPS_PROXY": proxy}, "https://graph.microsoft.com/", proxy},
		{"lower case", map[string]string{"https_proxy": proxy}, "https://graph.microsoft.com/", proxy},
		{"lower case goes first", map[string]string{"https_proxy": proxy, "HTTPS_PROXY": "http://other"}, "https://graph.microsoft.com/", proxy},
		{"empty is none", map[string]string{"https_proxy": "", "HTTPS_PROXY": proxy}, "https://graph.microsoft.com/", proxy},
		{"ALL_PROXY", map[string]string{"ALL_PROXY": proxy}, "https://graph.microsoft.com/", proxy},
		{"all_proxy", map[string]string{"all_proxy": proxy}, "https://graph.microsoft.com/", proxy},
		{"HTTPS_PROXY before ALL_PROXY", map[string]string{"all_proxy": "http://other", "HTTPS_PROXY": proxy}, "https://graph.microsoft.com/", proxy},
		{"HTTP_PROXY is not for TLS", map[string]string{"HTTP_PROXY": proxy, "http_proxy": "%zz"}, "https://graph.microsoft.com/", ""},
		{"without a scheme", map[string]string{"HTTPS_PROXY": "proxy.example:3128"}, "https://a.example/", proxy},
		{"with a user and no scheme", map[string]string{"HTTPS_PROXY": "u:p@proxy.example"}, "https://a.example/", "http://u:p@proxy.example"},
		{"with a slash", map[string]string{"HTTPS_PROXY": proxy + "/"}, "https://a.example/", proxy},
		{"escaped", map[string]string{"HTTPS_PROXY": "http://u:p%23%20%40@proxy.example:3128"}, "https://a.example/", "http://u:p%23%20%40@proxy.example:3128"},
		{"IPv6", map[string]string{"HTTPS_PROXY": "http://[fd00::1]:3128"}, "https://a.example/", "http://[fd00::1]:3128"},
		{"IPv6 without a scheme", map[string]string{"HTTPS_PROXY": "[fd00::1]:3128"}, "https://a.example/", "http://[fd00::1]:3128"},
		{"TLS to the proxy", map[string]string{"HTTPS_PROXY": "https://proxy.example"}, "https://a.example/", "https://proxy.example"},
		{"SOCKS", map[string]string{"ALL_PROXY": "socks5h://u:p@proxy.example:1080"}, "https://a.example/", "socks5h://u:p@proxy.example:1080"},
		{"localhost", map[string]string{"HTTPS_PROXY": proxy}, "https://localhost:8443/", ""},
		{"loopback", map[string]string{"HTTPS_PROXY": proxy}, "https://[::1]:8443/", ""},
		{"excepted", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "a.example"}, "https://a.example/", ""},
		{"excepted in lower case", map[string]string{"HTTPS_PROXY": proxy, "no_proxy": "A.Example", "NO_PROXY": "b.example"}, "https://a.example/", ""},
		{"excepted below", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "example"}, "https://a.example/", ""},
		{"a dot is the domain too", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": ".a.example"}, "https://a.example/", ""},
		{"a dot and below", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": ".a.example"}, "https://x.a.example/", ""},
		{"the end of a name", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "a.example"}, "https://nota.example/", proxy},
		{"separated by spaces", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "b.example a.example\tc.example"}, "https://a.example/", ""},
		{"separated by commas and spaces", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "b.example, a.example"}, "https://a.example/", ""},
		{"everything", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "*"}, "https://a.example/", ""},
		{"CIDR", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "10.1.0.0/16"}, "https://10.1.2.3/", ""},
		{"outside of the CIDR", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "10.1.0.0/16"}, "https://10.2.2.3/", proxy},
		{"CIDR of IPv6", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "fd00::/8"}, "https://[fd00::7]/", ""},
		{"IPv6 address", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "fd00::7"}, "https://[fd00::7]/", ""},
		{"IPv6 address in brackets", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "[fd00::7]"}, "https://[fd00::7]/", ""},
		{"IPv6 range in brackets", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "[fd00::]/8"}, "https://[fd00::7]/", ""},
		{"excepted with a port", map[string]string{"HTTPS_PROXY": proxy, "NO_PROXY": "a.example:8443"}, "https://a.example:8443/", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			choose, err := proxyFrom(tt.env)
			if err != nil {
				t.Fatal(err)
			}
			target, err := url.Parse(tt.url)
			if err != nil {
				t.Fatal(err)
			}
			chosen, err := choose(target)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if chosen != nil {
				got = chosen.String()
			}
			if got != tt.want {
				t.Errorf("%v: %s is reached by %q, want %q", tt.env, tt.url, got, tt.want)
			}
		})
	}
}

// A proxy that cannot be read is an error, which names the variable and shows nothing of the value.
func TestAProxyThatCannotBeRead(t *testing.T) {
	for _, value := range []string{
		"http://user:hunter2%zz@proxy.example:3128", "http://user:hunter2#x@proxy.example:3128", "http://user:hunter2 x@proxy.example:3128",
		"http://user:hunter2/x@proxy.example:3128", "http://user:hunter2?x@proxy.example:3128", "http://user:12/hunter2@proxy.example:3128",
		"user:hunter2#x@proxy.example:3128", "user:hunter2 x@proxy.example", "http://user:hunter2@", "http://user:hunter2@:3128", "hunter2://proxy.example",
		"http://user:hunter2@proxy.example:port", "http://user:hunter2@proxy.example:0", "http://user:hunter2@proxy.example:65536",
		"http://user:hunter2@proxy.example:", "http://user:hunter2@proxy.example:3128/hunter2", "http://user:hunter2@proxy.example:3128#",
		"socks4://user:hunter2@proxy.example", "file:///hunter2", "http://", "http://user:hunter2@fd00::1:3128", "http://user:hunter2@proxy.example:3128\n",
		" http://user:hunter2@proxy.example:3128", "://hunter2", "http:/hunter2", ":hunter2", "[fd00::1:3128",
	} {
		for _, name := range []string{"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"} {
			_, err := NewHTTPClient(HTTPOptions{Env: map[string]string{name: value}})
			var variable *VariableError
			if !errors.As(err, &variable) || variable.Name != name {
				t.Errorf("%s=%q: %v, want an error about the variable", name, value, err)
				continue
			}
			for _, part := range []string{"hunter2", "user:", "proxy.example", "fd00"} {
				if strings.Contains(strings.ReplaceAll(err.Error(), "USER:PASSWORD", ""), part) {
					t.Errorf("%s=%q: %v shows %q", name, value, err, part)
				}
			}
		}
	}
	for _, value := range []string{"10.0.0.0/33", "a.example,10.0.0/8", "fd00::/129", "a.example/24"} {
		_, err := NewHTTPClient(HTTPOptions{Env: map[string]string{"HTTPS_PROXY": "proxy.example", "NO_PROXY": value}})
		var variable *VariableError
		if !errors.As(err, &variable) || variable.Name != "NO_PROXY" {
			t.Errorf("NO_PROXY=%q: %v, want an error about the variable", value, err)
		}
	}
}

// A sign-in that a proxy has refused is not asked for again by everybody else who needs a token.
func TestASignInThatAProxyRefuses(t *testing.T) {
	asked := 0
	tokens := NewTokens(func(context.Context) (Token, error) {
		asked++
		return Token{}, &Error{Kind: NotSent, Err: &ProxyError{Status: http.StatusProxyAuthRequired}}
	})
	for range 3 {
		if _, err := tokens.Get(t.Context()); !RefusedByProxy(err) {
			t.Errorf("error %v, want the proxy's", err)
		}
	}
	if asked != 1 {
		t.Errorf("%d sign-ins, want one", asked)
	}
}
