package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/report"
)

// manyGroups writes the page of a Genesys list of total groups that begins at start; every hundredth has a member.
func manyGroups(w io.Writer, start, size, total int) {
	page := []map[string]any{}
	for n := start; n < start+size && n <= total; n++ {
		g := map[string]any{"id": fmt.Sprintf("00000000-0000-4000-8000-%012d", n), "displayName": fmt.Sprintf("Group %d", n), "members": []any{}}
		if n%100 == 0 {
			g["members"] = []map[string]any{{"value": "u1", "type": "User"}}
		}
		page = append(page, g)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"totalResults": total, "startIndex": start, "itemsPerPage": len(page), "Resources": page})
}

// A group is found by its name among fifty thousand, and what it takes to look through them does not grow with the square
// of them.
func TestAMappingByNameAmongFiftyThousand(t *testing.T) {
	const total = 50_000
	tr := &trap{place: place{name: "Genesys's groups", method: "GET", part: "/scim/groups"}}
	tr.answer = func(w http.ResponseWriter, r *http.Request) {
		start, _ := strconv.Atoi(r.URL.Query().Get("startIndex"))
		var page strings.Builder
		manyGroups(&page, start, 100, total)
		// The last but one is the one that is looked for.
		text := strings.Replace(page.String(), `"Group 49999","id":"00000000-0000-4000-8000-000000049999"`,
			`"Night Shift","id":"b70deea8-c82c-44d5-b96a-974626117a12"`, 1)
		_, _ = io.WriteString(io.MultiWriter(w, tr), text)
	}
	allocated, got := allocating(func() ran { return besieged(t, tr, "diff", "--group", "Night Shift") })
	if got.status != report.OK || !strings.Contains(got.stdout, "Night Shift: 5 to add, 5 members afterwards") || tr.caught.Load() != total/100 {
		t.Errorf("got %+v after %d pages; want the group and what to change", got, tr.caught.Load())
	}
	if most := uint64(100 * tr.sent.Load()); allocated > most {
		t.Errorf("%d MiB of memory for %d MiB of answers", allocated/mib, tr.sent.Load()/mib)
	}
}

// A collection that never ends is given up at a million.
func TestAMillionIsEnough(t *testing.T) {
	t.Parallel()
	const size = 100_000
	tr := &trap{place: placeOf("Graph's members")}
	tr.answer = func(w http.ResponseWriter, r *http.Request) {
		if tr.caught.Load() > 20 {
			panic(http.ErrAbortHandler) // it is long proven that nobody counts
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("from"))
		page := []byte(`{"@odata.count":9000000,"value":[{"id":"again and again"}`)
		for n := range size {
			page = fmt.Appendf(page, `,{"id":"%d"}`, from+n)
		}
		_, _ = w.Write(fmt.Appendf(page, `],"@odata.nextLink":"https://%s%s?from=%d"}`, r.Host, r.URL.Path, from+size))
	}
	got := besieged(t, tr, tr.args...)
	if got.status != report.Unavailable || !strings.Contains(got.stdout, "Night Shift: incomplete: ") ||
		!strings.Contains(got.stdout, "more than 1000000 came, and there is no end") {
		t.Errorf("got %+v; want status 7 and why", got)
	}
	if n := tr.caught.Load(); n != 10 {
		t.Errorf("%d pages of %d were read", n, size)
	}
}

// Until then --timeout ends it.
func TestAListThatNeverEnds(t *testing.T) {
	for _, p := range []place{placeOf("Graph's members"), placeOf("Genesys's groups")} {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				page := 0
				got := slowly(t, p, func(r *http.Request) (*http.Response, error) {
					page++
					time.Sleep(time.Second)
					var body strings.Builder
					if strings.Contains(r.URL.Path, "/scim/") {
						manyGroups(&body, page, 1, 9_000_000)
					} else {
						fmt.Fprintf(&body, `{"@odata.count":9000000,"value":[{"id":"%d"}],"@odata.nextLink":"https://%s%s?from=%d"}`, page, r.URL.Host, r.URL.Path, page)
					}
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body.String()))}, nil
				})
				if got.status != report.Unavailable || !strings.Contains(got.stdout+got.stderr, "out of time: --timeout is 1m20s") || page < 70 {
					t.Errorf("got %+v after %d pages; want status 7 after 80 s", got, page)
				}
			})
		})
	}
}
