package rest_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

func staticToken(token string) *rest.Tokens {
	return rest.NewTokens(func(context.Context) (rest.Token, error) { return rest.Token{Value: secret.New(token)}, nil })
}

func TestNextLink(t *testing.T) {
	tests := []struct {
		link string
		want string // the address that is asked; empty if none
	}{
		{"https://service.example/v1/x?$skiptoken=a%2Fb+c'", "https://service.example/v1/x?$skiptoken=a%2Fb+c'"},
		{"https://SERVICE.example:443/x%2Fy?", "https://SERVICE.example:443/x%2Fy?"},
		{"https://service.example.evil.example/x?t=private", ""},
		{"https://evil.example/service.example?t=private", ""},
		{"https://service.example:8443/x?t=private", ""},
		{"https://service.example@evil.example/x?t=private", ""},
		{"https://user@service.example/x?t=private", ""},
		{"https://service.example\\@evil.example/x?t=private", ""},
		{"http://service.example/x?t=private", ""},
		{"//service.example/x?t=private", ""},
		{"/x?t=private", ""},
		{"x", ""},
		{"https:service.example/x?t=private", ""},
		{"https:///x?t=private", ""},
		{"https://service.example/\x00?t=private", ""},
	}
	for _, tt := range tests {
		s := &script{answers: []answer{says(200, "{}")}}
		c := client(t, s, func(o *rest.Options) { o.Token = staticToken("a-token") })
		_, err := c.Do(t.Context(), rest.Request{Method: http.MethodGet, Path: "/first", Link: tt.link}, nil)
		if tt.want != "" {
			if err != nil || s.count() != 1 || s.seen[0].URL.String() != tt.want {
				t.Errorf("link %q: %v, want it to be followed as given", tt.link, err)
			}
			continue
		}
		if s.count() != 0 || failure(t, err).Kind != rest.Elsewhere || strings.Contains(err.Error(), "private") {
			t.Errorf("link %q: %d requests, %v; want none, and an error without the query", tt.link, s.count(), err)
		}
	}
}

// The host of a next link and of a redirect may hold what the service was sent, and so may the user in front of it.
func TestAddressesOfOthersAreRedacted(t *testing.T) {
	const token = "Tok3n-Of.this-Run"
	lower := strings.ToLower(token)
	for _, address := range []string{
		"https://" + token + ".evil.example/x", "https://" + lower + ".evil.example/x", "https://evil.example:8443/" + token,
		"https://" + token + "@service.example/x", "https://joe:" + token + "@evil.example/x",
		"https://evil.example/x?t=" + token + "#" + lower,
		"https://" + lower + "@[::1", "//" + lower + ".evil.example/x", "https:" + token,
		lower + "://evil.example", token, "https://evil.example/%zz" + lower,
	} {
		s := &script{answers: []answer{says(307, "", "Location: "+address)}}
		c := client(t, s, func(o *rest.Options) { o.Redact, o.Retry.Attempts = rest.NewRedactor(secret.New(token)), 1 })
		_, redirect := c.Do(t.Context(), rest.Request{Method: http.MethodGet, Path: "/first"}, nil)
		_, link := c.Do(t.Context(), rest.Request{Method: http.MethodGet, Path: "/first", Link: address}, nil)
		said := map[string]error{"a redirect": redirect, "a next link": link}
		if u, err := url.Parse(address); err == nil {
			said["a request of somebody else's making"] = c.Elsewhere(&http.Request{Method: http.MethodPost, URL: u})
		}
		for what, err := range said {
			if err == nil || strings.Contains(strings.ToLower(err.Error()), lower) {
				t.Errorf("%s to %s: %v", what, address, err)
			}
		}
	}
}

// FuzzNextLink holds that no link makes the token leave the host.
func FuzzNextLink(f *testing.F) {
	for _, seed := range []string{"https://service.example/x?y=1", "https://service.example@evil.example/", "//evil.example/x", "https://service.example\t.evil/", "https://[service.example]/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		s := &script{answers: []answer{says(200, "{}")}}
		c := client(t, s, func(o *rest.Options) { o.Token = staticToken("a-token") })
		_, err := c.Do(t.Context(), rest.Request{Method: http.MethodGet, Path: "/first", Link: link}, nil)
		if link == "" {
			return
		}
		for _, req := range s.seen {
			if req.URL.Scheme != "https" || !strings.EqualFold(req.URL.Hostname(), "service.example") || req.URL.Port() != "" && req.URL.Port() != "443" || req.URL.User != nil {
				t.Errorf("link %q led to %s", link, req.URL)
			}
			again, err := url.Parse(req.URL.String())
			if err != nil || !strings.EqualFold(again.Hostname(), "service.example") {
				t.Errorf("link %q led to %s, which reads differently a second time", link, req.URL)
			}
		}
		if err == nil && s.count() != 1 {
			t.Errorf("link %q: %d requests without an error", link, s.count())
		}
	})
}

func TestParseBase(t *testing.T) {
	for address, want := range map[string]string{
		"https://a.example":          "https://a.example",
		"https://a.example:8443/":    "https://a.example:8443",
		"https://a.example/prefix//": "https://a.example/prefix",
		"http://a.example":           "",
		"a.example":                  "",
		"https://":                   "",
		"https://u:p@a.example":      "",
		"https://a.example?x=1":      "",
		"https://a.example#x":        "",
		"https://a b.example":        "",
		"":                           "",
	} {
		got, err := rest.ParseBase(address)
		switch {
		case want == "" && err == nil:
			t.Errorf("ParseBase(%q) = %v, want an error", address, got)
		case want == "" && strings.Contains(err.Error(), ":p@"):
			t.Errorf("ParseBase(%q): %v shows the password", address, err)
		case want != "" && (err != nil || got.String() != want):
			t.Errorf("ParseBase(%q) = %v, %v; want %s", address, got, err, want)
		}
	}
}
