package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/callroll/callroll/pkg/rest"
)

// What is said on stderr: nothing while all goes well; with -v waits and oddities; with -vv every request. Somebody at a
// terminal is told of a wait in any case.

// noticeable is the shortest wait for the pace that anybody is told about.
const noticeable = time.Second

// trace says what happens on the wire.
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
	lines := []string{fmt.Sprintf("%s %s%s: %d in %s%s", e.Method, e.Host, e.Path, e.Status, e.Duration.Round(time.Millisecond), ids)}
	if e.Body != "" {
		lines = append(lines, "  "+e.Body)
	}
	a.sayLines(lines...)
}

// width is that of a terminal, and 0 of anything else.
func width(w io.Writer) int {
	f, ok := terminal(w)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}

func isTerminal(w io.Writer) bool {
	_, ok := terminal(w)
	return ok
}

// terminal returns the terminal that is written to; false if it is anything else.
func terminal(w io.Writer) (*os.File, bool) {
	if o, ok := w.(*outlet); ok {
		w = o.to
	}
	f, ok := w.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}
