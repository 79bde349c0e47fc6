package rest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/rest"
)

func TestWhatIsTriedAgain(t *testing.T) {
	cut := errors.New("connection reset by peer")
	tests := []struct {
		name       string
		first      answer
		gets, puts int // how often it is sent before it is given up
		kind       rest.Kind
	}{
		{name: "408", first: says(408, ""), gets: 5, puts: 1, kind: rest.Unclear},
		{name: "429", first: says(429, ""), gets: 5, puts: 5, kind: rest.Throttled},
		{name: "500", first: says(500, ""), gets: 5, puts: 1, kind: rest.Unclear},
		{name: "501", first: says(501, ""), gets: 1, puts: 1, kind: rest.Unclear},
		{name: "502", first: says(502, "<html>"), gets: 5, puts: 1, kind: rest.Unclear},
		{name: "503", first: says(503, ""), gets: 5, puts: 1, kind: rest.Unclear},
		{name: "504", first: says(504, ""), gets: 5, puts: 1, kind: rest.Unclear},
		{name: "509", first: says(509, ""), gets: 5, puts: 1, kind: rest.Unclear},
		{name: "cut", first: breaks(cut), gets: 5, puts: 1, kind: rest.Unclear},
		{name: "400", first: says(400, "{}"), gets: 1, puts: 1, kind: rest.Refused},
		{name: "403", first: says(403, "{}"), gets: 1, puts: 1, kind: rest.Refused},
		{name: "404", first: says(404, "{}"), gets: 1, puts: 1, kind: rest.Refused},
		{name: "409", first: says(409, "{}"), gets: 1, puts: 1, kind: rest.Refused},
		{name: "302", first: says(302, "", "Location: https://evil.example/x?token=1"), gets: 1, puts: 1, kind: rest.Elsewhere},
		{name: "304", first: says(304, ""), gets: 1, puts: 1, kind: rest.Elsewhere},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, call := range []struct {
					request rest.Request
					want    int
				}{{get("/x"), tt.gets}, {put("/x"), tt.puts}} {
					s := &script{answers: []answer{tt.first}}
					var into map[string]any
					_, err := client(t, s).Do(t.Context(), call.request, &into)
					if e := failure(t, err); e.Kind != tt.kind {
						t.Errorf("%s: kind %q, want %q (%v)", call.request.Method, e.Kind, tt.kind, err)
					}
					if s.count() != call.want {
						t.Errorf("%s was sent %d times, want %d", call.request.Method, s.count(), call.want)
					}
				}
			})
		})
	}
}

func TestSucceedsAfterTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{says(503, ""), breaks(io.ErrUnexpectedEOF), says(429, "", "Retry-After: 7"), says(200, `{"a":1}`)}}
		var waits []rest.Wait
		c := client(t, s, func(o *rest.Options) { o.Trace.Wait = func(w rest.Wait) { waits = append(waits, w) } })
		var into struct {
			A int `json:"a"`
		}
		answer, err := c.Do(t.Context(), get("/x"), &into)
		if err != nil || answer.Status != 200 || into.A != 1 {
			t.Fatalf("Do = %v, %v, body %v; want 200 and 1", answer.Status, err, into)
		}
		if len(waits) != 3 || waits[2].For != 7*time.Second || !strings.Contains(waits[2].Why, "429") || strings.Contains(waits[2].Why, "asks to wait") || waits[0].Host != "service.example" {
			t.Errorf("waits %+v, want three, the last of 7s because of a 429", waits)
		}
		for i, most := range []time.Duration{1500 * time.Millisecond, 3 * time.Second} {
			if waits[i].For < most/3 || waits[i].For > most {
				t.Errorf("wait %d is %v, want one within %v and %v", i, waits[i].For, most/3, most)
			}
		}
	})
}

