package bug_test

import (
	"regexp"
	"testing"

	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/membership"
)

func TestBugNamesItsPlace(t *testing.T) {
	caught := func(work func()) (err error) {
		defer func() { err = bug.Error("reading Sales", recover()) }()
		work()
		return nil
	}
	for what, err := range map[string]error{
		"thrown": caught(func() { panic("boom") }),
		"made by the runtime": caught(func() {
			var none []int
			_ = none[len(none)]
		}),
	} {
		if membership.CauseOf(err) != membership.Internal || !regexp.MustCompile(`^reading Sales: internal error: .+ \(bug_test\.go:\d+\); please report it$`).MatchString(err.Error()) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
