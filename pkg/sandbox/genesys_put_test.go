package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// putBody returns a valid body for the group g2.
func putBody(members string) string {
	return `{"schemas":["` + groupURN + `"],"id":"g2","displayName":"Empty Desk","members":[` + members + `]}`
}

func putGroup(t *testing.T, w http.RoundTripper, auth, group, version, members string) answer {
	t.Helper()
	body := strings.ReplaceAll(putBody(members), `"g2"`, `"`+group+`"`)
	return ask(t, w, "PUT", apiHost+"/api/v2/scim/v2/groups/"+group, body, auth, "Content-Type: "+scimMedia, "If-Match: "+version)
}

func TestPutReplacesTheMembers(t *testing.T) {
	w := small()
	auth := genesysToken(t, w)
	a := putGroup(t, w, auth, "g2", `"1"`, `{"value":"a2"},{"value":"a4"}`) // inactive users are accepted
	if a.status != 200 || a.header.Get("ETag") != `"2"` || a.at("meta", "version") != "2" || a.at("displayName") != "Empty Desk" {
		t.Errorf("%d %v %s", a.status, a.header, a.text)
	}
	want := sandbox.GenesysGroup{ID: "g2", DisplayName: "Empty Desk", Version: 2,
		Members: []sandbox.GenesysMember{{Value: "a2", Type: "User"}, {Value: "a4", Type: "User"}}}
	if diff := cmp.Diff(want, w.Genesys().Groups[1]); diff != "" {
		t.Error(diff)
	}
	if a := putGroup(t, w, auth, "g2", `"2"`, `{"value":"a4"},{"value":"a2"}`); a.header.Get("ETag") != `"3"` {
		t.Errorf("the same set again: %v", a.header)
	}
	if a := putGroup(t, w, auth, "g2", `"3"`, ``); a.status != 200 || len(w.Genesys().Groups[1].Members) != 0 {
		t.Errorf("nobody: %d %s", a.status, a.text)
	}
}

