package genesys_test

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

// allUsers reads the list, because look-ups of all wanted users would need more requests.
func allUsers(t *testing.T, r *genesys.Reader) ([]membership.Account, error) {
	t.Helper()
	accounts, err := r.Accounts(t.Context(), genesys.AccountsOptions{Keys: membership.DefaultKeys(), Hint: math.MaxInt})
	return accounts.List, err
}

func inactiveFilter(req *http.Request) bool { return req.URL.Query().Get("filter") != "" }

// Incident 5: only the first page was read. Without attributes the vendor limits each page to 25.
func TestUsersOfEverySize(t *testing.T) {
	for _, n := range []int{0, 1, 24, 25, 26, 99, 100, 101, 999} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			f := newFake(t, func(req *http.Request) *http.Response {
				if inactiveFilter(req) {
					return listing(2, 25, users(5001, 5002, false))(req.URL.Query())
				}
				return listing(n, 25, users(1, n, true))(req.URL.Query())
			})
			got, err := allUsers(t, genesys.NewReader(f.conn()))
			if err != nil || len(got) != n+2 {
				t.Fatalf("Users: %d, %v; want %d", len(got), err, n+2)
			}
			if a := got[len(got)-1]; a.Active || a.ID != "u5002" {
				t.Errorf("the last is %+v, want the inactive u5002", a)
			}
			first := f.asked[0].URL
			if first.Path != "/api/v2/scim/v2/users" || first.RawQuery != "attributes=userName&attributes=displayName&attributes=active&count=500&startIndex=1" {
				t.Errorf("asked for %s", first)
			}
			if last := f.asked[1]; last.URL.Query().Get("filter") != "active eq false" ||
				last.Header.Get("Accept") != "application/scim+json, application/json" || last.Header.Get("Authorization") != "Bearer "+token {
				t.Errorf("asked for %s with %v", last.URL, last.Header)
			}
		})
	}
}

func TestUsersMerged(t *testing.T) {
	// the two lists
	tests := []struct {
		name             string
		active, inactive []map[string]any
		want             map[string]bool
	}{
		{"both say so", users(1, 2, true), users(3, 3, false), map[string]bool{"u0001": true, "u0002": true, "u0003": false}},
		{"neither says so", users(1, 2, nil), users(3, 3, nil), map[string]bool{"u0001": true, "u0002": true, "u0003": false}},
		{"the filter is ignored", users(1, 2, true), users(1, 2, true), map[string]bool{"u0001": true, "u0002": true}},
		{"the filter is ignored and nothing said", users(1, 2, nil), users(1, 2, nil), map[string]bool{"u0001": true, "u0002": true}},
		{"the first list has all", append(users(1, 1, true), users(2, 2, false)...), users(2, 2, false), map[string]bool{"u0001": true, "u0002": false}},
		{"deactivated meanwhile", users(1, 1, true), users(1, 1, false), map[string]bool{"u0001": false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, func(req *http.Request) *http.Response {
				list := tt.active
				if inactiveFilter(req) {
					list = tt.inactive
				}
				return listing(len(list), 25, list)(req.URL.Query())
			})
			accounts, err := allUsers(t, genesys.NewReader(f.conn()))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]bool{}
			for _, a := range accounts {
				got[a.ID] = a.Active
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || len(accounts) != len(got) {
				t.Errorf("active (-want +got):\n%s", diff)
			}
		})
	}
}

