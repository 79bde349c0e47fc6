package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// The kind of a group follows from its properties. If one of those is hidden, the kind is unknown and not a guess.
func TestGroupKinds(t *testing.T) {
	for i, tt := range []struct{ group, want string }{
		{`"groupTypes":[],"securityEnabled":true,"mailEnabled":false`, "security"},
		{`"groupTypes":[],"securityEnabled":true,"mailEnabled":true`, "mail-enabled security"},
		{`"groupTypes":[],"securityEnabled":false,"mailEnabled":true`, "distribution"},
		{`"groupTypes":["Unified"],"securityEnabled":false,"mailEnabled":true`, "Microsoft 365"},
		{`"groupTypes":["Unified","DynamicMembership"],"securityEnabled":true,"mailEnabled":true`, "Microsoft 365, dynamic"},
		{`"groupTypes":[],"securityEnabled":true,"mailEnabled":false,"membershipRule":"user.x"`, "security, dynamic"},
		{
			`"groupTypes":[],"securityEnabled":true,"mailEnabled":false,"isAssignableToRole":true,"visibility":"HiddenMembership"`,
			"security, role-assignable, hidden membership",
		},
		{`"groupTypes":[],"securityEnabled":false,"mailEnabled":false`, "unknown"},
		{`"groupTypes":null,"securityEnabled":true,"mailEnabled":false,"isAssignableToRole":null,"membershipRule":null`, "unknown"},
		{`"groupTypes":[],"mailEnabled":false`, "unknown"},
		{`"groupTypes":[],"securityEnabled":true`, "unknown"},
		{`"visibility":"HiddenMembership"`, "unknown, hidden membership"},
	} {
		body := fmt.Sprintf(`{"@odata.count":%d,"value":[{"id":"1","displayName":"A",%s}]}`, i%2+1, tt.group)
		got, err := newFake(t, func(*http.Request) *http.Response { return reply(200, json.RawMessage(body)) }).client().Groups(t.Context())
		if err != nil || len(got.Groups) != 1 {
			t.Fatalf("%s: %+v, %v", tt.group, got, err)
		}
		var kinds []string
		for _, kind := range got.Groups[0].Kinds {
			kinds = append(kinds, string(kind))
		}
		if strings.Join(kinds, ", ") != tt.want || !got.Groups[0].Is(got.Groups[0].Kinds...) || got.Groups[0].Is("other") {
			t.Errorf("%s: %q, want %q", tt.group, kinds, tt.want)
		}
		if got.Whole != (i%2 == 0) { // every second time Graph counts two
			t.Errorf("%s: whole: %t", tt.group, got.Whole)
		}
	}
}
