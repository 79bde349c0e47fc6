package main

import (
	"context"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/report"
)

// A list that is stopped is no list: what was not asked for is not shown as not known.
func TestStoppedListings(t *testing.T) {
	for match, args := range map[string][]string{
		"GET /api/v2/groups":                {"groups", "genesys"},
		"GET /v1.0/groups/*/members/$count": {"groups", "entra"},
		"GET */api/v2/groups":               {"map", "--same-name"},
	} {
		synctest.Test(t, func(t *testing.T) {
			dir := play(t, `[{"match":"`+match+`","delay":"1h"}]`)
			ctx, stop := context.WithCancelCause(t.Context())
			time.AfterFunc(2*time.Second, func() { stop(&signalError{os.Interrupt}) })
			if got := timed(ctx, t, dir, args...); got.status != report.Interrupted || got.stdout != "" {
				t.Errorf("%v: %+v; want no list and status 130", args, got)
			}
		})
	}
}