// Incident 23: one bad record stopped everything. The record is counted and logged, and is in no listing.
func TestOneBadRecordIsPassedOver(t *testing.T) {
	var notes []string
	f := newFake(t, func(req *http.Request) *http.Response {
		switch {
		case req.URL.Query().Get("filter") != "":
			return reply(200, `{"totalResults":0,"Resources":[]}`)
		case strings.HasSuffix(req.URL.Path, "/groups"):
			return reply(200, `{"totalResults":2,"Resources":[{"id":"g2"},{"id":"g1","displayName":"Sales","members":[]}]}`)
		}
		return reply(200, `{"totalResults":3,"Resources":[{"id":"u3"},{"id":"u1","userName":"a@b"},{"id":"u2","userName":7}]}`)
	})
	r := genesys.NewReader(f.conn(func(o *genesys.Options) { o.Trace.Note = func(text string) { notes = append(notes, text) } }))
	accounts, err := allUsers(t, r)
	if err != nil || len(accounts) != 1 || accounts[0].ID != "u1" {
		t.Errorf("Users = %v, %v; want u1 alone", accounts, err)
	}
	listing, err := r.Groups(t.Context(), nil)
	if err != nil || len(listing.Groups()) != 1 || listing.Groups()[0].ID != "g1" {
		t.Errorf("Groups = %v, %v; want g1 alone", listing, err)
	}
	want := []string{
		"2 of 3 Genesys users cannot be read and are passed over; the first: user u2: userName has not the type it should have",
		"1 of 2 Genesys groups cannot be read and are passed over; the first: group g2: displayName is missing",
	}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// Incident 4: an error was ignored and became an empty list.
func TestListsThatCannotBeShownToBeWhole(t *testing.T) {
	grows := 0
	tests := []struct {
		name   string
		answer func(*http.Request) *http.Response
		cause  membership.Cause
		words  []string
		calls  int
	}{
		{"ends too early", func(req *http.Request) *http.Response { return listing(30, 25, users(1, 26, true))(req.URL.Query()) }, membership.Incomplete, []string{"30 are announced", "twice"}, 8},
		{"one twice hides another", func(req *http.Request) *http.Response {
			return listing(3, 2, append(users(1, 2, true), users(2, 2, true)...))(req.URL.Query())
		}, membership.Incomplete, []string{"3 are announced and 2 came"}, 6},
		{"more than announced", func(*http.Request) *http.Response { return listing(2, 25, users(1, 3, true))(nil) }, membership.Incomplete, []string{"2 are announced and 3 came"}, 2},
		{"none announced, and some came", func(*http.Request) *http.Response { return listing(0, 25, users(1, 3, true))(nil) }, membership.Incomplete, []string{"0 are announced and 3 came"}, 2},
		{"always the first page", func(_ *http.Request) *http.Response { return listing(60, 25, users(1, 25, true))(nil) }, membership.Incomplete, []string{"nothing new"}, 6},
		{"never ends", func(_ *http.Request) *http.Response {
			grows += 100
			return listing(grows, 1, users(1, 1, true))(nil)
		}, membership.Incomplete, nil, 6},
		{"resources in small letters", func(*http.Request) *http.Response {
			return reply(200, map[string]any{"totalResults": 1, "resources": users(1, 1, true)})
		}, membership.Incomplete, nil, 2},
		{"no totalResults", func(*http.Request) *http.Response {
			return reply(200, map[string]any{"Resources": users(1, 1, true)})
		}, membership.Unavailable, []string{"totalResults"}, 1},
		{"a user without an id", func(*http.Request) *http.Response {
			return reply(200, `{"totalResults":1,"Resources":[{"userName":"a@b"}]}`)
		}, membership.Unavailable, []string{"id is missing"}, 1},
		{"HTML", func(*http.Request) *http.Response { return reply(200, "<html>") }, membership.Unavailable, nil, 1},
		{"403", func(*http.Request) *http.Response {
			return reply(403, map[string]any{"code": "missing.permissions", "message": "no", "contextId": "c-1"}, "ININ-Correlation-Id: i-1")
		}, membership.Denied, []string{"directory:group:edit", "SCIM Integration", "missing.permissions", "ININ-Correlation-Id i-1", "contextId c-1"}, 1},
		{"401", func(*http.Request) *http.Response { return reply(401, `{"code":"bad.credentials"}`) }, membership.Denied, nil, 2},
		{"400", func(*http.Request) *http.Response { return reply(400, `{"scimType":"invalidFilter"}`) }, membership.Rejected, []string{"invalidFilter"}, 5},
		{"409", func(*http.Request) *http.Response { return reply(409, "{}") }, membership.Unavailable, nil, 1},
		{"408", func(*http.Request) *http.Response { return reply(408, "{}") }, membership.Unavailable, nil, 5},
		{"503", func(*http.Request) *http.Response { return reply(503, "") }, membership.Unavailable, []string{"5 attempts"}, 5},
		{"throttled for long", func(*http.Request) *http.Response { return reply(429, "{}", "Retry-After: 999") }, membership.Unavailable, nil, 2},
		{"cut connection", func(*http.Request) *http.Response { return nil }, membership.Unavailable, nil, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(req *http.Request) *http.Response {
					if inactiveFilter(req) {
						return listing(0, 25, nil)(req.URL.Query())
					}
					return tt.answer(req)
				})
				got, err := allUsers(t, genesys.NewReader(f.conn()))
				wantCause(t, err, tt.cause, append(tt.words, "listing Genesys users")...)
				if got != nil || len(f.asked) != tt.calls {
					t.Errorf("%d users after %d requests, want none after %d", len(got), len(f.asked), tt.calls)
				}
			})
		})
	}
}

func TestAListThatShiftsIsReadOnceMore(t *testing.T) {
	f := newFake(t, nil)
	f.answer = func(req *http.Request) *http.Response {
		switch {
		case inactiveFilter(req):
			return listing(0, 25, nil)(req.URL.Query())
		case len(f.asked) == 1:
			return listing(2, 25, append(users(1, 1, true), users(1, 1, true)...))(req.URL.Query())
		}
		return listing(2, 25, users(1, 2, true))(req.URL.Query())
	}
	if got, err := allUsers(t, genesys.NewReader(f.conn())); err != nil || len(got) != 2 {
		t.Errorf("Users: %d, %v; want the two of the second reading", len(got), err)
	}
}

