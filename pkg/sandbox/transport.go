package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/google/uuid"
)

// request is a request that was received completely.
type request struct {
	id      string // the id in the answer and in the log
	service service
	host    string // the service's real host, also on sockets
	address string // the host that received the request
	origin  string // scheme and address: the beginning of links
	sockets bool
	method  string
	url     *url.URL
	header  http.Header
	body    []byte
}

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   []byte
	drop   bool // close the connection without an answer
	cut    *int // truncate the body after so many bytes; nil for no truncation
}

// RoundTrip answers a request to one of the World's hosts. Any other host cannot be resolved. If a file of the folder
// cannot be read, RoundTrip returns an error.
func (w *World) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	port := ":443"
	if req.URL.Scheme == "http" {
		port = ":80"
	}
	c, err := newRequest(req, strings.TrimSuffix(strings.ToLower(req.URL.Host), port), req.URL.Scheme)
	if err != nil {
		return nil, err
	}
	r, err := w.answer(req.Context(), c)
	if err != nil {
		return nil, err
	}
	if r.drop {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	return r.response(req), nil
}

// ServeHTTP answers on a socket. The path selects the service: /oauth/token and /api/ are Genesys, /v1.0/ is Graph, a path
// that ends with /idtoken is GitHub Actions, one that ends with /oidctoken is Azure DevOps, /metadata/identity/ and /msi/token
// are those of managed identities, and the rest is Entra's sign-in.
func (w *World) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	scheme := "http"
	if req.TLS != nil {
		scheme = "https"
	}
	c, err := newRequest(req, req.Host, scheme)
	if err != nil {
		panic(http.ErrAbortHandler) // the client closed the connection during its request
	}
	c.sockets = true
	r, err := w.answer(req.Context(), c)
	switch {
	case err != nil && req.Context().Err() != nil, err == nil && r.drop:
		panic(http.ErrAbortHandler)
	case err != nil:
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	maps.Copy(rw.Header(), r.header)
	rw.WriteHeader(r.status)
	if r.cut == nil {
		_, _ = rw.Write(r.body) // ignore clients that closed the connection
		return
	}
	_, _ = rw.Write(r.body[:min(*r.cut, len(r.body))])
	_ = http.NewResponseController(rw).Flush()
	panic(http.ErrAbortHandler)
}

func newRequest(req *http.Request, address, scheme string) (*request, error) {
	c := &request{
		id:      uuid.NewString(),
		address: address,
		origin:  scheme + "://" + address,
		method:  cmp.Or(req.Method, http.MethodGet),
		url:     req.URL,
		header:  req.Header,
	}
	if req.Body == nil {
		return c, nil
	}
	var err error
	c.body, err = io.ReadAll(io.LimitReader(req.Body, 4*maxBody))
	return c, err
}

// path returns the escaped path. segments returns its unescaped parts.
func (c *request) path() string { return c.url.EscapedPath() }

func (c *request) segments() []string {
	parts := strings.Split(strings.TrimPrefix(c.path(), "/"), "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			parts[i] = plain
		}
	}
	return parts
}

// answer handles one request: it reads the files, plays a fault or carries out the request, writes the state, logs the
// request, and then returns the answer.
func (w *World) answer(ctx context.Context, c *request) (*reply, error) {
	unlock, err := w.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { unlock() }()
	if err := w.route(c); err != nil {
		return nil, err
	}
	fault := w.faults.next(c)
	if fault.Delay > 0 || fault.Hold != "" {
		unlock()
		late := w.waitForFault(ctx, fault.Fault)
		if unlock, err = w.lock(context.WithoutCancel(ctx)); err != nil {
			unlock = func() {}
			return nil, err
		}
		if late != nil {
			return nil, errors.Join(late, w.record(c, &reply{}, fault))
		}
	}
	r, err := w.respond(c, fault)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.save(), w.record(c, r, fault)); err != nil {
		return nil, err
	}
	if fault.Kill {
		return nil, killProcess()
	}
	if fault.Panic {
		panic(fmt.Sprintf("sandbox: fault %d: %s", fault.index, fault.Match))
	}
	return r, nil
}

// response returns the http.Response for a reply, as http.Transport would.
func (r *reply) response(req *http.Request) *http.Response {
	var body io.Reader = bytes.NewReader(r.body)
	if r.cut != nil && *r.cut < len(r.body) {
		body = io.MultiReader(bytes.NewReader(r.body[:*r.cut]), brokenReader{})
	}
	return &http.Response{
		Status:        strconv.Itoa(r.status) + " " + http.StatusText(r.status),
		StatusCode:    r.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.header,
		Body:          io.NopCloser(body),
		ContentLength: int64(len(r.body)),
		Request:       req,
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
