package rest

import "time"

// Trace is told what happens. Each of its functions may be nil, and must be safe for concurrent use. Nothing it is told
// holds a secret.
type Trace struct {
	Exchange func(Exchange)
	Wait     func(Wait)
	// Note is told what is odd, and yet no failure.
	Note func(text string)
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
