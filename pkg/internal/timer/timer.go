// Package timer waits for a time that a context can end.
package timer

import (
	"context"
	"time"
)

// Wait returns nil after d, or the cause of the context's end as soon as that has ended.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Pauses returns the pauses between the readings of something that takes effect with a delay. They begin with one second and
// double each time, and add up to total. The first reading needs no pause.
func Pauses(total time.Duration) []time.Duration {
	var out []time.Duration
	for next := time.Second; total > 0; next *= 2 {
		next = min(next, total)
		out = append(out, next)
		total -= next
	}
	return out
}
