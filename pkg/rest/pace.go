package rest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/callroll/callroll/pkg/internal/timer"
)

// Pace limits the number of requests in any minute. A run with fewer requests never waits. Clients that share the rate limit
// of a service share a Pace. It is safe for concurrent use. A nil *Pace sets no limit.
type Pace struct {
	perMinute int

	mu      sync.Mutex
	sent    []time.Time   // when the last requests were or will be sent; at most perMinute of them, oldest first
	spacing time.Duration // minimum time between two requests, while the service says that little is left
	resume  time.Time     // no request is sent before this time
}

// minute is how long a request counts. It is a second longer than the minute of the service, which counts requests when they
// arrive: a request that takes long to arrive still counts there when it no longer counts here.
const minute = time.Minute + time.Second

// NewPace returns a Pace that allows perMinute requests in any minute. It returns nil if perMinute is not positive.
func NewPace(perMinute int) *Pace {
	if perMinute <= 0 {
		return nil
	}
	return &Pace{perMinute: perMinute}
}

// heed slows down if the service says in the headers inin-ratelimit-allowed, -count and -reset (in seconds) that little is
// left. That happens if another process uses the same token, or if the service allows less than is configured. The last
// quarter of the allowed requests is spread over the remaining time; if none is left, nothing is sent until that time is over.
// heed changes nothing if the service has counted no more requests than were sent from here and allows as many as are
// configured. The headers never speed up a run, because the vendor says that they are deprecated and not always right.
func (p *Pace) heed(header http.Header) {
	if p == nil {
		return
	}
	number := func(name string) (int, bool) {
		n, err := strconv.Atoi(header.Get("inin-ratelimit-" + name))
		return n, err == nil
	}
	allowed, given := number("allowed")
	count, counted := number("count")
	reset, timed := number("reset")
	if !given || !counted || !timed || allowed <= 0 || count < 0 || reset < 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	left, until := allowed-count, min(time.Duration(reset)*time.Second, time.Minute)
	p.spacing = 0
	switch {
	case left <= 0:
		p.resume = now.Add(until)
	case allowed >= p.perMinute && count <= p.recent(now):
	case left <= allowed/4:
		p.spacing = max(until, time.Second) / time.Duration(left)
	}
}

// recent returns the number of requests in the minute before a time.
func (p *Pace) recent(at time.Time) int {
	n := len(p.sent)
	for n > 0 && p.sent[n-1].After(at.Add(-minute)) {
		n--
	}
	return len(p.sent) - n
}

// reserve takes the next free time for a request, and returns how long it is until then.
func (p *Pace) reserve() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	bounds := []time.Time{now, p.resume}
	if n := len(p.sent); n > 0 {
		bounds = append(bounds, p.sent[n-1].Add(p.spacing))
	}
	if len(p.sent) == p.perMinute {
		bounds = append(bounds, p.sent[0].Add(minute))
		p.sent = p.sent[1:]
	}
	at := slices.MaxFunc(bounds, time.Time.Compare)
	p.sent = append(p.sent, at)
	return at.Sub(now)
}

// pace waits until the next request may be sent. It does not wait after the context of patience has ended: the request is
// then the last one of the run.
func (c *Client) pace(ctx context.Context) error {
	early := patience(ctx)
	if c.opts.Pace == nil || early.Err() != nil {
		return nil
	}
	delay := c.opts.Pace.reserve()
	if delay <= 0 {
		return nil
	}
	c.opts.Trace.wait(Wait{Host: c.base.Host, Why: "the pace of requests_per_minute", For: delay, Pace: true})
	return timer.Wait(early, delay)
}
