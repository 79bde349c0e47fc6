package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/callroll/callroll/pkg/rest"
)

// What is printed on stderr: nothing if all goes well; with -v waits and requests that failed; with -vv every request. On a
// terminal, waits are always printed, and those for the pace are shown as progress.

// noticeable is the shortest time that is worth a line: of a wait for the pace, and of what is shown as progress.
const noticeable = time.Second

// trace returns a trace that prints requests, waits and notes on stderr.
func (a *app) trace() rest.Trace {
	return rest.Trace{
		Exchange: func(e rest.Exchange) {
			if a.flags.verbose >= 2 || (a.flags.verbose == 1 && e.Status >= 400) {
				a.sayExchange(e)
			}
		},
		Wait: func(w rest.Wait) {
			if w.Pace && w.For < noticeable {
				return
			}
			if a.progress.wait(w) {
				return
			}
			if a.flags.verbose >= 1 || isTerminal(a.stderr) {
				a.say("%s: waiting %s: %s", w.Host, w.For.Round(100*time.Millisecond), w.Why)
			}
		},
		Note:  func(text string) { a.say("%s", text) },
		Clock: a.clock.observe,
	}
}

func (a *app) sayExchange(e rest.Exchange) {
	ids := ""
	if len(e.RequestIDs) > 0 {
		ids = " (" + strings.Join(e.RequestIDs, ", ") + ")"
	}
	if e.Err != nil {
		a.say("%s %s%s: no answer: %v%s", e.Method, e.Host, e.Path, e.Err, ids)
		return
	}
	took := e.Duration.Round(time.Millisecond)
	lines := []string{fmt.Sprintf("%s %s%s: %d in %s%s", e.Method, e.Host, e.Path, e.Status, took, ids)}
	if e.Body != "" {
		lines = append(lines, "  "+e.Body)
	}
	a.sayLines(lines...)
}

// width returns the width of a terminal in columns, or 0 if w is not a terminal.
func width(w io.Writer) int {
	fd, ok := terminal(w)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(fd)
	if err != nil {
		return 0
	}
	return columns
}

func isTerminal(w io.Writer) bool {
	_, ok := terminal(w)
	return ok
}

// terminal returns the descriptor of a stream. It returns false if the stream is not a terminal.
func terminal(stream any) (fd int, ok bool) {
	if o, ok := stream.(*outlet); ok {
		stream = o.to
	}
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}
