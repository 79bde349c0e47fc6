package rest

import (
	"context"
	"time"

	"github.com/callroll/callroll/pkg/internal/timer"
)

type lingerKey struct{}

// Linger returns a context for the one request that may outlive ctx, a write in flight: it ends d after ctx is done,
// and not before. Under it Do sends once more at most: as soon as ctx is done it neither waits nor tries again.
func Linger(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithValue(context.WithoutCancel(ctx), lingerKey{}, ctx))
	stop := context.AfterFunc(ctx, func() {
		if timer.Wait(longer, d) == nil {
			cancel(context.Cause(ctx))
		}
	})
	return longer, func() {
		stop()
		cancel(context.Canceled)
	}
}

// patience returns the context that ends waiting: under Linger it is the one that was to be outlived.
func patience(ctx context.Context) context.Context {
	if outer, ok := ctx.Value(lingerKey{}).(context.Context); ok && outer != nil {
		return outer
	}
	return ctx
}
