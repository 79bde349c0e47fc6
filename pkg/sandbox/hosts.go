package sandbox

import (
	"bytes"
	"compress/gzip"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// side is a service. Each has hosts, tokens and a shape of errors of its own.
type side int

const (
	entraLogin side = iota + 1
	graphAPI
	genesysLogin
	genesysAPI
)

// graphHosts returns the Graph hosts of the cloud that a sign-in host belongs to (Microsoft Graph: national clouds).
func graphHosts(login string) []string {
	switch login {
	case "login.microsoftonline.com":
		return []string{"graph.microsoft.com"}
	case "login.microsoftonline.us":
		return []string{"graph.microsoft.us", "dod-graph.microsoft.us"}
	case "login.chinacloudapi.cn":
		return []string{"microsoftgraph.chinacloudapi.cn"}
	}
	return nil
}

func isGraphHost(host string) bool {
	logins := []string{"login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn"}
	return slices.ContainsFunc(logins, func(login string) bool { return slices.Contains(graphHosts(login), host) })
}

// route finds the service that a request is for: by the host, and on sockets by the path.
func (w *World) route(c *call) error {
	if c.sockets {
		w.routeByPath(c)
		return nil
	}
	c.host = c.address
	switch region := strings.ToLower(w.genesys.Region); {
	case graphHosts(c.host) != nil:
		c.side = entraLogin
	case isGraphHost(c.host):
		c.side = graphAPI
	case c.host == "login."+region:
		c.side = genesysLogin
	case c.host == "api."+region:
		c.side = genesysAPI
	default:
		missing := &net.DNSError{Err: "no such host in the sandbox", Name: c.host, IsNotFound: true}
		return &net.OpError{Op: "dial", Net: "tcp", Err: missing}
	}
	return nil
}

func (w *World) routeByPath(c *call) {
	switch path := c.path(); {
	case path == "/oauth/token":
		c.side, c.host = genesysLogin, "login."+w.genesys.Region
	case strings.HasPrefix(path, "/api/"):
		c.side, c.host = genesysAPI, "api."+w.genesys.Region
	case strings.HasPrefix(path, "/v1.0/"):
		c.side, c.host = graphAPI, "graph.microsoft.com"
	default:
		c.side, c.host = entraLogin, "login.microsoftonline.com"
	}
}

// handle carries a request out, as its service does on an ordinary day.
func (w *World) handle(c *call) *reply {
	switch c.side {
	case entraLogin:
		return w.entraLogin(c)
	case graphAPI:
		return w.graph(c)
	case genesysLogin:
		return w.genesysLogin(c)
	default:
		return w.genesysAPI(c)
	}
}

// addHeaders adds the headers that every answer of a service has.
func (w *World) addHeaders(c *call, r *reply) {
	r.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	switch c.side {
	case entraLogin:
		r.header.Set("x-ms-request-id", c.id)
	case graphAPI:
		r.header.Set("request-id", c.id)
		r.header.Set("client-request-id", c.clientRequestID())
		w.compress(c, r)
	case genesysLogin, genesysAPI:
		r.header.Set("ININ-Correlation-Id", c.id)
	}
	if c.side == genesysAPI {
		w.rate.addHeaders(r.header, w.genesys.RequestsPerMinute)
	}
	if r.status != http.StatusNotModified {
		r.header.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
}

// worthPacking is the smallest body that gzip makes smaller by more than it costs.
const worthPacking = 1 << 10

// compress answers as Graph does to a client that takes gzip. A body that is to be cut stays plain, so that the place of
// the cut means something.
func (w *World) compress(c *call, r *reply) {
	if r.cut >= 0 || len(r.body) < worthPacking || !strings.Contains(c.header.Get("Accept-Encoding"), "gzip") {
		return
	}
	var packed bytes.Buffer
	writer, ok := w.packers.Get().(*gzip.Writer)
	if !ok {
		writer = gzip.NewWriter(&packed)
	}
	defer w.packers.Put(writer)
	writer.Reset(&packed)
	_, _ = writer.Write(r.body) // a bytes.Buffer takes everything
	_ = writer.Close()
	r.body = packed.Bytes()
	r.header.Set("Content-Encoding", "gzip")
	r.header.Set("Vary", "Accept-Encoding")
}
