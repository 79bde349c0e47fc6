package bug_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/membership"
)

// A bug names its place, and shows nothing that may be a secret.
func TestBugNamesItsPlace(t *testing.T) {
	caught := func(work func()) (err error) {
		defer func() { err = bug.Error("reading Sales", recover()) }()
		work()
		return nil
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{caught(func() { panic("s3cret") }), "a panic with a value of type string"},
		{caught(func() { panic(errors.New("s3cret")) }), `a panic with a value of type \*errors\.errorString`},
		{caught(func() { panic(fmt.Errorf("wrapped: %w", caughtRuntime())) }), "runtime error: integer divide by zero"},
		{caught(func() {
			var none []int
			_ = none[len(none)]
		}), `runtime error: index out of range \[0\] with length 0`},
	} {
		want := `^reading Sales: internal error: ` + test.want + ` \(bug_test\.go:\d+\); please report it$`
		if membership.CauseOf(test.err) != membership.Internal || !regexp.MustCompile(want).MatchString(test.err.Error()) {
			t.Errorf("%v, want %s", test.err, want)
		}
	}
}

// caughtRuntime returns an error of the runtime.
func caughtRuntime() (err error) {
	defer func() { err = recover().(error) }()
	zero := 0
	_ = 1 / zero
	return nil
}
