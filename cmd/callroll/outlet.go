package main

import (
	"errors"
	"io"
	"runtime"
	"syscall"
)

// outlet is stdout. Somebody who stops reading it, as head does, has seen enough: nothing is said about it, and the run ends
// in the status of its work, which is in the journal. A disk that is full is an error, because somebody wanted the rest.
type outlet struct{ to io.Writer }

// Write implements io.Writer.
func (o *outlet) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if readerGone(err) {
		return len(p), nil
	}
	return n, err
}

// readerGone says whether a write failed because nobody reads the pipe any more. Windows has numbers of its own for that
// (ERROR_BROKEN_PIPE and ERROR_NO_DATA).
func readerGone(err error) bool {
	windows := errors.Is(err, syscall.Errno(109)) || errors.Is(err, syscall.Errno(232))
	return errors.Is(err, syscall.EPIPE) || runtime.GOOS == "windows" && windows
}
