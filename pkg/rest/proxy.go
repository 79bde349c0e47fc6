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

// VariableError is a variable of the environment that cannot be used. It never holds the value, which may have a password
// in it.
type VariableError struct {
	Name string
	Err  error
}

func (e *VariableError) Error() string { return e.Name + ": " + e.Err.Error() }
func (e *VariableError) Unwrap() error { return e.Err }

// proxyChoice says by which proxy a URL is reached; nil without a proxy.
type proxyChoice func(*url.URL) (*url.URL, error)

// proxyFrom reads the proxy from an environment, by the rules of curl: https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY, of which
// the first that is not empty counts, and no_proxy or NO_PROXY. HTTP_PROXY is for addresses without TLS, and there are none
// here. Unlike curl it never takes a proxy to localhost and to loopback addresses. A value that cannot be read is an error:
// whoever names a proxy does not want to be connected without it.
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
	// httpproxy connects directly where it cannot read a proxy. So it decides about the exceptions alone.
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

// parseProxy reads the address of a proxy. Whatever url.Parse makes of a password with special characters in it, what is
// left over as a path, a query or a fragment is a piece of that password. Errors say nothing of the value.
func parseProxy(value string) (*url.URL, error) {
	if !strings.Contains(value, "://") {
		value = "http://" + value
	}
	u, err := url.Parse(value)
	switch {
	case err != nil, u.Hostname() == "", strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.ForceQuery, strings.Contains(value, "#"):
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

// noProxy turns the exceptions as curl reads them into what httpproxy reads. curl separates them by commas or white space,
// takes .example.com for example.com and everything below it, and knows an IPv6 address with and without brackets.
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

// ProxyError is the answer of a proxy that did not connect us. No byte of the request has left it.
type ProxyError struct {
	Proxy      string // host and port
	Target     string // to which it was asked to connect
	Status     int
	retryAfter time.Duration
}

func (e *ProxyError) Error() string {
	status := fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	return fmt.Sprintf("the proxy %s answers %s to the request to connect to %s", e.Proxy, status, e.Target)
}

// Hint says what to do about it; empty where the next run may meet another answer.
func (e *ProxyError) Hint() string {
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		return "check the user and the password in the variable that names the proxy"
	case e.Refused():
		return "ask whoever runs the proxy to allow connections to " + e.Target
	}
	return ""
}

// Refused says whether the proxy has said no for good, so that a person has to act.
func (e *ProxyError) Refused() bool { return statusKind(e.Status) == Refused }

// RefusedByProxy says whether err is a proxy's clear no. Clients count it as denied and not as unavailable: the next run
// meets the same proxy, and only a person can change what it allows.
func RefusedByProxy(err error) bool {
	var e *ProxyError
	return errors.As(err, &e) && e.Refused()
}

// connected is told the answer of a proxy to CONNECT. Without it net/http gives the words of the status line alone, which
// read as if the service had said them.
func connected(_ context.Context, proxy *url.URL, connect *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	wait := retryAfter(answer.Header, time.Now())
	return &ProxyError{Proxy: proxy.Host, Target: connect.Host, Status: answer.StatusCode, retryAfter: wait}
}
