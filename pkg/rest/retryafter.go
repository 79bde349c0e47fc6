package rest

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// mostAskedFor is the longest wait that retryAfter returns. Any retry_after_max is far below it.
const mostAskedFor = 365 * 24 * time.Hour

// retryAfter returns the wait in the Retry-After headers of a response (RFC 9110 §10.2.3), or 0 if there is none that can be
// read. It is used for both services and for both token endpoints. These forms are read:
//
//	120                                  seconds
//	8.5                                  seconds with a fraction, which Graph has sent
//	Sun, 06 Nov 1994 08:49:37 GMT        a date in each of the three forms of RFC 9110 §5.6.7
//	Sunday, 06-Nov-94 08:49:37 GMT
//	Sun Nov  6 08:49:37 1994
//	30, 120                              several values, in one header line or in several: the longest
//	99999999999999999999                 more than a year: a year
//
// White space around a value is ignored. A date is compared with the Date header of the response if there is one, so that a
// wrong clock on either side does not matter.
func retryAfter(header http.Header, now time.Time) time.Duration {
	if date, err := http.ParseTime(strings.TrimSpace(header.Get("Date"))); err == nil {
		now = date
	}
	longest := time.Duration(0)
	for _, line := range header.Values("Retry-After") {
		parts := strings.Split(line, ",")
		for i, part := range parts {
			longest = max(longest, waitIn(part, now))
			if i > 0 { // two of the date formats contain a comma
				longest = max(longest, waitIn(parts[i-1]+","+part, now))
			}
		}
	}
	return longest
}

// waitIn reads one value. It returns 0 if the value cannot be read or is a date in the past.
func waitIn(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if regexp.MustCompile(`^([0-9]+\.?[0-9]*|\.[0-9]+)$`).MatchString(value) {
		seconds, _ := strconv.ParseFloat(value, 64) // infinite if it is too large
		return time.Duration(math.Ceil(min(seconds, mostAskedFor.Seconds()) * float64(time.Second)))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), mostAskedFor)
}

// inWords formats a wait in a unit that is easy to read.
func inWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= mostAskedFor:
		return "a year or more"
	case d >= 2*day:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d > 2*time.Minute && d%time.Minute == 0:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.Round(time.Millisecond).String()
}
