package pipeline_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/push"
)

// A run that is stopped at any of its requests starts nothing new, and the next one converges.
func TestStopAtEveryRequest(t *testing.T) {
	fresh := func() *scene {
		s := newScene(t, 30, [][]int{upTo(10), upTo(12)}, [][]int{upTo(11), upTo(11)})
		s.settings.Concurrency = pipeline.Concurrency{Entra: 1, Genesys: 1} // so that a request has its number
		return s
	}
	clean := fresh()
	clean.sync()
	enough := errors.New("enough")
	for stopAt := range clean.world.Requests() {
		s := fresh()
		ctx, stop := context.WithCancelCause(t.Context())
		asked, puts := 0, 0
		s.before = func(r *http.Request) {
			if asked++; asked == stopAt+1 {
				stop(enough)
			} else if asked > stopAt+1 && r.Method == http.MethodPut {
				puts++
			}
		}
		s.connect()
		result, err := pipeline.Sync(ctx, s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), nil, s.settings)
		if puts > 0 {
			t.Errorf("stopped at request %d: %d PUTs were started after that", stopAt, puts)
		}
		ended := slices.ContainsFunc(result.Outcomes, func(o push.Outcome) bool { return o.Status == push.NotStarted || o.Status == push.Unavailable })
		if last := len(clean.world.Requests()) - 1; err == nil && !ended && stopAt < last {
			t.Errorf("stopped at request %d, and nothing says so: %+v", stopAt, result.Outcomes)
		}
		s.before = nil
		s.sync()
		if got, _ := s.sync(); got != "G0 in step, G1 in step" {
			t.Errorf("stopped at request %d: later runs end as %q", stopAt, got)
		}
	}
}
