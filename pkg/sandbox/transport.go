package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/google/uuid"
)

// call is a request that has arrived whole.
type call struct {
	id      string // the id that the answer and the log carry
	side    side
	host    string // the ordinary host of the service, also on sockets
	address string // the host that was really asked
	origin  string // scheme and address: what links begin with
	sockets bool
	method  string
	url     *url.URL
	header  http.Header
	body    []byte
}

// reply is what goes back.
type reply struct {
	status int
	header http.Header
	body   []byte
	drop   bool // the connection is cut and nothing goes back
	cut    int  // the body breaks off after so many bytes; negative: it does not
}

// RoundTrip answers a request to one of the World's hosts. Any other host cannot be resolved, and a file of the folder that
// cannot be read fails the request.
func (w *World) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if req.URL.Scheme != "https" {
		return nil, fmt.Errorf("sandbox: %s: only https is spoken here", req.URL.Redacted())
	}
	c, err := newCall(req, strings.TrimSuffix(strings.ToLower(req.URL.Host), ":443"), "https")
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

// ServeHTTP answers on a socket. The path tells the vendor: /oauth/token and /api/ are Genesys, /v1.0/ is Graph, the rest is
// Entra's sign-in.
func (w *World) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	scheme := "http"
	if req.TLS != nil {
		scheme = "https"
	}
	c, err := newCall(req, req.Host, scheme)
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away in the middle of its request
	}
	c.sockets = true
	r, err := w.answer(req.Context(), c)
	switch {
	case errors.Is(err, context.Canceled), err == nil && r.drop:
		panic(http.ErrAbortHandler)
	case err != nil:
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	for name, values := range r.header {
		rw.Header()[name] = values
	}
	rw.WriteHeader(r.status)
	if r.cut < 0 {
		_, _ = rw.Write(r.body) // a client that has gone away is no concern of ours
		return
	}
	_, _ = rw.Write(r.body[:min(r.cut, len(r.body))])
	_ = http.NewResponseController(rw).Flush()
	panic(http.ErrAbortHandler)
}

func newCall(req *http.Request, address, scheme string) (*call, error) {
	c := &call{
		id:      uuid.NewString(),
		address: address,
		origin:  scheme + "://" + address,
		method:  req.Method,
		url:     req.URL,
		header:  req.Header,
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	if req.Body == nil {
		return c, nil
	}
	var err error
	c.body, err = io.ReadAll(io.LimitReader(req.Body, 4*maxBody))
	return c, err
}

// path returns the path as it was written, and segments its unescaped parts.
func (c *call) path() string { return c.url.EscapedPath() }

func (c *call) segments() []string {
	parts := strings.Split(strings.TrimPrefix(c.path(), "/"), "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			parts[i] = plain
		}
	}
	return parts
}

// answer is one turn of the World: the files are read, a fault is played or the request carried out, the state is written
// and the request logged, and only then the answer leaves.
func (w *World) answer(ctx context.Context, c *call) (*reply, error) {
	leave, err := w.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { leave() }()
	if err := w.route(c); err != nil {
		return nil, err
	}
	fault := w.faults.pick(c)
	if fault.Delay > 0 || fault.Hold != "" {
		leave()
		late := w.await(ctx, fault.Fault)
		if leave, err = w.enter(context.WithoutCancel(ctx)); err != nil {
			leave = func() {}
			return nil, err
		}
		if late != nil {
			return nil, errors.Join(late, w.record(c, &reply{}, fault))
		}
	}
	r, err := w.play(c, fault)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.save(), w.record(c, r, fault)); err != nil {
		return nil, err
	}
	if fault.Kill {
		return nil, die()
	}
	if fault.Panic {
		panic(fmt.Sprintf("sandbox: fault %d: %s", fault.index, fault.Match))
	}
	return r, nil
}

// response makes of a reply what http.Transport would have made of it.
func (r *reply) response(req *http.Request) *http.Response {
	var body io.Reader = bytes.NewReader(r.body)
	if r.cut >= 0 && r.cut < len(r.body) {
		body = io.MultiReader(bytes.NewReader(r.body[:r.cut]), brokenReader{})
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
