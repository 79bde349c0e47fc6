package rest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// checkLink returns the URL of a next link if it leads to the same service: https, the same host and port, and no user in
// front of the host. Path and query are not checked and are sent as given.
func (c *Client) checkLink(r Request) (*url.URL, error) {
	u, err := url.Parse(r.Link)
	why := ""
	switch {
	case err != nil:
		why = "is not a URL"
	case u.Scheme != "https" || u.Host == "" || u.Opaque != "":
		why = "is not an absolute https URL"
	case u.User != nil:
		why = "has a user in front of its host"
	case !sameHost(u, c.base):
		why = fmt.Sprintf("leads to %s", c.opts.Redact.Host(u.Host))
	default:
		u.Fragment, u.RawFragment = "", ""
		return u, nil
	}
	message := fmt.Sprintf("the next link %s; only links to https://%s are followed", why, c.base.Host)
	return nil, &Error{Kind: Elsewhere, Method: r.Method, Host: c.base.Host, Path: c.opts.Redact.Text(r.Path, maxExcerpt),
		Message: c.opts.Redact.Text(message, maxExcerpt)}
}

func sameHost(a, b *url.URL) bool {
	return strings.EqualFold(a.Hostname(), b.Hostname()) && cmp.Or(a.Port(), "443") == cmp.Or(b.Port(), "443")
}

// redirectText names the host that a redirect leads to. It leaves out the rest of the URL.
func (c *Client) redirectText(header http.Header) string {
	if header.Get("Location") == "" {
		return "is no answer to this request"
	}
	u, err := url.Parse(header.Get("Location"))
	if err != nil || u.Host == "" {
		return "answers with a redirect, which is not followed"
	}
	return fmt.Sprintf("answers with a redirect to %s, which is not followed", c.opts.Redact.Host(u.Host))
}

// Elsewhere returns the error for a request that leads away from the service and that another package has created.
func (c *Client) Elsewhere(req *http.Request) *Error {
	e := c.newError(req, Elsewhere)
	e.Message = fmt.Sprintf("only https://%s may get this", c.base.Host)
	return e
}
