package probe

import (
	"errors"
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

// While it is not known how a write has ended, its members stay possible. Otherwise only those of the last write are.
func TestOnlyTheLastWriteIsKept(t *testing.T) {
	for open, want := range map[bool]int{true: 2, false: 1} {
		s := State{Written: [][]string{{"first"}}, Open: open}
		got := s.next(membership.Group{Version: "v", Members: []string{"read"}}, [][]string{{"second"}})
		if len(got.Written) != want || !got.Open || got.Sent.IsZero() || got.Version != "v" || len(got.Previous) != 1 || len(s.Written) != 1 {
			t.Errorf("open %t: %+v", open, got)
		}
	}
}

// While it is not known how a write has ended, a group that is not as known may have been changed by it.
func TestChangedByALateWrite(t *testing.T) {
	for open, want := range map[bool]bool{true: false, false: true} {
		err := new(run).changed(membership.Group{}, open)
		if foreign := errors.As(err, new(*ForeignError)); foreign != want || open != errors.Is(err, errUnsettled) {
			t.Errorf("open %t: %v", open, err)
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
