package rest

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func rateHeaders(allowed, count, reset int) http.Header {
	h := http.Header{}
	h.Set("inin-ratelimit-allowed", strconv.Itoa(allowed))
	h.Set("inin-ratelimit-count", strconv.Itoa(count))
	h.Set("inin-ratelimit-reset", strconv.Itoa(reset))
	return h
}

// A run that fits into the allowance never waits, also where the service counts along.
func TestAFittingRunNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := NewPace(300)
		for i := range 300 {
			if wait := p.reserve(); wait != 0 {
				t.Fatalf("request %d waits %v", i+1, wait)
			}
			p.heed(rateHeaders(300, i, 60))
		}
		if wait := p.reserve(); wait != minute {
			t.Errorf("the 301st request waits %v", wait)
		}
	})
}

// No minute has more requests than are allowed, and after the first minute no time is lost.
func TestTheWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, start := NewPace(30), time.Now()
		var at []time.Time
		for range 100 {
			time.Sleep(p.reserve())
			at = append(at, time.Now())
			time.Sleep(time.Second / 10)
		}
		for i := range len(at) - 30 {
			if d := at[i+30].Sub(at[i]); d < time.Minute {
				t.Fatalf("requests %d to %d came within %v", i, i+30, d)
			}
		}
		if took := time.Since(start); took > 3*minute+2*time.Second {
			t.Errorf("100 requests took %v", took)
		}
	})
}

// The headers of the service slow a run down: where others use the token, where less is allowed, and where nothing is left.
func TestTheHeadersSlowDown(t *testing.T) {
	for name, test := range map[string]struct {
		header http.Header
		want   time.Duration // of the second request after it
	}{
		"others have used most of it":    {rateHeaders(300, 240, 30), 500 * time.Millisecond},
		"less is allowed":                {rateHeaders(8, 7, 30), 30 * time.Second},
		"nothing is left":                {rateHeaders(300, 300, 42), 42 * time.Second},
		"nothing is left, reset absurd":  {rateHeaders(300, 300, 9000), time.Minute},
		"much is left":                   {rateHeaders(300, 100, 30), 0},
		"no number":                      {http.Header{"Inin-Ratelimit-Allowed": {"x"}}, 0},
		"little is left, and it is ours": {rateHeaders(300, 1, 30), 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := NewPace(300)
				p.reserve()
				p.heed(test.header)
				if wait := p.reserve(); wait != test.want {
					t.Errorf("waits %v, want %v", wait, test.want)
				}
			})
		})
	}
}

func TestNoPace(t *testing.T) {
	p := NewPace(0)
	p.heed(rateHeaders(1, 1, 1))
	if p != nil {
		t.Error("0 a minute sets no pace")
	}
}
