// Package bug makes errors of panics that were caught.
package bug

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// Error makes the error of a panic that was caught: what was being done, what it said, and the line that it came from. It is
// called from the deferred function that has recovered.
func Error(doing string, recovered any) error {
	return membership.Fail(membership.Internal, fmt.Errorf("%s: internal error: %v%s; please report it", doing, recovered, panickedAt()))
}

// panickedAt names the frame that panicked first: whoever lets a panic through panics again.
func panickedAt() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	place, panicking := "", false
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasPrefix(frame.Function, "runtime."):
			panicking = panicking || strings.Contains(frame.Function, "panic")
		case panicking:
			place, panicking = fmt.Sprintf(" (%s:%d)", filepath.Base(frame.File), frame.Line), false
		}
		if !more {
			return place
		}
	}
}
