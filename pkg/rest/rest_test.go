package rest_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/rest"
)

// answer plays one exchange.
type answer func(*http.Request) (*http.Response, error)

// script plays its answers one after another, the last one for ever, and remembers what was asked.
type script struct {
	mu      sync.Mutex
	answers []answer
	seen    []*http.Request
	at      []time.Time
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	next := s.answers[min(len(s.seen), len(s.answers)-1)]
	s.seen, s.at = append(s.seen, req), append(s.at, time.Now())
	s.mu.Unlock()
	return next(req)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// says answers with a status, a body and headers given as "Name: value".
func says(status int, body string, headers ...string) answer {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			h.Set(name, value)
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
}

func breaks(err error) answer {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func client(t *testing.T, transport http.RoundTripper, change ...func(*rest.Options)) *rest.Client {
	t.Helper()
	httpClient, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	o := rest.Options{Base: "https://service.example", HTTP: httpClient, RequestIDHeaders: []string{"request-id"}}
	for _, f := range change {
		f(&o)
	}
	c, err := rest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func get(path string) rest.Request { return rest.Request{Method: http.MethodGet, Path: path} }

func put(path string) rest.Request {
	return rest.Request{Method: http.MethodPut, Path: path, Body: []byte("{}"), Header: http.Header{"Idempotency-Key": {"k"}}}
}

// failure returns the *rest.Error in err.
func failure(t *testing.T, err error) *rest.Error {
	t.Helper()
	var e *rest.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v (%T) is no *rest.Error", err, err)
	}
	return e
}
