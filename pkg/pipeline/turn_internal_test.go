package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// A group that is planned again waits while another one asks a service. When the run is stopped, it does not wait any longer, and
// nothing is changed.
func TestAStoppedRunDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		directory := newDirectory(nil, membership.DefaultKeys(), genesys.Accounts{})
		doubts := newDoubtLookup(nil, "")
		if wait(ctx, directory.turn) != nil || wait(ctx, doubts.turn) != nil {
			t.Fatal("nobody else is asking")
		}
		_, err := directory.with(ctx, []string{"a1"})
		if membership.CauseOf(err) != membership.Unavailable || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("with: %v", err)
		}
		groups := []plan.Group{{ID: "g1", State: plan.Changes, Add: []plan.Entry{{ID: "a1", UserName: "ann@x", Person: "Ann"}}}}
		if doubts.confirm(ctx, groups); groups[0].State != plan.Unreadable || len(groups[0].Add) > 0 {
			t.Errorf("confirm: %+v", groups[0])
		}
	})
}
