package sandbox

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"path/filepath"
	"time"
)

// The files that Serve writes in the folder.
const (
	TLSConfig = "tls.yaml" // callroll's configuration to reach the server
	caFile    = "ca.pem"
)

// ServeOptions say where a World listens.
type ServeOptions struct {
	Listen string // host and port; 127.0.0.1:0 if empty
	Public bool   // allow addresses that other machines can reach; otherwise only loopback addresses are allowed
}

// Server is a World on a TLS socket. See [World.Serve].
type Server struct {
	URL        string // https://host:port, for all four services
	ConfigPath string // tls.yaml, the configuration to use it

	done chan struct{}
	err  error
}

// Serve serves a World that has a folder on a TLS socket, until ctx is done. It creates a certificate authority for this
// server only: the certificate is written to ca.pem in the folder, and the key is not stored.
func (w *World) Serve(ctx context.Context, o ServeOptions) (*Server, error) {
	if w.folder == nil {
		return nil, errors.New("sandbox: serve needs a World with a folder")
	}
	listener, err := o.listen(ctx)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Server{URL: address(listener.Addr()), ConfigPath: filepath.Join(w.folder.dir, TLSConfig), done: make(chan struct{})}
	certificate, err := w.prepare(s.URL, listener.Addr())
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	go s.run(ctx, listener, &http.Server{
		Handler:           w,
		ReadHeaderTimeout: 30 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // faults close connections on purpose
		BaseContext:       func(net.Listener) context.Context { return ctx },
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}},
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // HTTP/1.1 only: faults close connections
	})
	return s, nil
}

// address returns the URL of a listener. If it listens on all addresses, the URL has the loopback address.
func address(listening net.Addr) string {
	host, port, err := net.SplitHostPort(listening.String())
	if ip := net.ParseIP(host); err == nil && ip.IsUnspecified() {
		return "https://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "https://" + listening.String()
}

// Wait waits until the server has ended. It returns an error if it ended for another reason than ctx.
func (s *Server) Wait() error {
	<-s.done
	return s.err
}

// run serves until ctx is done, and then waits for the requests that are being answered.
func (s *Server) run(ctx context.Context, listener net.Listener, server *http.Server) {
	defer close(s.done)
	failed := make(chan error, 1)
	go func() { failed <- server.ServeTLS(listener, "", "") }()
	select {
	case err := <-failed:
		s.err = fmt.Errorf("sandbox: %w", err)
	case <-ctx.Done():
		shutdownCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(shutdownCtx) != nil {
			_ = server.Close() // the remaining clients had enough time
		}
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			s.err = fmt.Errorf("sandbox: %w", err)
		}
	}
}

// listen refuses an address that other machines can reach, unless Public is set.
func (o ServeOptions) listen(ctx context.Context) (net.Listener, error) {
	address := cmp.Or(o.Listen, "127.0.0.1:0")
	resolved, err := net.ResolveTCPAddr("tcp", address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("listen: %w", err)
	case !resolved.IP.IsLoopback() && !o.Public:
		return nil, fmt.Errorf("listen: %s is not a loopback address, and other machines could reach it", address)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", resolved.String())
}

// prepare creates the certificates, and writes the files that a client needs.
func (w *World) prepare(url string, address net.Addr) (tls.Certificate, error) {
	leaf, authority, err := createCertificates(address)
	if err != nil {
		return leaf, fmt.Errorf("sandbox: certificate: %w", err)
	}
	unlock, err := w.lock(context.Background())
	if err != nil {
		return leaf, err
	}
	defer unlock()
	return leaf, errors.Join(w.folder.replace(caFile, authority), w.writeTLSConfig(url))
}
