package probe

import (
	"testing"

	"github.com/callroll/callroll/pkg/membership"
)

// A mistake in an experiment does not name an account that nobody has named: nothing is read, kept or sent.
func TestAPutNamesNobodyElse(t *testing.T) {
	r := &run{state: State{Members: []string{"member"}}, opts: Options{Unknown: "unknown", Accounts: []membership.Account{{ID: "named"}}}}
	for id, may := range map[string]bool{"member": true, "unknown": true, "named": true, "other": false, "": false} {
		if r.mayHave(id) != may {
			t.Errorf("%q: %t", id, !may)
		}
	}
	for _, set := range [][]string{{"other"}, {"member", "other"}} {
		err := caughtPrepare(t, r, set)
		if membership.CauseOf(err) != membership.Internal {
			t.Errorf("%q: %v", set, err)
		}
	}
}

// caughtPrepare returns the error of prepare. The run has no connection, so that anything that is sent is a panic.
func caughtPrepare(t *testing.T, r *run, set []string) (err error) {
	t.Helper()
	defer func() {
		if recovered := recover(); recovered != nil {
			t.Errorf("%q: something was sent: %v", set, recovered)
		}
	}()
	return r.prepare(t.Context(), []string{"member"}, set)
}
