package rest

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// Pace spreads requests over time. Clients that share a service's allowance share a Pace.
type Pace struct{ limiter *rate.Limiter }

// NewPace allows perMinute requests in any minute, a few of them at once; nil, which sets no pace, if that is not
// positive.
func NewPace(perMinute int) *Pace {
	if perMinute <= 0 {
		return nil
	}
	burst := min(max(perMinute/30, 1), 10)
	return &Pace{rate.NewLimiter(rate.Limit(float64(perMinute-burst+1)/60), burst)}
}

// noticeable is the shortest wait for the pace that anybody is told about.
const noticeable = time.Second

// pace waits until the next request is due. Once nobody has patience any more it does not wait: what may still be sent
// is the last request of the run.
func (c *Client) pace(ctx context.Context) error {
	early := patience(ctx)
	if c.opts.Pace == nil || early.Err() != nil {
		return nil
	}
	reservation := c.opts.Pace.limiter.Reserve()
	delay := reservation.Delay()
	if delay == 0 {
		return nil
	}
	if delay >= noticeable {
		c.opts.Trace.wait(Wait{Host: c.base.Host, Why: "the pace of requests_per_minute", For: delay})
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-early.Done():
		reservation.Cancel()
		return context.Cause(early)
	}
}
