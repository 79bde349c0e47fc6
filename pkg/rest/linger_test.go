package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/rest"
)

func TestLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		longer, done := rest.Linger(ctx, 10*time.Second)
		defer done()
		time.Sleep(time.Minute)
		if longer.Err() != nil {
			t.Fatal("it ended although ctx has not")
		}
		cancel()
		time.Sleep(10*time.Second - 1)
		if longer.Err() != nil {
			t.Fatal("it ended before its time")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if longer.Err() == nil {
			t.Fatal("it did not end")
		}
	})
}

func TestUnderLingerOneRequestIsSentWithoutRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		longer, done := rest.Linger(ctx, 10*time.Second)
		defer done()
		cancel()
		s := &script{answers: []answer{says(503, "")}}
		c := client(t, s, func(o *rest.Options) { o.Pace = rest.NewPace(1) })
		for i := range 2 { // the pace does not hold up the last requests either
			start := time.Now()
			_, err := c.Do(longer, get("/x"), nil)
			if s.count() != i+1 || time.Since(start) != 0 || failure(t, err).Status != 503 {
				t.Fatalf("sent %d times in %v: %v; want once, at once", s.count(), time.Since(start), err)
			}
		}
	})
}

func TestUnderLingerARequestInFlightIsFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		longer, done := rest.Linger(ctx, 10*time.Second)
		defer done()
		s := &script{answers: []answer{func(req *http.Request) (*http.Response, error) {
			cancel()
			select {
			case <-time.After(3 * time.Second):
				return says(200, "")(req)
			case <-req.Context().Done():
				return nil, req.Context().Err()
			}
		}}}
		if _, err := client(t, s).Do(longer, put("/x"), nil); err != nil {
			t.Errorf("the write in flight failed: %v", err)
		}
	})
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{says(200, "{}")}}
		var waits []rest.Wait
		c := client(t, s, func(o *rest.Options) {
			o.Pace = rest.NewPace(30)
			o.Trace.Wait = func(w rest.Wait) { waits = append(waits, w) }
		})
		for range 65 {
			if _, err := c.Do(t.Context(), get("/x"), nil); err != nil {
				t.Fatal(err)
			}
		}
		for i := range len(s.at) - 30 {
			if d := s.at[i+30].Sub(s.at[i]); d < time.Minute {
				t.Fatalf("requests %d to %d came within %v", i, i+30, d)
			}
		}
		if len(waits) == 0 || !strings.Contains(waits[0].Why, "requests_per_minute") {
			t.Errorf("waits %v, want to be told of them", waits)
		}
	})
}

func TestUnderLingerA401IsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		longer, done := rest.Linger(ctx, 10*time.Second)
		defer done()
		cancel()
		s := &script{answers: []answer{says(401, "{}"), says(200, "{}")}}
		_, err := client(t, s, func(o *rest.Options) { o.Token = staticToken("a-token") }).Do(longer, put("/x"), nil)
		if s.count() != 1 || failure(t, err).Status != 401 {
			t.Errorf("sent %d times: %v; want once, and the 401", s.count(), err)
		}
	})
}
