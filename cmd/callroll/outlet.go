package main

import (
	"errors"
	"io"
	"runtime"
	"syscall"
)

// outlet is stdout. If a reader such as head closes the pipe, the rest of the output is discarded without an error: the run
// ends with the status of its work, and the journal records the work. Other errors, such as a full disk, are returned.
type outlet struct {
	to    io.Writer
	clear func() // removes the progress from the terminal, which may be the same one
}

func (o *outlet) Write(p []byte) (int, error) {
	o.clear()
	n, err := o.to.Write(p)
	if readerGone(err) {
		return len(p), nil
	}
	return n, err
}

// readerGone reports whether a write failed because the reader has closed the pipe. On Windows the error codes are 109
// (ERROR_BROKEN_PIPE) and 232 (ERROR_NO_DATA).
func readerGone(err error) bool {
	windows := errors.Is(err, syscall.Errno(109)) || errors.Is(err, syscall.Errno(232))
	return errors.Is(err, syscall.EPIPE) || runtime.GOOS == "windows" && windows
}
