package rest

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// Incident 39: what an answer says about the clock of this machine. A date of a cache says nothing, nor does a long wait.
func TestClock(t *testing.T) {
	sent := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	came := sent.Add(30 * time.Second)
	for name, test := range map[string]struct {
		date, age string
		ahead     time.Duration
		told      bool
	}{
		"the same":                {"Tue, 24 Nov 2026 06:00:00 GMT", "", 0, true},
		"while it was waited for": {"Tue, 24 Nov 2026 06:00:29 GMT", "", 0, true},
		"of the second before":    {"Tue, 24 Nov 2026 05:59:59 GMT", "", 0, true},
		"ahead":                   {"Tue, 24 Nov 2026 05:50:00 GMT", "", 10 * time.Minute, true},
		"behind":                  {"Tue, 24 Nov 2026 06:10:30 GMT", "", -10 * time.Minute, true},
		"another form":            {"Tuesday, 24-Nov-26 05:50:00 GMT", "", 10 * time.Minute, true},
		"out of a cache":          {"Tue, 24 Nov 2026 05:50:00 GMT", "600", 0, false},
		"fresh through a cache":   {"Tue, 24 Nov 2026 05:50:00 GMT", "0", 10 * time.Minute, true},
		"no date":                 {"", "", 0, false},
		"not a date":              {"yesterday", "", 0, false},
	} {
		header := http.Header{}
		for field, value := range map[string]string{"Date": test.date, "Age": test.age} {
			if value != "" {
				header.Set(field, value)
			}
		}
		told, ahead := false, time.Duration(0)
		trace := Trace{Clock: func(_ string, d time.Duration) { told, ahead = true, d }}
		trace.clock("h", header, sent, came)
		if told != test.told || ahead != test.ahead {
			t.Errorf("%s: told %v, %s; want %v, %s", name, told, ahead, test.told, test.ahead)
		}
		Trace{}.clock("h", header, sent, came)
	}
}

// A monotonic clock goes on evenly, whatever is set: it is the other one that is compared.
func TestClockIsNotMonotonic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := time.Now()
		set := sent.Round(0).Add(time.Hour) // the clock was set while the request was under way
		var ahead time.Duration
		trace := Trace{Clock: func(_ string, d time.Duration) { ahead = d }}
		trace.clock("h", http.Header{"Date": {set.Add(time.Hour).UTC().Format(http.TimeFormat)}}, sent, set)
		if ahead != -time.Hour {
			t.Errorf("ahead %s", ahead)
		}
	})
}
