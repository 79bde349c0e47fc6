package sandbox

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// service is one of the services. Each has its own hosts, tokens and shape of errors.
type service int

const (
	entraLogin service = iota + 1
	graphAPI
	genesysLogin
	genesysAPI
	githubActions // issues tokens to its jobs
	azureDevOps   // issues tokens to its jobs
	imds          // the Instance Metadata Service of a virtual machine
	appService    // App Service and Container Apps
)

// graphHosts returns the Graph hosts of each cloud, by the sign-in host of the cloud (Microsoft Graph: national clouds).
func graphHosts() map[string][]string {
	return map[string][]string{
		"login.microsoftonline.com": {"graph.microsoft.com"},
		"login.microsoftonline.us":  {"graph.microsoft.us", "dod-graph.microsoft.us"},
		"login.chinacloudapi.cn":    {"microsoftgraph.chinacloudapi.cn"},
	}
}

// isGraphHost says whether a host is that of Graph in some cloud.
func isGraphHost(host string) bool {
	return slices.Contains(slices.Concat(slices.Collect(maps.Values(graphHosts()))...), host)
}

// route finds the service of a request: by the host, or on sockets by the path.
func (w *World) route(c *request) error {
	if c.sockets {
		w.routeByPath(c)
		return nil
	}
	c.host = c.address
	if c.url.Scheme != "https" {
		return c.routeOnMachine()
	}
	switch region := strings.ToLower(w.genesys.Region); {
	case graphHosts()[c.host] != nil:
		c.service = entraLogin
	case isGraphHost(c.host):
		c.service = graphAPI
	case c.host == "login."+region:
		c.service = genesysLogin
	case c.host == "api."+region:
		c.service = genesysAPI
	case strings.HasSuffix(c.host, ".actions.githubusercontent.com"):
		c.service = githubActions
	case c.host == "dev.azure.com" || strings.HasSuffix(c.host, ".visualstudio.com"):
		c.service = azureDevOps
	default:
		missing := &net.DNSError{Err: "no such host in the sandbox", Name: c.host, IsNotFound: true}
		return &net.OpError{Op: "dial", Net: "tcp", Err: missing}
	}
	return nil
}

// routeOnMachine finds the end point of the machine's managed identities. They alone are not on TLS: their addresses cannot be
// reached from another machine.
func (c *request) routeOnMachine() error {
	switch ip := net.ParseIP(c.url.Hostname()); {
	case c.url.Scheme == "http" && c.host == "169.254.169.254":
		c.service = imds
	case c.url.Scheme == "http" && isAppService(c.path()) &&
		(c.url.Hostname() == "localhost" || ip.IsLoopback() || ip.IsLinkLocalUnicast()):
		c.service = appService
	default:
		return fmt.Errorf("sandbox: %s: only https is spoken here", c.url.Redacted())
	}
	return nil
}

func (w *World) routeByPath(c *request) {
	switch path := c.path(); {
	case path == "/oauth/token":
		c.service, c.host = genesysLogin, "login."+w.genesys.Region
	case strings.HasPrefix(path, "/api/"):
		c.service, c.host = genesysAPI, "api."+w.genesys.Region
	case strings.HasPrefix(path, "/v1.0/"):
		c.service, c.host = graphAPI, "graph.microsoft.com"
	case strings.HasSuffix(path, "/idtoken"):
		c.service, c.host = githubActions, "pipelines.actions.githubusercontent.com"
	case strings.HasSuffix(path, "/oidctoken"):
		c.service, c.host = azureDevOps, "dev.azure.com"
	case path == imdsPath:
		c.service, c.host = imds, "169.254.169.254"
	case isAppService(path):
		c.service, c.host = appService, "localhost"
	default:
		c.service, c.host = entraLogin, "login.microsoftonline.com"
	}
}

// handle carries out a request without a fault.
func (w *World) handle(c *request) *reply {
	return map[service]func(*request) *reply{
		entraLogin: w.entraLogin, graphAPI: w.graph, genesysLogin: w.genesysLogin, genesysAPI: w.genesysAPI,
		githubActions: w.githubToken, azureDevOps: w.devOpsToken, imds: w.machineMetadata, appService: w.appServiceIdentity,
	}[c.service](c)
}

// addHeaders adds the headers of all answers of a service.
func (w *World) addHeaders(c *request, r *reply) {
	r.header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	switch c.service {
	case entraLogin:
		r.header.Set("x-ms-request-id", c.id)
	case graphAPI:
		r.header.Set("request-id", c.id)
		r.header.Set("client-request-id", c.clientRequestID())
		w.compress(c, r)
	case genesysLogin, genesysAPI:
		r.header.Set("ININ-Correlation-Id", c.id)
	}
	if c.service == genesysAPI {
		w.rate.addHeaders(r.header, w.genesys.RequestsPerMinute)
	}
	if r.status != http.StatusNotModified {
		r.header.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
}

// minGzipSize is the smallest body that is worth compressing.
const minGzipSize = 1 << 10

// compress compresses an answer of Graph if the client accepts gzip. A body that will be truncated is not compressed, so
// that the position of the cut is known.
func (w *World) compress(c *request, r *reply) {
	if r.cut != nil || len(r.body) < minGzipSize || !strings.Contains(c.header.Get("Accept-Encoding"), "gzip") {
		return
	}
	var compressed bytes.Buffer
	writer, ok := w.gzipWriters.Get().(*gzip.Writer)
	if !ok {
		writer = gzip.NewWriter(&compressed)
	}
	defer w.gzipWriters.Put(writer)
	writer.Reset(&compressed)
	_, _ = writer.Write(r.body) // a bytes.Buffer returns no error
	_ = writer.Close()
	r.body = compressed.Bytes()
	r.header.Set("Content-Encoding", "gzip")
	r.header.Set("Vary", "Accept-Encoding")
}
