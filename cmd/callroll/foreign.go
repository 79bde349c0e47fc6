package main

import (
	"io"
	"log"
	"regexp"
	"strings"
)

// Everything that libraries print by themselves passes through this file.
//
// net/http writes to the standard logger, and so does log/slog unless another handler is set. In its messages net/http quotes
// bytes that a service sent after the end of a response. They may contain a token that callroll does not know yet, or names of
// people. So the text is never shown. With -v, callroll prints which line of which library has logged a message. cobra writes
// to a stream that it is given, and writes only about the command line, so that its text is shown.

// maxForeign is the maximum number of characters shown of a text that does not come from callroll.
const maxForeign = 300

// muteLibraries discards what libraries log. It stays in effect before and after a run, because connections may outlive the
// run.
func muteLibraries() { log.SetOutput(io.Discard) }

// hearLibraries makes the run report, with -v, that a library has logged something. Call it after the flags are parsed.
func (a *app) hearLibraries() {
	log.SetPrefix("")
	log.SetFlags(log.Llongfile)
	log.SetOutput(&libraryLog{app: a})
}

// libraryLog is the output of the standard logger.
type libraryLog struct{ app *app }

func (l *libraryLog) Write(line []byte) (int, error) {
	if l.app.flags.verbose > 0 {
		l.app.say("%s logs something that is not shown, because it may hold a part of an answer", logPlace(string(line)))
	}
	return len(line), nil
}

// logPlace returns the folder, file and line number that log.Llongfile puts before a message.
func logPlace(line string) string {
	place := regexp.MustCompile(`^[^\n]*?([^/:\n]+/[^/:\n]+\.go:[0-9]+): `).FindStringSubmatch(line)
	if place == nil {
		return "a library"
	}
	return place[1]
}

// foreign is the stderr of a library whose messages are about the command line.
type foreign struct{ app *app }

func (f *foreign) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		if line = f.app.redact.Text(line, maxForeign); line != "" {
			f.app.say("%s", line)
		}
	}
	return len(text), nil
}
