package genesys_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

// slow takes a second for each request, and handles many in parallel.
type slow struct{ next http.RoundTripper }

func (s slow) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	return s.next.RoundTrip(req)
}

func fourAtOnce(o *genesys.Options) {
	o.AtOnce = 4
	o.HTTP.Transport = slow{o.HTTP.Transport}
}

// activePages answers lists of users in pages of 25, all of them active. spoil may change a page.
func activePages(n int, spoil func(start int) *http.Response) func(*http.Request) *http.Response {
	return func(req *http.Request) *http.Response {
		if inactiveFilter(req) {
			return listing(0, 25, nil)(req.URL.Query())
		}
		start, _ := strconv.Atoi(req.URL.Query().Get("startIndex"))
		if spoil != nil {
			if resp := spoil(start); resp != nil {
				return resp
			}
		}
		return listing(n, 25, users(1, n, true))(req.URL.Query())
	}
}

// The pages after the first are read in parallel, with the same result.
func TestPagesAreReadAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, activePages(999, nil))
		start := time.Now()
		got, err := allUsers(t, genesys.NewReader(f.conn(fourAtOnce)))
		if err != nil || len(got) != 999 || got[998].ID != "u0999" {
			t.Fatalf("%d users, %v", len(got), err)
		}
		// Two for the sign-in and the first page, ten for 39 pages, and one for the list of inactive users.
		if took := time.Since(start); len(f.asked) != 41 || took != 13*time.Second {
			t.Errorf("%d requests in %v", len(f.asked), took)
		}
	})
}

// An error in one of several parallel pages is found as in a sequential reading.
func TestPagesAtTheSameTimeAreChecked(t *testing.T) {
	short := func(at, size int) func(int) *http.Response {
		return func(start int) *http.Response {
			if start != at {
				return nil
			}
			return reply(200, map[string]any{"totalResults": 200, "Resources": append([]map[string]any{}, users(at, at+size-1, true)...)})
		}
	}
	for name, test := range map[string]struct {
		spoil func(start int) *http.Response
		users int
		cause membership.Cause
	}{
		"a page is short":      {short(51, 10), 200, ""},
		"a page has one":       {short(76, 1), 200, ""},
		"a page has none":      {short(76, 0), 0, membership.Incomplete},
		"a page is unreadable": {func(start int) *http.Response { return only(start == 101, reply(503, "")) }, 0, membership.Unavailable},
		"a page is forbidden":  {func(start int) *http.Response { return only(start == 101, reply(403, "{}")) }, 0, membership.Denied},
		"the total grows": {func(start int) *http.Response {
			return only(start >= 176, reply(200, map[string]any{"totalResults": 300, "Resources": append([]map[string]any{}, users(start, 200, true)...)}))
		}, 0, membership.Incomplete},
		"the total shrinks": {func(start int) *http.Response {
			return only(start == 101, reply(200, map[string]any{"totalResults": 90, "Resources": users(101, 125, true)}))
		}, 0, membership.Incomplete},
		"a page repeats another": {func(start int) *http.Response {
			return only(start == 101, reply(200, map[string]any{"totalResults": 200, "Resources": users(76, 100, true)}))
		}, 0, membership.Incomplete},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, activePages(200, test.spoil))
				got, err := allUsers(t, genesys.NewReader(f.conn(fourAtOnce)))
				if test.cause != "" {
					wantCause(t, err, test.cause)
				} else if err != nil {
					t.Fatal(err)
				}
				if len(got) != test.users {
					t.Errorf("%d users, want %d", len(got), test.users)
				}
			})
		})
	}
}

func only(when bool, resp *http.Response) *http.Response {
	if when {
		return resp
	}
	return nil
}

// A 429 for a page size that was not tried before is about the size: the vendor's default is requested at once. If that is
// answered 429 too, the client waits as the service asks.
func TestAThrottledPage(t *testing.T) {
	for name, test := range map[string]struct {
		refusals int
		took     time.Duration
		counts   []string
	}{
		"the large page alone": {1, 0, []string{"500", "25", "25"}},
		"the next one too":     {2, 30 * time.Second, []string{"500", "25", "25", "25"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				left := test.refusals
				f := newFake(t, func(req *http.Request) *http.Response {
					if left--; left >= 0 {
						return reply(429, "{}", "Retry-After: 30")
					}
					return activePages(20, nil)(req)
				})
				start := time.Now()
				got, err := allUsers(t, genesys.NewReader(f.conn()))
				var counts []string
				for _, req := range f.asked {
					counts = append(counts, req.URL.Query().Get("count"))
				}
				if took := time.Since(start); err != nil || len(got) != 20 || took != test.took || !slices.Equal(counts, test.counts) {
					t.Errorf("%d users, %v, in %v; asked for %v", len(got), err, took, counts)
				}
			})
		})
	}
}

// If a service refuses a page size in the middle of a list, smaller pages are requested from there on.
func TestPagesBecomeTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(t, nil)
		f.answer = func(req *http.Request) *http.Response {
			q := req.URL.Query()
			count, _ := strconv.Atoi(q.Get("count"))
			start, _ := strconv.Atoi(q.Get("startIndex"))
			if start > 501 && count > 100 {
				return reply(400, `{"scimType":"tooMany"}`)
			}
			if inactiveFilter(req) {
				return listing(0, 25, nil)(q)
			}
			return listing(2200, count, users(1, 2200, true))(q)
		}
		got, err := allUsers(t, genesys.NewReader(f.conn(fourAtOnce)))
		if err != nil || len(got) != 2200 {
			t.Errorf("%d users, %v, after %s", len(got), err, fmt.Sprint(len(f.asked)))
		}
	})
}

// A panic while a page is read ends the list with an error, and not the process.
func TestABugInAPage(t *testing.T) {
	f := newFake(t, activePages(200, func(start int) *http.Response {
		if start == 101 {
			panic("a bug")
		}
		return nil
	}))
	got, err := allUsers(t, genesys.NewReader(f.conn(func(o *genesys.Options) { o.AtOnce = 4 })))
	if wantCause(t, err, membership.Internal); len(got) != 0 {
		t.Errorf("%d users", len(got))
	}
}
