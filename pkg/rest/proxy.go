package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// VariableError is the error of an environment variable that cannot be used. It never contains the value, which may include a
// password.
type VariableError struct {
	Name string
	Err  error
}

func (e *VariableError) Error() string { return e.Name + ": " + e.Err.Error() }
func (e *VariableError) Unwrap() error { return e.Err }

// proxyChoice returns the proxy for a URL, or nil for a direct connection.
type proxyChoice func(*url.URL) (*url.URL, error)

// proxyFrom reads the proxy from an environment with the rules of curl. It uses the first of https_proxy, HTTPS_PROXY,
// all_proxy and ALL_PROXY that is not empty, and the exceptions in no_proxy or NO_PROXY. HTTP_PROXY is not used, because it is
// for URLs without TLS. Unlike curl, proxyFrom never uses a proxy for localhost and loopback addresses. A value that cannot be
// read is an error: a user who sets a proxy does not want connections without it.
func proxyFrom(env map[string]string) (proxyChoice, error) {
	name, value := firstOf(env, "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
	if value == "" {
		return func(*url.URL) (*url.URL, error) { return nil, nil }, nil
	}
	proxy, err := parseProxy(value)
	if err != nil {
		return nil, &VariableError{name, err}
	}
	name, value = firstOf(env, "no_proxy", "NO_PROXY")
	except, err := noProxy(value)
	if err != nil {
		return nil, &VariableError{name, err}
	}
	// httpproxy connects directly if it cannot read the proxy. So it is used only to match the exceptions.
	choose := (&httpproxy.Config{HTTPSProxy: "http://proxy.invalid", NoProxy: except}).ProxyFunc()
	return func(u *url.URL) (*url.URL, error) {
		if chosen, err := choose(u); chosen == nil || err != nil {
			return nil, err
		}
		return proxy, nil
	}, nil
}

// firstOf returns the first of the variables that is not empty.
func firstOf(env map[string]string, names ...string) (name, value string) {
	for _, name := range names {
		if value := env[name]; value != "" {
			return name, value
		}
	}
	return "", ""
}

// parseProxy reads the URL of a proxy. A path, a query or a fragment is an error, because it is part of a password with
// special characters that are not escaped. Errors do not contain the value.
func parseProxy(value string) (*url.URL, error) {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	switch {
	case err != nil, u.Hostname() == "", strings.Trim(u.Path, "/") != "",
		u.RawQuery != "", u.ForceQuery, strings.Contains(value, "#"):
		return nil, errors.New("is not the address of a proxy; write http://USER:PASSWORD@HOST:PORT, " +
			"and special characters of the user and the password as in %23 for #")
	case !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme):
		return nil, errors.New("is not the address of a proxy that callroll can use; " +
			"it must begin with http://, https://, socks5:// or socks5h://")
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("is not the address of a proxy: its port is not a number from 1 to 65535")
		}
	}
	u.Path = ""
	return u, nil
}

// noProxy converts the exceptions from the syntax of curl to that of httpproxy. In curl they are separated by commas or white
// space, .example.com means example.com and all its subdomains, and an IPv6 address may have brackets.
func noProxy(value string) (string, error) {
	entries := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) })
	for i, entry := range entries {
		address, bits, isRange := strings.Cut(entry, "/")
		if inner, ok := strings.CutPrefix(address, "["); ok && strings.HasSuffix(inner, "]") {
			address = strings.TrimSuffix(inner, "]")
		}
		entries[i] = strings.TrimPrefix(address, ".")
		if !isRange {
			continue
		}
		if _, err := netip.ParsePrefix(address + "/" + bits); err != nil {
			return "", fmt.Errorf("entry %d is not a range of addresses like 10.0.0.0/8", i+1)
		}
		entries[i] = address + "/" + bits
	}
	return strings.Join(entries, ","), nil
}

// ProxyError is the response of a proxy that has refused a connection. No byte of the request was sent to the service.
type ProxyError struct {
	Proxy      string // host and port that the proxy was asked to connect to
	Target     string // to which it was asked to connect
	Status     int
	retryAfter time.Duration
}

func (e *ProxyError) Error() string {
	status := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	return fmt.Sprintf("the proxy %s answers %s to the request to connect to %s", e.Proxy, status, e.Target)
}

// Hint says what to do about the error. It is empty if the next run may get another response.
func (e *ProxyError) Hint() string {
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		return "check the user and the password in the variable that names the proxy"
	case e.Refused():
		return "ask whoever runs the proxy to allow connections to " + e.Target
	}
	return ""
}

// Refused reports whether the proxy refuses the connection permanently, so that a person has to act.
func (e *ProxyError) Refused() bool { return statusKind(e.Status) == Refused }

// RefusedByProxy reports whether err is a [ProxyError] that is Refused. Clients treat it as denied and not as unavailable: the
// next run uses the same proxy, and only a person can change what it allows.
func RefusedByProxy(err error) bool {
	e, ok := errors.AsType[*ProxyError](err)
	return ok && e.Refused()
}

// connected checks the response of a proxy to CONNECT. Without it, net/http returns only the text of the status line, which
// looks like a response of the service.
func connected(_ context.Context, proxy *url.URL, connect *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	wait := retryAfter(answer.Header, time.Now())
	return &ProxyError{Proxy: proxy.Host, Target: connect.Host, Status: answer.StatusCode, retryAfter: wait}
}

// ProxyFor returns the host and port of the proxy by which a client of [NewHTTPClient] reaches an address, or an empty string
// if there is none. It returns nothing of a password.
func ProxyFor(env map[string]string, address *url.URL) (string, error) {
	choose, err := proxyFrom(environment(env))
	if err != nil {
		return "", err
	}
	proxy, err := choose(address)
	if proxy == nil || err != nil {
		return "", err
	}
	return proxy.Host, nil
}
