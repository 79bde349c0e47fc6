package rest

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Pace spreads requests over time. Clients that share a service's allowance share a Pace, which is safe for concurrent
// use. A nil Pace sets none.
type Pace struct {
	limiter *rate.Limiter
	usual   rate.Limit

	mu     sync.Mutex
	resume time.Time // before it nothing is sent
}

// NewPace allows perMinute requests in any minute, a few of them at once; nil, which sets no pace, if that is not
// positive.
func NewPace(perMinute int) *Pace {
	if perMinute <= 0 {
		return nil
	}
	burst := min(max(perMinute/30, 1), 10)
	usual := rate.Limit(float64(perMinute-burst+1) / 60)
	return &Pace{limiter: rate.NewLimiter(usual, burst), usual: usual}
}

// window is the longest time for which a service is believed to count.
const window = time.Minute

// heed slows down where the service says, in the headers inin-ratelimit-allowed, -count and -reset (seconds), that little is
// left: another process has the same token, or the service allows less than is configured. The last quarter of what is allowed
// is spread over the time that is left, and when nothing is left nothing is sent before that is over. It never hastens,
// because the vendor calls these headers deprecated and not always right.
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
	left, until := allowed-count, min(time.Duration(reset)*time.Second, window)
	limit := p.usual
	switch {
	case left <= 0:
		p.resume = time.Now().Add(until)
	case left <= allowed/4:
		limit = min(limit, rate.Limit(float64(left)/max(until.Seconds(), 1)))
	}
	p.limiter.SetLimit(limit)
}

// reserve takes the next turn, and says how long it is until then.
func (p *Pace) reserve() (*rate.Reservation, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	at := now
	if p.resume.After(now) {
		at = p.resume
	}
	turn := p.limiter.ReserveN(at, 1)
	return turn, at.Sub(now) + turn.DelayFrom(at)
}

// pace waits until the next request is due. Once nobody has patience any more it does not wait: what may still be sent
// is the last request of the run.
func (c *Client) pace(ctx context.Context) error {
	early := patience(ctx)
	if c.opts.Pace == nil || early.Err() != nil {
		return nil
	}
	turn, delay := c.opts.Pace.reserve()
	if delay <= 0 {
		return nil
	}
	c.opts.Trace.wait(Wait{Host: c.base.Host, Why: "the pace of requests_per_minute", For: delay, Pace: true})
	if err := sleep(early, delay); err != nil {
		turn.Cancel()
		return err
	}
	return nil
}

// sleep waits, or says why it could not.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
