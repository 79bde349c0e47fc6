package main

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
)

const (
	mib = 1 << 20
	// maxAnswer is the largest limit of an answer, that of a list; a single value in it may be far smaller.
	maxAnswer = 128 * mib
	// underWay is what the sockets of both sides may hold when the client hangs up.
	underWay = 16 * mib
)

// An answer without an end is given up at the limit, which is named, and the rest is not read: neither into memory nor from
// the socket.
func TestAnAnswerWithoutEnd(t *testing.T) {
	for _, name := range []string{"Entra's token", "Graph's members", "Genesys's token", "Genesys's groups", "one Genesys group"} {
		t.Run(name, func(t *testing.T) {
			p := placeOf(name)
			tr := &trap{place: p}
			tr.answer = func(w http.ResponseWriter, _ *http.Request) { endless(io.MultiWriter(w, tr)) }
			allocated, got := allocating(func() ran { return besieged(t, tr, p.args...) })
			if got.status != report.Unavailable || !strings.Contains(got.stdout+got.stderr, "larger than ") {
				t.Errorf("got %+v; want status 7 and the limit", got)
			}
			n := tr.caught.Load()
			if sent := tr.sent.Load(); n == 0 || sent > n*(maxAnswer+underWay) {
				t.Errorf("%d answers took %d MiB off the socket", n, sent/mib)
			}
			if allocated > uint64(n)*16*maxAnswer {
				t.Errorf("%d answers took %d MiB of memory", n, allocated/mib)
			}
		})
	}
}

// Of an error's body the beginning is enough.
func TestAnErrorWithoutEnd(t *testing.T) {
	for _, p := range places() {
		t.Run(p.name, func(t *testing.T) {
			tr := &trap{place: p}
			tr.answer = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusServiceUnavailable)
				endless(io.MultiWriter(w, tr))
			}
			allocated, got := allocating(func() ran { return besieged(t, tr, append(p.args, "-vv")...) })
			if got.status != report.Unavailable || !strings.Contains(got.stdout+got.stderr, "503") {
				t.Errorf("got status %d, %.2000s; want status 7 and the 503", got.status, got.stdout+got.stderr)
			}
			if said := len(got.stdout + got.stderr); said > 64<<10 {
				t.Errorf("%d bytes were said", said)
			}
			n := tr.caught.Load()
			if sent := tr.sent.Load(); n == 0 || sent > n*underWay {
				t.Errorf("%d answers took %d MiB off the socket", n, sent/mib)
			}
			if allocated > uint64(n)*underWay+maxAnswer {
				t.Errorf("%d answers took %d MiB of memory", n, allocated/mib)
			}
		})
	}
}

// What is no answer of the service is one to rely on nowhere, and is not the end of the program either.
func TestAnAnswerThatMakesNoSense(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	inside := func(n int) string {
		return `{"value":[],"Resources":` + strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) + "}"
	}
	for name, body := range map[string]string{
		"10,000 deep":              deep(10_000),
		"1,000,000 deep":           deep(1_000_000),
		"10,000 deep inside":       inside(10_000),
		"HTML":                     "<!DOCTYPE html><html><body>Please sign in to the proxy</body></html>",
		"nothing":                  "",
		"null":                     "null",
		"a text that is not UTF-8": "{\"value\":\"\xff\xfe\"}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, p := range places() {
				for status, want := range map[int]int{http.StatusOK: p.unusable, http.StatusServiceUnavailable: report.Unavailable} {
					tr := &trap{place: p, answer: func(w http.ResponseWriter, _ *http.Request) {
						w.WriteHeader(status)
						_, _ = io.WriteString(w, body)
					}}
					got := besieged(t, tr, p.args...)
					if got.status != want || tr.caught.Load() == 0 {
						t.Errorf("%s, with %d: got status %d, %.1000s; want %d", p.name, status, got.status, got.stdout+got.stderr, want)
					}
				}
			}
		})
	}
}

// endless writes a gigabyte, or until nobody takes it.
func endless(w io.Writer) {
	if _, err := io.WriteString(w, `{"value":[],"Resources":[],"totalResults":1,"@odata.count":1,"access_token":"`); err != nil {
		return
	}
	chunk := []byte(strings.Repeat("a", 64<<10))
	for range (1 << 30) / len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// allocating says how much memory a run took in all, given back or not.
func allocating(run func() ran) (uint64, ran) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := run()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, got
}