// A user becomes inactive between two pages. The list has as many users as it announces in the end, but one was on no page.
func TestAListThatGetsShorterIsReadOnceMore(t *testing.T) {
	f := newFake(t, nil)
	pages := 0
	f.answer = func(req *http.Request) *http.Response {
		if inactiveFilter(req) {
			return listing(0, 25, nil)(req.URL.Query())
		}
		if pages++; pages == 1 {
			return listing(3, 2, users(1, 3, true))(req.URL.Query())
		}
		return listing(2, 2, users(2, 3, true))(req.URL.Query())
	}
	got, err := allUsers(t, genesys.NewReader(f.conn()))
	if err != nil || len(got) != 2 || got[0].ID != "u0002" || got[1].ID != "u0003" {
		t.Errorf("Users: %v, %v; want u2 and u3 of the second reading", got, err)
	}
}

// Somebody is activated while the lists are read: they are not in the list of inactive users any more, and were not in the list of
// active ones yet.
func TestAnAccountThatMovesBetweenTheLists(t *testing.T) {
	f := newFake(t, nil)
	active := users(1, 2, true)
	f.answer = func(req *http.Request) *http.Response {
		if inactiveFilter(req) {
			active = users(1, 3, true)
			return listing(0, 25, nil)(req.URL.Query())
		}
		return listing(len(active), 1, active)(req.URL.Query())
	}
	got, err := allUsers(t, genesys.NewReader(f.conn()))
	if err != nil || len(got) != 3 {
		t.Errorf("Users: %v, %v; want three", got, err)
	}
}

func TestGroups(t *testing.T) {
	f := newFake(t, func(req *http.Request) *http.Response {
		return listing(3, 2, []map[string]any{group("g2"), group("g3", "u1", "u2"), without(group("g1"), "members")})(req.URL.Query())
	})
	l, err := genesys.NewReader(f.conn()).Groups(t.Context(), nil)
	if err != nil || !l.Whole || len(l.Groups()) != 3 {
		t.Fatalf("Groups: %v, %v", l, err)
	}
	want := []membership.Group{
		{ID: "g1", DisplayName: "Group g1", Version: `"7"`, MembersAbsent: true},
		{ID: "g2", DisplayName: "Group g2", Version: `"7"`, Members: []string{}},
		{ID: "g3", DisplayName: "Group g3", Version: `"7"`, Members: []string{"u1", "u2"}},
	}
	for _, w := range want {
		if got, ok := l.Group(w.ID); !ok || !cmp.Equal(w, got) {
			t.Errorf("Group(%s) (-want +got):\n%s", w.ID, cmp.Diff(w, got))
		}
	}
	if found := l.Find("Group g2"); len(found) != 1 || found[0] != "g2" || l.Find("g4") != nil {
		t.Errorf("found %v", found)
	}
	if all, first := l.Members([]string{"g3", "g3", "g2"}, 3), l.Members([]string{"g3", "g1"}, 1); all != 2 || first != 2 {
		t.Errorf("%d and %d members, want 2 and 2", all, first)
	}
	if len(f.asked) != 2 || f.asked[0].URL.RequestURI() != "/api/v2/scim/groups?count=100&excludedAttributes=externalId&startIndex=1" {
		t.Errorf("asked %d times, first for %s; want the two pages", len(f.asked), f.asked[0].URL)
	}
}