// TestPutRefuses has every mistake of a client that replaces members. None of them may change anything.
func TestPutRefuses(t *testing.T) {
	const good = `{"schemas":["` + groupURN + `"],"id":"g1","externalId":"x-1","displayName":"Desk","members":[{"value":"a1"},{"value":"g2"}]}`
	change := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%s is not in the body", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	const kind, match, json = "Content-Type: " + scimMedia, `If-Match: "7"`, "application/scim+json"
	for _, c := range []struct {
		name, body, kind, match, accept string
		status                          int
		detail                          string
	}{
		{"good", good, kind, match, json, 200, ""},
		{"good, as plain JSON", good, "Content-Type: application/json; charset=utf-8", match, "application/json, */*", 200, ""},
		{"a group that is a member stays", change(`{"value":"a1"},`, ``), kind, match, json, 200, ""},
		{"no content type", good, "X: y", match, json, 415, ""},
		{"text", good, "Content-Type: text/plain", match, json, 415, ""},
		{"accept", good, kind, match, "text/plain", 406, ""},
		{"no If-Match", good, kind, "X: y", json, 400, "If-Match"},
		{"If-Match without quotes", good, kind, "If-Match: 7", json, 400, "double quotes"},
		{"If-Match: *", good, kind, "If-Match: *", json, 400, "double quotes"},
		{"old version", good, kind, `If-Match: "6"`, json, 409, "does not match current version"},
		{"old version of a group that was renamed since", change(`"Desk"`, `"Old Desk"`), kind, `If-Match: "6"`, json, 409, "does not match"},
		{"too large", good + strings.Repeat(" ", 512_001-len(good)), kind, match, json, 413, ""},
		{"as large as may be", good + strings.Repeat(" ", 512_000-len(good)), kind, match, json, 200, ""},
		{"empty", "", kind, match, json, 400, "EOF"},
		{"no object", "[]", kind, match, json, 400, "JSON array"},
		{"two objects", good + "{}", kind, match, json, 400, "after top-level value"},
		{"null", "null", kind, match, json, 400, "schemas"},
		{"broken", good[:len(good)-1], kind, match, json, 400, ""},
		{"meta", change(`"id"`, `"meta":{},"id"`), kind, match, json, 400, "meta"},
		{"capital Members", change(`"members"`, `"Members"`), kind, match, json, 400, "Members"},
		{"a key twice", change(`"id":"g1"`, `"id":"g1","id":"g1"`), kind, match, json, 400, "duplicate"},
		{"a key of a member twice", change(`"value":"a1"`, `"value":"a1","value":"a1"`), kind, match, json, 400, "duplicate"},
		{"no schemas", change(`"schemas":["`+groupURN+`"],`, ``), kind, match, json, 400, "schemas"},
		{"other schemas", change(groupURN, "urn:x"), kind, match, json, 400, "schemas"},
		{"one schema too many", change(`"]`, `","urn:x"]`), kind, match, json, 400, "schemas"},
		{"no id", change(`"id":"g1",`, ``), kind, match, json, 400, "id is not"},
		{"id of another", change(`"id":"g1"`, `"id":"g2"`), kind, match, json, 400, "id is not"},
		{"another name", change(`"Desk"`, `"desk"`), kind, match, json, 400, "displayName"},
		{"no name", change(`"displayName":"Desk",`, ``), kind, match, json, 400, "displayName"},
		{"another externalId", change(`"x-1"`, `"x-2"`), kind, match, json, 400, "externalId"},
		{"externalId null", change(`"x-1"`, `null`), kind, match, json, 400, "externalId"},
		{"no externalId", change(`"externalId":"x-1",`, ``), kind, match, json, 400, "externalId"},
		{"no members", change(`,"members":[{"value":"a1"},{"value":"g2"}]`, ``), kind, match, json, 400, "members"},
		{"members null", change(`[{"value":"a1"},{"value":"g2"}]`, `null`), kind, match, json, 400, "members"},
		{"members that are strings", change(`{"value":"a1"}`, `"a1"`), kind, match, json, 400, "members[0]"},
		{"a member with a type", change(`"value":"a1"`, `"value":"a1","type":"User"`), kind, match, json, 400, "members[0]"},
		{"a member with a $ref", change(`"value":"a1"`, `"value":"a1","$ref":"x"`), kind, match, json, 400, "members[0]"},
		{"a member without a value", change(`"value":"a1"`, ``), kind, match, json, 400, "members[0]"},
		{"a member twice", change(`"g2"`, `"a1"`), kind, match, json, 400, "twice"},
		{"an unknown member", change(`"a1"`, `"a9"`), kind, match, json, 400, "a9"},
		{"a group that is no member", change(`"a1"`, `"g1"`), kind, match, json, 400, "g1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := small()
			a := ask(t, w, "PUT", apiHost+"/api/v2/scim/v2/groups/g1", c.body, genesysToken(t, w), c.kind, c.match, "Accept: "+c.accept)
			if a.status != c.status {
				t.Fatalf("%d %s, want %d", a.status, a.text, c.status)
			}
			if c.status == 200 {
				return
			}
			detail, scim := a.at("detail").(string)
			if scim != (c.status == 400 || c.status == 409) || !strings.Contains(detail, c.detail) {
				t.Errorf("%s, want %q", a.text, c.detail)
			}
			if _, isString := a.at("status").(string); isString != scim {
				t.Errorf("the status of %s", a.text)
			}
			if diff := cmp.Diff(smallGenesys(), w.Genesys()); diff != "" {
				t.Errorf("refused, and yet: %s", diff)
			}
		})
	}
}

func TestExternalIDThatIsNotThere(t *testing.T) {
	w := small()
	body := strings.Replace(putBody(""), `"id"`, `"externalId":"x","id"`, 1)
	a := ask(t, w, "PUT", apiHost+"/api/v2/scim/v2/groups/g2", body, genesysToken(t, w), "Content-Type: "+scimMedia, `If-Match: "1"`)
	if a.status != 400 || !strings.Contains(a.text, "externalId") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := ask(t, w, "PUT", apiHost+"/api/v2/scim/v2/groups/g2?attributes=id", putBody(""), genesysToken(t, w), "Content-Type: "+scimMedia, `If-Match: "1"`); a.status != 400 {
		t.Errorf("with a parameter: %d", a.status)
	}
}
