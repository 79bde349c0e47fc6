package genesys_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

// outsidePages answers with pages of groups whose ids are numbers from 1, as many as there are, and says that there are total.
func outsidePages(there, total int) func(*http.Request) *http.Response {
	return func(req *http.Request) *http.Response {
		q := req.URL.Query()
		size, _ := strconv.Atoi(q.Get("pageSize"))
		number, _ := strconv.Atoi(q.Get("pageNumber"))
		entities := []any{}
		for i := (number-1)*size + 1; i <= min(number*size, there); i++ {
			entities = append(entities, map[string]any{"id": strconv.Itoa(i), "type": "social", "visibility": "members", "memberCount": i})
		}
		return reply(200, map[string]any{"entities": entities, "total": total})
	}
}

func TestOutside(t *testing.T) {
	for _, tt := range []struct{ there, total, requests int }{
		{0, 0, 1}, {1, 1, 1}, {100, 100, 1}, {101, 101, 2}, {250, 250, 3},
	} {
		f := newFake(t, outsidePages(tt.there, tt.total))
		got, err := genesys.NewReader(f.conn()).OutsideSCIM(t.Context())
		if err != nil || len(got) != tt.there || len(f.asked) != tt.requests {
			t.Errorf("%+v: %d groups after %d requests, %v", tt, len(got), len(f.asked), err)
		}
		for id, g := range got {
			if g.Type != "social" || g.Visibility != "members" || g.Members == nil || fmt.Sprint(*g.Members) != id {
				t.Errorf("%+v: %s is %+v", tt, id, g)
			}
		}
		if asked := f.asked[0]; asked.URL.Path != "/api/v2/groups" || asked.Header.Get("Accept") != "application/json" {
			t.Errorf("asked %s for %q", asked.URL, asked.Header.Get("Accept"))
		}
	}
}

// A service that sends the same page again and again is not asked for ever.
func TestOutsideEnds(t *testing.T) {
	f := newFake(t, func(*http.Request) *http.Response {
		return reply(200, `{"entities":[{"id":"1","type":"official"}],"total":1000000}`)
	})
	got, err := genesys.NewReader(f.conn()).OutsideSCIM(t.Context())
	if err == nil || got != nil || len(f.asked) != 2 || !strings.Contains(err.Error(), "1 groups came, and there are 1000000") {
		t.Errorf("%v, %v after %d requests", got, err, len(f.asked))
	}
	n := 0
	f = newFake(t, func(*http.Request) *http.Response { // a new group on each page
		n++
		return reply(200, fmt.Sprintf(`{"entities":[{"id":"%d"}],"total":1000}`, n))
	})
	if got, err := genesys.NewReader(f.conn()).OutsideSCIM(t.Context()); err == nil || got != nil || n != 51 {
		t.Errorf("%d groups, %v after %d requests", len(got), err, n)
	}
}

// The id of a group has one case, and a group is of one kind.
func TestOutsideTwice(t *testing.T) {
	for second, ok := range map[string]bool{"official": true, "social": false} {
		f := newFake(t, func(*http.Request) *http.Response {
			return reply(200, `{"entities":[{"id":"AB","type":"official"},{"id":"ab","type":"`+second+`"}],"total":1}`)
		})
		got, err := genesys.NewReader(f.conn()).OutsideSCIM(t.Context())
		if (err == nil) != ok || ok && got["ab"].Type != "official" {
			t.Errorf("official and %s: %v, %v", second, got, err)
		}
	}
}

func TestOutsideFails(t *testing.T) {
	for body, status := range map[string]int{`{"total":1}`: 200, `{"entities":[]}`: 200, `{"entities":[],"total":6}`: 200, `{"entities":null,"total":0}`: 200, `[]`: 200, `{"code":"not.found"}`: 404} {
		f := newFake(t, func(*http.Request) *http.Response { return reply(status, body) })
		got, err := genesys.NewReader(f.conn()).OutsideSCIM(t.Context())
		if err == nil || got != nil || !strings.HasPrefix(err.Error(), "listing Genesys groups outside SCIM: ") {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
	f := newFake(t, func(*http.Request) *http.Response {
		return reply(403, `{"code":"missing.permissions","message":"You are missing the following permission(s): directory:group:view","status":403,"contextId":"c"}`)
	})
	_, err := genesys.NewReader(f.conn()).OutsideSCIM(t.Context())
	wantCause(t, err, membership.Denied, "directory:group:view")
	if strings.Contains(membership.HintOf(err), "group:edit") {
		t.Errorf("the hint %q is about SCIM", membership.HintOf(err))
	}
}
