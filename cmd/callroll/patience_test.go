package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/report"
)

// grace is what a PUT in flight, and finding out what became of it, may take beyond --timeout.
const grace = 10 * time.Second

// dripping is a body that brings a byte a second, for ever, until nobody waits for it any more.
type dripping struct{ ctx context.Context }

func (d dripping) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	}
}

func (dripping) Close() error { return nil }

// slowly is a run in which the requests to one place are answered by answer, in a bubble.
func slowly(t *testing.T, p place, answer roundTrip) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{env: map[string]string{}, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr}
	a.wire = func(world http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			if !p.is(r) {
				return world.RoundTrip(r)
			}
			return answer(r)
		})
	}
	dir := play(t, "[]")
	began := time.Now()
	status := a.execute(t.Context(), append(p.args, "--sandbox", dir, "--timeout", "80s"))
	return ran{status: status, stdout: stdout.String(), stderr: stderr.String(), took: time.Since(began)}
}

// --timeout ends a run whatever a service does, and wherever it does it.
func TestNoServiceOutlastsTheTimeout(t *testing.T) {
	says := func(status int, body io.ReadCloser, header http.Header) *http.Response {
		return &http.Response{StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Body: body, ContentLength: -1}
	}
	for name, answer := range map[string]roundTrip{
		"a body that drips": func(r *http.Request) (*http.Response, error) {
			return says(http.StatusOK, dripping{r.Context()}, http.Header{}), nil
		},
		"an error that drips": func(r *http.Request) (*http.Response, error) {
			return says(http.StatusServiceUnavailable, dripping{r.Context()}, http.Header{}), nil
		},
		"silence": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		// A resolver that hangs is heard of when it is no longer waited for.
		"a name that is not found out": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "i/o timeout", Name: r.URL.Host, IsTimeout: true}}
		},
		"a day of Retry-After": func(*http.Request) (*http.Response, error) {
			return says(http.StatusTooManyRequests, http.NoBody, http.Header{"Retry-After": {"86400"}}), nil
		},
		"a date of Retry-After": func(*http.Request) (*http.Response, error) {
			tomorrow := time.Now().UTC().Add(24 * time.Hour).Format(http.TimeFormat)
			return says(http.StatusServiceUnavailable, http.NoBody, http.Header{"Retry-After": {tomorrow}}), nil
		},
	} {
		for _, p := range places() {
			t.Run(name+"/"+p.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					got := slowly(t, p, answer)
					if got.status != report.Unavailable || got.took > 80*time.Second+grace {
						t.Errorf("got %+v; want status 7 within 80 s, and %s for a PUT", got, grace)
					}
					if p.method != "PUT" && got.took > 80*time.Second {
						t.Errorf("it took %s, although nothing was in flight that writes", got.took)
					}
				})
			})
		}
	}
}
