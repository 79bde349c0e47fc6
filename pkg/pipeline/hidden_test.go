package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// groupRecord is a SCIM group as Genesys writes it; without members where they are empty.
func groupRecord(n int, members string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":%q,"displayName":"G%d","externalId":"x%d",`+
		`%s"meta":{"version":"1"}}`, id(genesysGroupKind, n), n, n, members)
}

// showing answers for group 0 in place of the World: its record in the list and alone, where they are given, and its individuals.
func showing(inList, alone *string, individuals reply) func(*http.Request) *http.Response {
	return func(r *http.Request) *http.Response {
		switch {
		case strings.HasSuffix(r.URL.Path, "/individuals"):
			return individuals.response()
		case alone != nil && r.Method == http.MethodGet && r.URL.Path == "/api/v2/scim/v2/groups/"+id(genesysGroupKind, 0):
			return answer(200, "application/scim+json", groupRecord(0, *alone), "ETag", `"1"`)
		case inList != nil && r.URL.Path == "/api/v2/scim/groups":
			other := fmt.Sprintf(`"members":[{"value":%q,"type":"User"}],`, id(accountKind, 1))
			return answer(200, "application/scim+json", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],`+
				`"totalResults":2,"startIndex":1,"itemsPerPage":2,"Resources":[%s,%s]}`, groupRecord(0, *inList), groupRecord(1, other)))
		}
		return nil
	}
}

// Incident 34: a group without members in an answer is empty where its individual members are shown to be nobody, and nowhere else.
func TestAGroupThatHidesItsMembers(t *testing.T) {
	absent, empty := "", `"members":[],`
	unclear := map[string]reply{
		"several pages":          {200, "application/json", `{"entities":[],"total":0,"pageCount":3}`},
		"another page":           {200, "application/json", `{"entities":[],"total":0,"nextUri":"/api/v2/groups/x/individuals?pageNumber=2"}`},
		"no entities":            {200, "application/json", `{"total":0}`},
		"entities null":          {200, "application/json", `{"entities":null,"total":0}`},
		"no total":               {200, "application/json", `{"entities":[]}`},
		"total null":             {200, "application/json", `{"entities":[],"total":null}`},
		"an error as a success":  {200, "application/json", ownError(500, "x")},
		"HTML":                   {200, "text/html", "<html>"},
		"JSON as HTML":           {200, "text/html", `{"entities":[],"total":0}`},
		"cut":                    {200, "application/json", `{"entities":[],"tot`},
		"not found":              {404, "application/json", ownError(404, "x")},
		"denied":                 {403, "application/json", ownError(403, "x")},
		"failing":                {500, "application/json", ownError(500, "x")},
		"nothing":                {204, "application/json", ""},
		"a part":                 {206, "application/json", `{"entities":[],"total":0}`},
		"a negative total":       {200, "application/json", `{"entities":[],"total":-1}`},
		"somebody without id":    {200, "application/json", `{"entities":[{}],"total":0}`},
		"somebody":               {200, "application/json", `{"entities":[{"id":"x"}],"total":1}`},
		"somebody on no page":    {200, "application/json", `{"entities":[],"total":4}`},
		"somebody and no total":  {200, "application/json", `{"entities":[{"id":"x"}]}`},
		"somebody as a negative": {200, "application/json", `{"entities":[{"id":"x"}],"total":-1}`},
	}
	nobody := reply{200, "application/json", `{"entities":[],"total":0,"pageSize":25,"pageNumber":1,"pageCount":1}`}
	for _, where := range []struct {
		name          string
		inList, alone *string
		hides         bool // the World hides them everywhere
		clear         push.Status
		unclear       push.Status // changed where an answer that is not clear leaves the group as it is shown
	}{
		{name: "everywhere", hides: true, clear: push.NotApplied, unclear: push.Incomplete}, // a false answer: the read back shows nothing
		{name: "in the list", inList: &absent, clear: push.Done, unclear: push.Done},        // alone it shows four
		{name: "alone", alone: &absent, clear: push.Incomplete, unclear: push.Incomplete},   // the list shows four
		{name: "an empty list alone", alone: &empty, clear: push.Incomplete, unclear: push.Incomplete},
		{name: "absent here and there", inList: &absent, alone: &absent, clear: push.Done, unclear: push.Incomplete},
		{name: "an empty list and absent", inList: &empty, alone: &absent, clear: push.Done, unclear: push.Incomplete},
		{name: "an empty list here and there", inList: &empty, alone: &empty, clear: push.Done, unclear: push.Incomplete},
	} {
		all := map[string]reply{"nobody": nobody}
		for name, answer := range unclear {
			all[name] = answer
		}
		for name, individuals := range all {
			s := newScene(t, 6, [][]int{{0, 1, 5}, {1}}, [][]int{{1, 2, 3, 4}, {1}})
			s.edit(func(_ *sandbox.Entra, g *sandbox.Genesys) { g.Groups[0].HidesMembers = where.hides })
			s.settings.Mappings[0].Rules = true // members by a rule are not what is tested here
			s.instead = showing(where.inList, where.alone, individuals)
			_, r := s.sync()
			want := where.unclear
			if name == "nobody" {
				want = where.clear
			}
			if out := r.Outcomes[0]; out.Status != want || want == push.Incomplete && s.requests("PUT") > 0 {
				t.Errorf("%s, individuals %s: %s (%s) with %s after %d PUTs, want %s",
					where.name, name, out.Status, out.Detail, s.sorted(0), s.requests("PUT"), want)
			}
		}
	}
}
