package membership

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// Bug makes the error of a panic that was caught: what was being done, what it said, and the line that it came from. It is
// called from the deferred function that has recovered.
func Bug(doing string, recovered any) error {
	return Fail(Internal, fmt.Errorf("%s: internal error: %v%s; please report it", doing, recovered, panickedAt()))
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
