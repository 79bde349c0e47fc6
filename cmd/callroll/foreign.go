package main

import (
	"io"
	"log"
	"regexp"
	"strings"
)

// What libraries print by themselves reaches no stream but through here.
//
// net/http writes to the standard logger, and so does log/slog where nobody has set another one. There net/http quotes what a
// service has sent beyond its answer, which may be a token that nobody knows yet, or people. So no word of it is ever shown.
// With -v it is told which line of which library had something to say. cobra writes to a stream that it is given, about the
// call alone, and that is shown.

// maxForeign is how many characters of a foreign text are shown.
const maxForeign = 300

// muteLibraries drops what libraries log. It holds before and after a run too, because connections outlive it.
func muteLibraries() { log.SetOutput(io.Discard) }

// hearLibraries has the run mention what libraries log. Call it when the flags are read.
func (a *app) hearLibraries() {
	log.SetPrefix("")
	log.SetFlags(log.Llongfile)
	log.SetOutput(&libraryLog{app: a})
}

// libraryLog is the output of the standard logger.
type libraryLog struct{ app *app }

// Write implements io.Writer.
func (l *libraryLog) Write(line []byte) (int, error) {
	if l.app.flags.verbose > 0 {
		l.app.say("%s logs something that is not shown, because it may hold a part of an answer", logPlace(string(line)))
	}
	return len(line), nil
}

// logPlace returns folder, file and line that log.Llongfile has put before a message.
func logPlace(line string) string {
	place := regexp.MustCompile(`^[^\n]*?([^/:\n]+/[^/:\n]+\.go:[0-9]+): `).FindStringSubmatch(line)
	if place == nil {
		return "a library"
	}
	return place[1]
}

// foreign is stderr for a library that has something to say about the call.
type foreign struct{ app *app }

// Write implements io.Writer.
func (f *foreign) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		if line = f.app.redact.Text(line, maxForeign); line != "" {
			f.app.say("%s", line)
		}
	}
	return len(text), nil
}
