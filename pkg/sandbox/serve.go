package sandbox

import (
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

// The files that Serve writes beside the others.
const (
	TLSConfig = "tls.yaml" // callroll's configuration to reach the server
	caFile    = "ca.pem"
)

// ServeOptions say where a World listens.
type ServeOptions struct {
	Listen string // host and port; 127.0.0.1:0 when empty
	Public bool   // may be reached from other machines; without it an address that is not loopback is refused
}

// Server is a World on a TLS socket.
type Server struct {
	URL        string // https://host:port, of all four services
	ConfigPath string // tls.yaml, with which callroll reaches it

	done chan struct{}
	err  error
}

// Serve puts a World that has a folder on a TLS socket, until ctx is done. The authority that vouches for it is made for
// this server alone; its certificate stands in ca.pem of the folder, its key nowhere.
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
		ErrorLog:          log.New(io.Discard, "", 0), // cut connections are what faults are for
		BaseContext:       func(net.Listener) context.Context { return ctx },
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}},
		TLSNextProto:      map[string]func(*http.Server, *tls.Conn, http.Handler){}, // HTTP/2 has streams to cut, and no connection
	})
	return s, nil
}

// address is the URL of a listener. One that listens everywhere is reached here under the first of its addresses.
func address(listening net.Addr) string {
	host, port, err := net.SplitHostPort(listening.String())
	if ip := net.ParseIP(host); err == nil && ip.IsUnspecified() {
		return "https://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "https://" + listening.String()
}

// Wait returns when the server has ended, and why if it was not told to.
func (s *Server) Wait() error {
	<-s.done
	return s.err
}

// run serves until ctx is done, and then lets the requests that are being answered end.
func (s *Server) run(ctx context.Context, listener net.Listener, server *http.Server) {
	defer close(s.done)
	failed := make(chan error, 1)
	go func() { failed <- server.ServeTLS(listener, "", "") }()
	select {
	case err := <-failed:
		s.err = fmt.Errorf("sandbox: %w", err)
	case <-ctx.Done():
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if server.Shutdown(patience) != nil {
			_ = server.Close() // whoever is still connected has been given time
		}
		if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
			s.err = fmt.Errorf("sandbox: %w", err)
		}
	}
}

// listen refuses an address that others could reach, unless that is wanted.
func (o ServeOptions) listen(ctx context.Context) (net.Listener, error) {
	address := o.Listen
	if address == "" {
		address = "127.0.0.1:0"
	}
	resolved, err := net.ResolveTCPAddr("tcp", address)
	switch {
	case err != nil:
		return nil, fmt.Errorf("listen: %w", err)
	case !resolved.IP.IsLoopback() && !o.Public:
		return nil, fmt.Errorf("listen: %s is not a loopback address, and other machines could reach it", address)
	}
	return new(net.ListenConfig).Listen(ctx, "tcp", resolved.String())
}

// prepare makes the certificates, and writes what a client needs.
func (w *World) prepare(url string, address net.Addr) (tls.Certificate, error) {
	leaf, authority, err := makeCertificates(address)
	if err != nil {
		return leaf, fmt.Errorf("sandbox: certificate: %w", err)
	}
	leave, err := w.enter(context.Background())
	if err != nil {
		return leaf, err
	}
	defer leave()
	return leaf, errors.Join(w.folder.replace(caFile, authority), w.writeTLSConfig(url))
}
