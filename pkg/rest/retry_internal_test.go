package rest

import (
	"net/http"
	"testing"
	"time"
)

// FuzzRetryAfter holds that no header makes a wait negative.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "42", "-1", "1.5", "99999999999999999999", "9223372036854775807", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"} {
		f.Add(seed, "Wed, 21 Oct 2015 07:27:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		d, ok := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Now())
		if d < 0 || !ok && d != 0 {
			t.Errorf("retryAfter(%q, %q) = %v, %v", value, date, d, ok)
		}
	})
}
