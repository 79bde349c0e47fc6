package rest

import (
	"net/http"
	"strings"
	"time"
)

// Trace is told what happens. Each of its functions may be nil, and must be safe for concurrent use. Nothing it is told
// holds a secret.
type Trace struct {
	Exchange func(Exchange)
	Wait     func(Wait)
	// Note is told what is odd, and yet no failure.
	Note func(text string)
	// Clock is told after each answer with a Date how far the clock of this machine is ahead of the host's; below zero:
	// behind. It is 0 if the date lies within the time that the request took.
	Clock func(host string, ahead time.Duration)
}

// Exchange is one request that was sent, with what came of it.
type Exchange struct {
	Host, Method, Path string
	Attempt            int // from 1
	Status             int // 0 if there was no answer
	Duration           time.Duration
	RequestIDs         []string
	Body               string // the text of an answer of 400 and above, for a support ticket
	Err                error  // why there was no answer
}

// Wait is a pause before a request is sent.
type Wait struct {
	Host string
	Why  string
	For  time.Duration
	Pace bool // it is no trouble: the requests of a minute are spread over it
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

// Note tells the client's Trace something odd that is no failure.
func (c *Client) Note(text string) {
	if c.opts.Trace.Note != nil {
		c.opts.Trace.Note(text)
	}
}

// clock compares the clock of this machine with the Date of an answer (RFC 9110 §6.6.1). An answer out of a cache says
// when it was made (RFC 9111 §5.1), and nothing about now.
func (t Trace) clock(host string, header http.Header, sent, came time.Time) {
	date, err := http.ParseTime(strings.TrimSpace(header.Get("Date")))
	age := strings.TrimSpace(header.Get("Age"))
	if t.Clock == nil || err != nil || age != "" && age != "0" {
		return
	}
	// Round takes the monotonic reading away: what is compared is what the clock showed. A date has whole seconds.
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
