// Package bug converts panics that were caught to errors.
package bug

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/secret"
)

// Error returns the error for a panic that was caught: what was being done, what may be shown of it, and the line that panicked.
// Call it from the deferred function that recovered.
func Error(doing string, recovered any) error {
	err := fmt.Errorf("%s: internal error: %s%s; please report it", doing, secret.Panic(recovered), panicLine())
	return membership.Fail(membership.Internal, err)
}

// Catch sets err to the error for a panic, if there is one. Call it in a defer statement.
func Catch(doing string, err *error) {
	if recovered := recover(); recovered != nil {
		*err = Error(doing, recovered)
	}
}

// panicLine returns the line that panicked first. A deferred function that panics again does not hide it.
func panicLine() string {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	line, panicking := "", false
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasPrefix(frame.Function, "runtime."):
			panicking = panicking || strings.Contains(frame.Function, "panic")
		case panicking:
			line, panicking = fmt.Sprintf(" (%s:%d)", filepath.Base(frame.File), frame.Line), false
		}
		if !more {
			return line
		}
	}
}