// Incident 24: throttling became a storm.
func TestRetryAfter(t *testing.T) {
	tests := []struct {
		name, header, date string
		wait               time.Duration // exactly, if not 0
		calls              int
		words              string // of the error, after "asks to wait"
	}{
		{name: "seconds", header: "42", wait: 42 * time.Second, calls: 2},
		{name: "the most that is obeyed", header: "120", wait: 120 * time.Second, calls: 2},
		{name: "more", header: "121", calls: 1},
		{name: "for ever", header: "99999999999999999999999", calls: 1, words: "a year or more"},
		{name: "a fraction", header: "8.5", wait: 8500 * time.Millisecond, calls: 2},
		{name: "a long fraction", header: "299.997", calls: 1, words: "4m59.997s"},
		{name: "several", header: "5, 42, 7", wait: 42 * time.Second, calls: 2},
		{name: "date", header: "Sat, 01 Jan 2000 00:00:50 GMT", wait: 50 * time.Second, calls: 2},
		{name: "date by the service's own clock", header: "Wed, 01 May 2030 00:00:20 GMT", date: "Wed, 01 May 2030 00:00:00 GMT", wait: 20 * time.Second, calls: 2},
		{name: "far date", header: "Sun, 02 Jan 2000 00:00:00 GMT", calls: 1},
		{name: "past date", header: "Fri, 31 Dec 1999 00:00:00 GMT", calls: 2},
		{name: "absent", calls: 2},
		{name: "nonsense", header: "soon", calls: 2},
		{name: "negative", header: "-5", calls: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{says(429, "", "Retry-After: "+tt.header, "Date: "+tt.date), says(200, "{}")}}
				start := time.Now()
				_, err := client(t, s).Do(t.Context(), get("/x"), nil)
				if s.count() != tt.calls || (err == nil) != (tt.calls == 2) {
					t.Fatalf("sent %d times, error %v; want %d", s.count(), err, tt.calls)
				}
				passed := time.Since(start)
				switch {
				case tt.calls == 1:
					if e := failure(t, err); e.RetryAfter <= 120*time.Second || e.Kind != rest.Throttled || passed > 0 || !strings.Contains(err.Error(), "asks to wait "+tt.words) {
						t.Errorf("after %v: %v, want to give up at once and say how long the service wanted", passed, err)
					}
				case tt.wait != 0 && passed != tt.wait:
					t.Errorf("waited %v, want %v", passed, tt.wait)
				case tt.wait == 0 && (passed < time.Second/2 || passed > 3*time.Second/2):
					t.Errorf("waited %v, want about a second", passed)
				}
			})
		})
	}
}

func TestWaitsAreAtMostMaxApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{says(503, "")}}
		c := client(t, s, func(o *rest.Options) { o.Retry = rest.Retry{Attempts: 12} })
		_, _ = c.Do(t.Context(), get("/x"), nil)
		if s.count() != 12 {
			t.Fatalf("sent %d times, want 12", s.count())
		}
		for i := 1; i < len(s.at); i++ {
			if d := s.at[i].Sub(s.at[i-1]); d > 30*time.Second {
				t.Errorf("attempt %d came after %v, want 30s at most", i+1, d)
			}
		}
	})
}

func TestNothingIsSentOnceTheContextIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := errors.New("stopped by a signal")
		ctx, cancel := context.WithCancelCause(t.Context())
		s := &script{answers: []answer{says(503, "", "request-id: r1")}}
		time.AfterFunc(100*time.Millisecond, func() { cancel(stop) })
		_, err := client(t, s).Do(ctx, get("/x"), nil)
		if s.count() != 1 || !errors.Is(err, stop) || failure(t, err).Status != 503 || !strings.Contains(err.Error(), "r1") {
			t.Errorf("sent %d times: %v; want once, with the 503 and the signal", s.count(), err)
		}
		_, err = client(t, s).Do(ctx, get("/x"), nil)
		if s.count() != 1 || !errors.Is(err, stop) || failure(t, err).Kind != rest.NotSent {
			t.Errorf("sent %d times: %v; want nothing more to be sent", s.count(), err)
		}
	})
}

func TestTheLastCauseIsKeptWhenAnAttemptIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &script{answers: []answer{says(503, ""), func(req *http.Request) (*http.Response, error) {
			cancel()
			<-req.Context().Done()
			return nil, req.Context().Err()
		}}}
		_, err := client(t, s).Do(ctx, get("/x"), nil)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "503") {
			t.Errorf("error %v, want the cancellation and the 503 before", err)
		}
	})
}
