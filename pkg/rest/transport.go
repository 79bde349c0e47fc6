package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/callroll/callroll/pkg/textfile"
)

// HTTPOptions configure an HTTP client. The zero value is right for the public internet.
type HTTPOptions struct {
	Transport http.RoundTripper // in place of the network; nil for the network
	Roots     *x509.CertPool    // see ReadRoots; nil for the system's
	// Env names the proxy, in https_proxy or all_proxy with the exceptions in no_proxy, each also in capitals. nil is the
	// environment of the process. With a Transport it counts for nothing.
	Env     map[string]string
	MaxBody int64 // of any answer, for whoever uses the client; 0 for 256 MiB; a Client bounds its own further
}

// attemptTimeout ends one request with its answer, whatever the parts of it are doing.
const attemptTimeout = 60 * time.Second

// mostOfAnyBody bounds what nobody else does.
const mostOfAnyBody = 256 << 20

// keptConnections are for everybody who may read or write at the same time.
const keptConnections = 64

// NewHTTPClient returns a client that uses the environment's proxy, TLS 1.2 or better and a limit on every wait and on
// every body, and that follows no redirect: a 307 would repeat a client secret to another host. A proxy that cannot be read
// is a *VariableError.
//
// net/http writes to the standard logger of package log when a service sends more than its answer, and quotes it. That may be
// a token. A program that uses the client gives that logger an output that shows nothing of it, as cmd/callroll does.
func NewHTTPClient(o HTTPOptions) (*http.Client, error) {
	transport := o.Transport
	if transport == nil {
		proxy, err := proxyFrom(environment(o.Env))
		if err != nil {
			return nil, err
		}
		transport = network(o.Roots, proxy)
	}
	if o.MaxBody <= 0 {
		o.MaxBody = mostOfAnyBody
	}
	return &http.Client{
		Transport:     &boundedTransport{next: transport, max: o.MaxBody},
		CheckRedirect: neverFollow,
		Timeout:       attemptTimeout,
	}, nil
}

func neverFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// environment returns env, or that of the process if it is nil.
func environment(env map[string]string) map[string]string {
	if env != nil {
		return env
	}
	env = map[string]string{}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	return env
}

// network is the default transport's dialer with shorter patience.
func network(roots *x509.CertPool, proxy proxyChoice) *http.Transport {
	t := &http.Transport{}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		t = standard.Clone() // dials for 30 s at most, and keeps connections for 90 s
	}
	t.Proxy = func(req *http.Request) (*url.URL, error) { return proxy(req.URL) }
	t.OnProxyConnectResponse = connected
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	t.TLSHandshakeTimeout = 15 * time.Second
	t.ResponseHeaderTimeout = attemptTimeout
	t.MaxResponseHeaderBytes = 1 << 20
	t.DisableCompression = true // boundedTransport unpacks
	// HTTP/1.1 holds back a service that writes faster than we read, where HTTP/2 would keep megabytes of each answer.
	t.ForceAttemptHTTP2, t.TLSNextProto = false, map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.MaxIdleConnsPerHost = keptConnections
	return t
}

// boundedTransport is a transport that bounds the body of every answer, and that unpacks it: by a faster decoder than net/http's,
// and before it is measured, because a small body may unpack to a large one.
type boundedTransport struct {
	next     http.RoundTripper
	max      int64
	unpacker sync.Pool // of *gzip.Reader
}

// RoundTrip implements http.RoundTripper.
func (b *boundedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Accept-Encoding") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.Body == nil {
		return resp, nil
	}
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		resp.Header.Del("Content-Encoding")
		resp.Header.Del("Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
		resp.Body = &gzipBody{packed: resp.Body, pool: &b.unpacker}
	}
	resp.Body = &bounded{body: resp.Body, left: b.max}
	return resp, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the transport below.
func (b *boundedTransport) CloseIdleConnections() {
	if next, ok := b.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// gzipBody is a gzip body.
type gzipBody struct {
	packed io.ReadCloser
	pool   *sync.Pool
	gzip   *gzip.Reader
	err    error
}

func (u *gzipBody) Read(p []byte) (int, error) {
	if u.gzip == nil && u.err == nil {
		u.gzip, _ = u.pool.Get().(*gzip.Reader)
		if u.gzip == nil {
			u.gzip = new(gzip.Reader)
		}
		u.err = u.gzip.Reset(u.packed)
	}
	if u.err != nil {
		return 0, u.err
	}
	return u.gzip.Read(p)
}

func (u *gzipBody) Close() error {
	if u.gzip != nil {
		u.pool.Put(u.gzip)
		u.gzip, u.err = nil, errors.New("the answer was closed")
	}
	return u.packed.Close()
}

var (
	errTooLarge = errors.New("the answer is too large")
	errValue    = errors.New("a value in the answer is too large")
)

// bounded is a body that fails, rather than ends, beyond its limit, and remembers how reading it has failed.
type bounded struct {
	body   io.ReadCloser
	left   int64
	read   int64
	value  int   // of one piece, if positive: a decoder asks for as much at once as the value has that it cannot take in parts
	failed error // but for its end
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLarge
	}
	if b.value > 0 && len(p) > b.value {
		b.failed = errValue
		return 0, errValue
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	b.read += int64(n)
	if b.left < 0 {
		n, err = n-1, errTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// max is the limit of a body that was too large.
func (b *bounded) max() int64 { return b.read + b.left }

func (b *bounded) Close() error { return b.body.Close() }

// maxCAFile is far above the size of every root there is.
const maxCAFile = 16 << 20

// ReadRoots returns the system's root certificates and those of a PEM file. Without a file it returns nil, which means the
// system's. A pipe is waited for as long as the context says.
func ReadRoots(ctx context.Context, path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, _, err := textfile.Read(ctx, path, maxCAFile)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(separated(text)) {
		return nil, fmt.Errorf("%s holds no PEM certificate", path)
	}
	return roots, nil
}

// separated gives each line that begins or ends a PEM block a line of its own. RFC 7468 §2 wants that, and files that were
// put together from several, or went through a variable, do not have it.
func separated(text []byte) []byte {
	return regexp.MustCompile(`-----(BEGIN|END) [A-Z0-9 ]+-----`).ReplaceAll(text, []byte("\n$0\n"))
}
