package rest

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Incident 40: every form of Retry-After is read, and nothing else is.
func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2026, time.May, 4, 8, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		lines string // separated by |
		want  time.Duration
	}{
		{"", 0},
		{"0", 0},
		{"42", 42 * time.Second},
		{"8.5", 8500 * time.Millisecond},
		{"299.997", 299997 * time.Millisecond},
		{"7.", 7 * time.Second},
		{".5", 500 * time.Millisecond},
		{"2.542", 2542 * time.Millisecond},
		{" 42\t", 42 * time.Second},
		{"Mon, 04 May 2026 08:00:50 GMT", 50 * time.Second},
		{"Monday, 04-May-26 08:00:50 GMT", 50 * time.Second},
		{"Mon May  4 08:00:50 2026", 50 * time.Second},
		{" Mon, 04 May 2026 08:00:50 GMT ", 50 * time.Second},
		{"Mon, 04 May 2026 07:59:00 GMT", 0},
		{"30, 120", 120 * time.Second},
		{"120, 30", 120 * time.Second},
		{"30|120|60.5", 120 * time.Second},
		{"5, Mon, 04 May 2026 08:00:50 GMT, 7", 50 * time.Second},
		{"60|Monday, 04-May-26 08:00:50 GMT", 60 * time.Second},
		{"soon, 9", 9 * time.Second},
		{"99999999999999999999", mostAskedFor},
		{strings.Repeat("9", 400) + ".5", mostAskedFor},
		{"9223372036854775807", mostAskedFor},
		{"Fri, 31 Dec 9999 23:59:59 GMT", mostAskedFor},
		{"-5", 0},
		{"+5", 0},
		{"1e3", 0},
		{"0x10", 0},
		{"Inf", 0},
		{"NaN", 0},
		{".", 0},
		{"5s", 0},
		{"1_000", 0},
		{"soon", 0},
		{",", 0},
		{"Mon, 04 May 2026 08:00:50 +0100", 0},
	} {
		header := http.Header{"Retry-After": strings.Split(tt.lines, "|")}
		if got := retryAfter(header, now); got != tt.want {
			t.Errorf("Retry-After: %.60s is %v, want %v", tt.lines, got, tt.want)
		}
	}
	if got := retryAfter(http.Header{}, now); got != 0 {
		t.Errorf("no Retry-After is %v, want 0", got)
	}
}

// A date counts from the answer's own Date.
func TestRetryAfterByTheServicesClock(t *testing.T) {
	header := http.Header{"Retry-After": {"Tue Jan  1 00:00:20 2030"}, "Date": {" Tue, 01 Jan 2030 00:00:00 GMT"}}
	if got := retryAfter(header, time.Unix(0, 0)); got != 20*time.Second {
		t.Errorf("by the answer's Date it is %v, want 20s", got)
	}
	header.Set("Date", "yesterday")
	if got := retryAfter(header, time.Date(2029, time.December, 31, 23, 59, 50, 0, time.UTC)); got != 30*time.Second {
		t.Errorf("by our own clock it is %v, want 30s", got)
	}
}

func TestInWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		8500 * time.Millisecond:   "8.5s",
		299997 * time.Millisecond: "4m59.997s",
		2 * time.Minute:           "2m0s",
		5 * time.Minute:           "5 minutes",
		3*time.Hour + time.Second: "3 hours",
		72 * time.Hour:            "3 days",
		mostAskedFor:              "a year or more",
	} {
		if got := inWords(d); got != want {
			t.Errorf("inWords(%d) = %q, want %q", d, got, want)
		}
	}
}

// FuzzRetryAfter holds that no header makes a wait negative, or longer than a year.
func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"", "0", "42", "-1", "1.5", "1,2", "99999999999999999999", "9223372036854775807", "Wed, 21 Oct 2015 07:28:00 GMT", "soon"} {
		f.Add(seed, "Wed, 21 Oct 2015 07:27:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		d := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Now())
		if d < 0 || d > mostAskedFor {
			t.Errorf("retryAfter(%q, %q) = %v", value, date, d)
		}
	})
}
