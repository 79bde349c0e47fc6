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
