package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
)

// An answer that says something twice says nothing: whichever of both is taken, the other may be the truth, and half of a
// group would go. Nobody is removed, and the next run asks again.
func TestAnAnswerThatSaysItTwice(t *testing.T) {
	last := func(more string) func(string) string {
		return func(body string) string {
			body = strings.TrimSpace(body)
			return strings.TrimSuffix(body, "}") + "," + more + "}"
		}
	}
	first := func(more string) func(string) string {
		return func(body string) string { return "{" + more + "," + strings.TrimPrefix(strings.TrimSpace(body), "{") }
	}
	inside := func(name, twice string) func(string) string {
		return func(body string) string { return strings.ReplaceAll(body, name, twice+","+name) }
	}
	for _, test := range []struct {
		name, place string
		alter       func(body string) string
	}{
		{"the count at the end", "Graph's members", last(`"@odata.count":1`)},
		{"the count at the beginning", "Graph's members", first(`"@odata.count":1`)},
		{"nobody at the end", "Graph's members", last(`"value":[]`)},
		{"nobody at the beginning", "Graph's members", first(`"value":[]`)},
		{"nobody, and counted", "Graph's members", last(`"@odata.count":0,"value":[]`)},
		{"a person's id", "Graph's members", inside(`"id":`, `"id":"0"`)},
		{"a person's userPrincipalName", "Graph's members", inside(`"userPrincipalName":`, `"userPrincipalName":"x@y"`)},
		{"the total at the end", "Genesys's groups", last(`"totalResults":0`)},
		{"the total at the beginning", "Genesys's groups", first(`"totalResults":0`)},
		{"no groups", "Genesys's groups", last(`"totalResults":0,"Resources":[]`)},
		{"no groups at the beginning", "Genesys's groups", first(`"Resources":[]`)},
		{"a group's id", "Genesys's groups", inside(`"id":`, `"id":"0"`)},
		{"no users", "Genesys's users", last(`"Resources":[]`)},
		{"no users, and counted", "Genesys's users", last(`"totalResults":0,"Resources":[]`)},
		{"a user's state", "Genesys's users", inside(`"active":`, `"active":false`)},
		{"a user's id", "Genesys's users", inside(`"id":`, `"id":"0"`)},
		{"no members", "one Genesys group", last(`"members":[]`)},
		{"no members at the beginning", "one Genesys group", first(`"members":[]`)},
		{"the group's id", "one Genesys group", first(`"id":"0"`)},
	} {
		t.Run(test.place+"/"+test.name, func(t *testing.T) {
			tr := &trap{place: placeOf(test.place)}
			tr.answer = func(w http.ResponseWriter, r *http.Request) {
				real := httptest.NewRecorder()
				r.Header.Del("Accept-Encoding") // what is packed cannot be altered
				tr.world.ServeHTTP(real, r)
				for name, values := range real.Header() {
					if name != "Content-Length" {
						w.Header()[name] = values
					}
				}
				w.WriteHeader(real.Code)
				_, _ = w.Write([]byte(test.alter(real.Body.String())))
			}
			got := besieged(t, tr, "sync", "--group", "Support Tier 1", "--group", "Night Shift")
			if got.status != report.Unavailable || strings.Contains(got.stdout, " removed") {
				t.Errorf("got %+v; want status 7, and nobody removed", got)
			}
		})
	}
}