func TestGroup(t *testing.T) {
	tests := []struct {
		name    string
		give    *http.Response
		version string
		cause   membership.Cause
		words   []string
	}{
		{name: "by the ETag", give: reply(200, group("g1", "u1"), `ETag: "8"`), version: `"8"`},
		{name: "a weak one", give: reply(200, group("g1", "u1"), `ETag: W/"8"`), version: `W/"8"`},
		{name: "by meta.version", give: reply(200, group("g1", "u1")), version: `"7"`},
		{name: "none", give: reply(200, without(group("g1", "u1"), "meta"))},
		{name: "another group", give: reply(200, group("g2", "u1")), cause: membership.Unavailable, words: []string{"g1", "g2"}},
		{name: "no name", give: reply(200, without(group("g1"), "displayName")), cause: membership.Unavailable, words: []string{"displayName"}},
		{name: "gone", give: reply(404, notFound), cause: membership.Missing, words: []string{"g1", "not.found"}},
		{name: "gone, as SCIM says it", give: reply(404, scimNotFound), cause: membership.Missing, words: []string{"g1"}},
		// Incident 33: a 404 of a gateway was taken for one of the service.
		{name: "a gateway's 404", give: reply(404, "<html>not found</html>", "Content-Type: text/html"), cause: membership.Unavailable},
		{name: "an empty 404", give: reply(404, ""), cause: membership.Unavailable},
		{name: "the body of another status", give: reply(404, strings.Replace(notFound, "404", "500", 1)), cause: membership.Unavailable},
		{name: "another content type", give: reply(404, notFound, "Content-Type: text/plain"), cause: membership.Unavailable},
		{name: "a gateway's JSON", give: reply(404, `{"message":"no Route matched with those values"}`), cause: membership.Unavailable},
		{name: "denied", give: reply(403, `{"code":"missing.permissions"}`), cause: membership.Denied, words: []string{"directory:group:edit"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, func(*http.Request) *http.Response { return tt.give })
			got, err := genesys.NewReader(f.conn()).Group(t.Context(), "g1")
			if f.asked[0].URL.Path != "/api/v2/scim/v2/groups/g1" || f.asked[0].URL.RawQuery != "" {
				t.Errorf("asked for %s", f.asked[0].URL)
			}
			if tt.cause != "" {
				wantCause(t, err, tt.cause, tt.words...)
				return
			}
			if err != nil || got.Version != tt.version || len(got.Members) != 1 {
				t.Errorf("Group = %+v, %v; want version %s", got, err, tt.version)
			}
		})
	}
	f := newFake(t, func(*http.Request) *http.Response { return reply(404, "{}") })
	_, _ = genesys.NewReader(f.conn()).Group(t.Context(), "../x y")
	if got := f.asked[0].URL.EscapedPath(); got != "/api/v2/scim/v2/groups/..%2Fx%20y" {
		t.Errorf("asked for %s, want the id escaped", got)
	}
}

// Incidents 18 and 34: the group's GET showed no members, so nobody was ever removed, or the group was overwritten.
func TestAGroupWithoutMembersAttribute(t *testing.T) {
	const none = `{"entities":[],"total":0,"pageSize":25,"pageNumber":1,"pageCount":0}`
	tests := []struct {
		name  string
		give  *http.Response
		empty bool
		word  string
	}{
		{"nobody", reply(200, none), true, ""},
		{"somebody", reply(200, `{"entities":[{"id":"u1"}],"total":1}`), false, "it has 1 individual members"},
		{"somebody without a total", reply(200, `{"entities":[{"id":"u1"}]}`), false, "neither who they are"},
		{"nobody on this page of several", reply(200, `{"entities":[],"total":30}`), false, "it has 30 individual members"},
		{"no entities", reply(200, `{"total":0}`), false, "neither who they are"},
		{"null", reply(200, `{"entities":null,"total":0}`), false, "neither who they are"},
		{"no total", reply(200, `{"entities":[]}`), false, "neither who they are"},
		{"an array", reply(200, `[]`), false, "cannot be read"},
		{"denied", reply(403, `{"code":"missing.permissions"}`), false, "403"},
		{"not there", reply(404, notFound), false, "404"},
		{"HTML", reply(200, `<html>`), false, "cannot be read"},
		{"failing", reply(501, `{}`), false, "501"},
		{"another success", reply(202, none), false, "neither who they are"},
		{"another content type", reply(200, none, "Content-Type: text/html"), false, "neither who they are"},
		{"another page", reply(200, `{"entities":[],"total":0,"nextUri":"/api/v2/groups/g1/individuals?pageNumber=2"}`), false, "neither who they are"},
		{"several pages", reply(200, `{"entities":[],"total":0,"pageCount":3}`), false, "neither who they are"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake(t, func(req *http.Request) *http.Response {
				switch req.URL.Path {
				case "/api/v2/scim/v2/groups/g1":
					return reply(200, without(group("g1"), "members"))
				case "/api/v2/groups/g1/individuals":
					return tt.give
				}
				return reply(200, `{"totalResults":1,"Resources":[]}`)
			})
			got, err := genesys.NewReader(f.conn()).Group(t.Context(), "g1")
			if !tt.empty {
				wantCause(t, err, membership.Incomplete, tt.word, "g1")
				if hint := membership.HintOf(err); strings.Contains(hint, "put one member into it by hand") == strings.Contains(tt.word, "individual members") {
					t.Errorf("the hint is %q", membership.HintOf(err))
				}
				return
			}
			if err != nil || got.MembersAbsent || got.Members == nil || len(got.Members) != 0 {
				t.Errorf("Group = %+v, %v; want an empty one", got, err)
			}
		})
	}
}

// The two shapes of the vendor's own 404.
const (
	notFound     = `{"message":"not found","code":"not.found","status":404,"contextId":"c1","details":[],"errors":[]}`
	scimNotFound = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"not found"}`
)
