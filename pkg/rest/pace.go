package rest

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/callroll/callroll/pkg/internal/timer"
)

// Pace keeps the requests of any minute below a number. A run with fewer requests than that never waits. Clients that share a
// service's allowance share a Pace, which is safe for concurrent use. A nil Pace sets none.
type Pace struct {
	perMinute int

	mu      sync.Mutex
	sent    []time.Time   // when the last requests were or will be sent, at most perMinute of them, oldest first
	spacing time.Duration // between two requests, while a service says that little is left
	resume  time.Time     // before it nothing is sent
}

// minute is how long a request counts. It is a second more than the minute of the service, which counts requests as they
// arrive: one that took long to arrive counts there longer than here.
const minute = time.Minute + time.Second

// NewPace allows perMinute requests in any minute; nil, which sets no pace, if that is not positive.
func NewPace(perMinute int) *Pace {
	if perMinute <= 0 {
		return nil
	}
	return &Pace{perMinute: perMinute}
}

// heed slows down where the service says, in the headers inin-ratelimit-allowed, -count and -reset (seconds), that little is
// left: another process has the same token, or the service allows less than is configured. The last quarter of what is allowed
// is spread over the time that is left, and when nothing is left nothing is sent before that is over. A service that has
// counted no more than was sent from here, and allows as much as is configured, has nothing to add. The headers never hasten a
// run, because the vendor calls them deprecated and not always right.
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

// recent counts the requests of the minute before a time.
func (p *Pace) recent(at time.Time) int {
	n := len(p.sent)
	for n > 0 && p.sent[n-1].After(at.Add(-minute)) {
		n--
	}
	return len(p.sent) - n
}

// reserve takes the next turn, and says how long it is until then.
func (p *Pace) reserve() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	at := latest(now, p.resume)
	if n := len(p.sent); n > 0 {
		at = latest(at, p.sent[n-1].Add(p.spacing))
	}
	if len(p.sent) == p.perMinute {
		at = latest(at, p.sent[0].Add(minute))
		p.sent = p.sent[1:]
	}
	p.sent = append(p.sent, at)
	return at.Sub(now)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// pace waits until the next request is due. Once nobody has patience any more it does not wait: what may still be sent
// is the last request of the run.
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
