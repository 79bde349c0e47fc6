package rest

import (
	"cmp"
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

// HTTPOptions configure an HTTP client. The zero value works on the public internet.
type HTTPOptions struct {
	Transport http.RoundTripper // used instead of the network; nil for the network
	Roots     *x509.CertPool    // see ReadRoots; nil for the roots of the system
	// Env is the environment that names the proxy, in https_proxy or all_proxy with the exceptions in no_proxy, each also in
	// upper case. nil means the environment of the process. It is not used with a Transport.
	Env     map[string]string
	MaxBody int64 // maximum size of any response body in bytes; 0 means 256 MiB; a Client has its own lower limit
}

// attemptTimeout is the time limit for one request, including reading its response.
const attemptTimeout = 60 * time.Second

// mostOfAnyBody is the default of HTTPOptions.MaxBody.
const mostOfAnyBody = 256 << 20

// keptConnections is the maximum number of idle connections to a host, enough for the largest concurrency.
const keptConnections = 64

// NewHTTPClient returns a client that uses the proxy of the environment, requires TLS 1.2 or later, and limits the time of
// every request and the size of every body. It follows no redirects, because a 307 would repeat a client secret to another
// host. If the proxy cannot be read, the error is a [*VariableError].
//
// If a service sends more than its response, net/http writes to the standard logger of package log and quotes the extra bytes,
// which may be a token. A program that uses the client must set an output for that logger that does not show them, as
// cmd/callroll does.
func NewHTTPClient(o HTTPOptions) (*http.Client, error) {
	transport := o.Transport
	if transport == nil {
		proxy, err := proxyFrom(environment(o.Env))
		if err != nil {
			return nil, err
		}
		transport = network(o.Roots, proxy)
	}
	return &http.Client{
		Transport:     &boundedTransport{next: transport, max: cmp.Or(max(o.MaxBody, 0), mostOfAnyBody)},
		CheckRedirect: neverFollow,
		Timeout:       attemptTimeout,
	}, nil
}

func neverFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// environment returns env, or the environment of the process if env is nil.
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

// network returns the default transport with shorter timeouts and the given proxy and roots.
func network(roots *x509.CertPool, proxy proxyChoice) *http.Transport {
	t := &http.Transport{}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		t = standard.Clone() // connects within 30 s, and closes idle connections after 90 s
	}
	t.Proxy = func(req *http.Request) (*url.URL, error) { return proxy(req.URL) }
	t.OnProxyConnectResponse = connected
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	t.TLSHandshakeTimeout = 15 * time.Second
	t.ResponseHeaderTimeout = attemptTimeout
	t.MaxResponseHeaderBytes = 1 << 20
	t.DisableCompression = true // boundedTransport decompresses
	// With HTTP/1.1 a service that sends faster than the client reads has to wait. HTTP/2 would buffer megabytes of each
	// response.
	t.ForceAttemptHTTP2, t.TLSNextProto = false, map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.MaxIdleConnsPerHost = keptConnections
	return t
}

// boundedTransport decompresses the body of every response and limits its size. It uses a faster decoder than net/http, and
// limits the decompressed size, because a small body may decompress to a large one.
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

// CloseIdleConnections makes http.Client.CloseIdleConnections work with the wrapped transport.
func (b *boundedTransport) CloseIdleConnections() {
	if next, ok := b.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// gzipBody is a body that is decompressed when it is read.
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

// bounded is a body that returns an error after its limit, and not io.EOF. It records the error with which reading has failed.
type bounded struct {
	body   io.ReadCloser
	left   int64
	read   int64
	value  int   // if positive, the maximum size of one read: a decoder asks for the rest of a value that it cannot read in parts
	failed error // the first error other than io.EOF
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

// max returns the limit of a body that was too large.
func (b *bounded) max() int64 { return b.read + b.left }

func (b *bounded) Close() error { return b.body.Close() }

// maxCAFile is the maximum size of a CA file in bytes, far more than all public root certificates take.
const maxCAFile = 16 << 20

// ReadRoots returns the root certificates of the system and those in a PEM file. If path is empty it returns nil, which means
// the roots of the system. If path is a pipe, ReadRoots waits for it until ctx ends.
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

// separated puts each BEGIN or END line of a PEM block on a line of its own, as RFC 7468 §2 requires. Files that were joined
// from several files, or passed through an environment variable, may not have these line ends.
func separated(text []byte) []byte {
	return regexp.MustCompile(`-----(BEGIN|END) [A-Z0-9 ]+-----`).ReplaceAll(text, []byte("\n$0\n"))
}
