package rest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// HTTPOptions configure an HTTP client. The zero value is right for the public internet.
type HTTPOptions struct {
	Transport http.RoundTripper // in place of the network; nil for the network
	CAFile    string            // PEM with further root certificates, beside the system's
	MaxBody   int64             // of any answer, for whoever uses the client; 0 for 64 MiB
}

// attemptTimeout ends one request with its answer, whatever the parts of it are doing.
const attemptTimeout = 60 * time.Second

// maxCAFile is far above the size of every root there is.
const maxCAFile = 16 << 20

// NewHTTPClient returns a client that uses the environment's proxy, TLS 1.2 or better and a limit on every wait and on
// every body, and that follows no redirect: a 307 would repeat a client secret to another host.
func NewHTTPClient(o HTTPOptions) (*http.Client, error) {
	roots, err := rootsWith(o.CAFile)
	if err != nil {
		return nil, err
	}
	transport := o.Transport
	if transport == nil {
		transport = network(roots)
	}
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	return &http.Client{
		Transport:     &bounding{next: transport, max: o.MaxBody},
		CheckRedirect: neverFollow,
		Timeout:       attemptTimeout,
	}, nil
}

func neverFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// network is the default transport's dialer and proxy with shorter patience.
func network(roots *x509.CertPool) *http.Transport {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		t = standard.Clone() // dials for 30 s at most, keeps connections for 90 s, speaks HTTP/2
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	t.TLSHandshakeTimeout = 15 * time.Second
	t.ResponseHeaderTimeout = attemptTimeout
	t.MaxResponseHeaderBytes = 1 << 20
	return t
}

// rootsWith returns the system's roots and those of a file; nil, which means the system's, without a file.
func rootsWith(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	pem, err := io.ReadAll(io.LimitReader(f, maxCAFile))
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no PEM certificate", path)
	}
	return roots, nil
}

// bounding is a transport that bounds the body of every answer.
type bounding struct {
	next http.RoundTripper
	max  int64
}

// RoundTrip implements http.RoundTripper.
func (b *bounding) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.Body != nil {
		resp.Body = &bounded{body: resp.Body, left: b.max}
	}
	return resp, nil
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the transport below.
func (b *bounding) CloseIdleConnections() {
	if next, ok := b.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

var errTooLarge = errors.New("the answer is too large")

// bounded is a body that fails, rather than ends, beyond its limit.
type bounded struct {
	body io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLarge
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, errTooLarge
	}
	return n, err
}

func (b *bounded) Close() error { return b.body.Close() }
