package rest

import (
	"net/http"
	"strings"
	"time"
)

// Trace receives what a [Client] does. Each function may be nil, and must be safe for concurrent use. The arguments never
// contain a secret.
type Trace struct {
	Exchange func(Exchange)
	Wait     func(Wait)
	// Note receives something unusual that is not a failure.
	Note func(text string)
	// Clock is called after each response with a Date header. ahead is how far the clock of this machine is ahead of the clock
	// of the host; it is negative if this clock is behind, and 0 if the date is within the time that the request took.
	Clock func(host string, ahead time.Duration)
}

// Exchange is one request that was sent, with its result.
type Exchange struct {
	Host, Method, Path string
	Attempt            int // from 1
	Status             int // 0 if there was no response
	Duration           time.Duration
	RequestIDs         []string
	Body               string // body of a response of 400 and above, redacted, for a support ticket
	Err                error  // why there was no response
}

// Wait is a pause before a request is sent.
type Wait struct {
	Host string
	Why  string
	For  time.Duration
	Pace bool // a normal wait to keep the pace, not a problem
}

func (t Trace) exchange(e Exchange) {
	if t.Exchange != nil {
		t.Exchange(e)
	}
}

func (t Trace) wait(w Wait) {
	if t.Wait != nil {
		t.Wait(w)
	}
}

// Note passes text to the Note function of the client's [Trace].
func (c *Client) Note(text string) {
	if c.opts.Trace.Note != nil {
		c.opts.Trace.Note(text)
	}
}

// clock compares the clock of this machine with the Date header of a response (RFC 9110 §6.6.1). It ignores responses from a
// cache, which have an Age header (RFC 9111 §5.1): their date is in the past.
func (t Trace) clock(host string, header http.Header, sent, came time.Time) {
	date, err := http.ParseTime(strings.TrimSpace(header.Get("Date")))
	age := strings.TrimSpace(header.Get("Age"))
	if t.Clock == nil || err != nil || age != "" && age != "0" {
		return
	}
	// Round removes the monotonic reading, so that the wall clock is compared. A Date has a resolution of one second.
	sent, came = sent.Round(0), came.Round(0)
	ahead := time.Duration(0)
	switch {
	case sent.After(date.Add(time.Second)):
		ahead = sent.Sub(date)
	case came.Before(date):
		ahead = came.Sub(date)
	}
	t.Clock(host, ahead)
}
