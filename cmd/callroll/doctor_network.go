package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
)

// contacts is a transport that notes how each host was reached. It is safe for concurrent use.
type contacts struct {
	next http.RoundTripper

	mu   sync.Mutex
	host map[string]contact
}

// contact is how a host was reached, or why it was not.
type contact struct {
	issuer string // of the certificate; empty without TLS
	err    error
}

// RoundTrip implements http.RoundTripper.
func (c *contacts) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	found := contact{err: err}
	if err == nil && resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		found.issuer = issuerOf(resp.TLS.PeerCertificates[0])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.host[req.URL.Host]; !ok || known.err != nil { // one answer is enough
		c.host[req.URL.Host] = found
	}
	return resp, err
}

// issuerOf returns the name of who has signed a certificate.
func issuerOf(c *x509.Certificate) string {
	return cmp.Or(append(slices.Clone(c.Issuer.Organization), c.Issuer.CommonName, "an issuer without a name")...)
}

// network checks how each host was reached: by which proxy, and who has signed its certificate. Only a person can say whether
// that is the right one.
func (c *checkup) network(reached *contacts) {
	reached.mu.Lock()
	defer reached.mu.Unlock()
	before := len(c.checks)
	for _, host := range slices.Sorted(maps.Keys(reached.host)) {
		found := reached.host[host]
		by := "directly"
		if proxy, err := rest.ProxyFor(c.app.env, &url.URL{Scheme: "https", Host: host}); err == nil && proxy != "" {
			by = "by the proxy " + proxy
		}
		switch {
		case found.err != nil:
			c.unreached(host, by, found.err)
		case found.issuer != "":
			c.add(report.CheckOK, checkNetwork, "%s, %s, with a certificate by %s", host, by, found.issuer)
		}
	}
	if len(c.checks) == before {
		c.add(report.CheckSkip, checkNetwork, "a sandbox has no network")
	}
}

// unreached adds a check for a host that could not be reached, and says what to do if the cause is one that people can change.
func (c *checkup) unreached(host, by string, err error) {
	text, hint := c.app.redact.Text(err.Error(), maxForeign), ""
	dns, isDNS := errors.AsType[*net.DNSError](err)
	wrong, isTLS := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case isDNS && dns.IsNotFound:
		text = "the DNS has no host " + dns.Name
		hint = "look at the region and the addresses in the configuration, and at the DNS of this machine"
	case isDNS:
		text, hint = "the DNS did not answer about "+dns.Name, "look at the DNS of this machine"
	case isTLS && len(wrong.UnverifiedCertificates) > 0:
		text = "the certificate is not trusted: it is by " + issuerOf(wrong.UnverifiedCertificates[0])
		hint = "if a proxy of your own inspects TLS, name its root certificate in ca_file"
	}
	c.checks = append(c.checks, report.Check{
		Name: checkNetwork, Result: report.CheckFail, Text: host + ", " + by + ": " + text, Hint: hint, Status: report.Unavailable,
	})
}
