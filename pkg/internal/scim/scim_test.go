package scim_test

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
)

func ptr[T any](v T) *T { return &v }

func decoder(text string) *jsontext.Decoder { return jsontext.NewDecoder(strings.NewReader(text)) }

func TestReadGroup(t *testing.T) {
	tests := []struct {
		name, give string
		want       membership.Group
		wantErr    string
	}{
		{name: "as Genesys writes it",
			give: `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g1","displayName":"Sales","externalId":"x",
				"members":[{"type":"User","value":"u1","$ref":"https://r"},{"value":"u2"},{"type":"Group","value":"g9"},{"type":"Robot","value":"r1"}],
				"meta":{"resourceType":"Group","version":"56"},"unknown":{"a":[1]}}`,
			want: membership.Group{ID: "g1", DisplayName: "Sales", Schemas: []string{scim.GroupSchema}, ExternalID: ptr("x"), Version: `"56"`,
				Members: []string{"g9", "r1", "u1", "u2"}, NotUsers: []string{"g9", "r1"}}},
		// Incident 18: absent members are not the same as no members.
		{name: "members absent", give: `{"id":"g1","displayName":"Sales"}`, want: membership.Group{ID: "g1", DisplayName: "Sales", MembersAbsent: true}},
		{name: "members null", give: `{"id":"g1","displayName":"Sales","members":null}`, want: membership.Group{ID: "g1", DisplayName: "Sales", MembersAbsent: true}},
		{name: "members in another case", give: `{"id":"g1","displayName":"Sales","Members":[]}`, want: membership.Group{ID: "g1", DisplayName: "Sales", MembersAbsent: true}},
		{name: "no members", give: `{"id":"g1","displayName":"Sales","members":[]}`, want: membership.Group{ID: "g1", DisplayName: "Sales", Members: []string{}}},
		{name: "one member twice, once as a group", give: `{"id":"g1","displayName":"Sales","members":[{"value":"u2"},{"value":"u1","type":"User"},{"value":"u1","type":"Group"},{"value":"u2"}]}`,
			want: membership.Group{ID: "g1", DisplayName: "Sales", Members: []string{"u1", "u2"}, NotUsers: []string{"u1"}}},
		{name: "odd meta", give: `{"id":"g1","displayName":"Sales","members":[],"meta":{"version":56}}`, want: membership.Group{ID: "g1", DisplayName: "Sales", Members: []string{}}},
		{name: "empty externalId", give: `{"id":"g1","displayName":"Sales","externalId":"","members":[]}`, want: membership.Group{ID: "g1", DisplayName: "Sales", ExternalID: ptr(""), Members: []string{}}},
		// Incident 28: a missing required attribute is an error.
		{name: "no id", give: `{"displayName":"Sales","members":[]}`, wantErr: "id is missing"},
		{name: "no displayName", give: `{"id":"g1","members":[]}`, wantErr: "group g1: displayName is missing"},
		{name: "member without value", give: `{"id":"g1","displayName":"Sales","members":[{"type":"User"}]}`, wantErr: "value is missing"},
		{name: "members is no list", give: `{"id":"g1","displayName":"Sales","members":{}}`, wantErr: "members has not the type"},
		{name: "externalId is a number", give: `{"id":"g1","displayName":"Sales","externalId":1,"members":[]}`, wantErr: "externalId has not the type"},
		{name: "a member is a number", give: `{"id":"g1","displayName":"Sales","members":[1]}`, wantErr: "group g1: members has not the type"},
		{name: "the tenth schema is a number", wantErr: "group g1: schemas has not the type",
			give: `{"id":"g1","displayName":"Sales","schemas":["","","","","","","","","",1]}`},
		{name: "the value of a member is a number", give: `{"id":"g1","displayName":"Sales","members":[{"value":1}]}`,
			wantErr: "group g1: value has not the type"},
		{name: "null", give: `null`, wantErr: "not a JSON object"},
		{name: "list", give: `[]`, wantErr: "not a JSON object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := scim.ReadGroup(decoder(tt.give))
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("Read: %v, want %q", err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Read (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadUser(t *testing.T) {
	tests := []struct {
		name, give string
		want       scim.User
		wantErr    string
	}{
		{name: "whole", give: `{"id":"u1","userName":"ann@example.com","displayName":"Ann","active":true,"externalId":"x","roles":[{}],
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"42","division":"Home"}}`,
			want: scim.User{Account: membership.Account{ID: "u1", UserName: "ann@example.com", DisplayName: "Ann", Active: true, EmployeeNumber: "42", ExternalID: "x"}, ActiveGiven: true}},
		{name: "inactive", give: `{"id":"u1","userName":"a","active":false}`, want: scim.User{Account: membership.Account{ID: "u1", UserName: "a"}, ActiveGiven: true}},
		{name: "active absent", give: `{"id":"u1","userName":"a"}`, want: scim.User{Account: membership.Account{ID: "u1", UserName: "a"}}},
		{name: "extension null", give: `{"id":"u1","userName":"a","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":null}`, want: scim.User{Account: membership.Account{ID: "u1", UserName: "a"}}},
		{name: "no id", give: `{"userName":"a"}`, wantErr: "id is missing"},
		{name: "no userName", give: `{"id":"u1"}`, want: scim.User{Account: membership.Account{ID: "u1"}}, wantErr: "user u1: userName is missing"},
		{name: "username", give: `{"id":"u1","username":"a"}`, want: scim.User{Account: membership.Account{ID: "u1"}}, wantErr: "userName is missing"},
		{name: "active is a string", give: `{"id":"u1","userName":"a","active":"true"}`, want: scim.User{Account: membership.Account{ID: "u1"}}, wantErr: "active has not the type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := scim.ReadUser(decoder(tt.give))
			if (err != nil) != (tt.wantErr != "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Fatalf("Read: %v, want %q", err, tt.wantErr)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Read (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadPage(t *testing.T) {
	tests := []struct {
		give    string
		total   int
		n       int
		wantErr string
	}{
		{give: `{"totalResults":3,"Resources":[{},{}]}`, total: 3, n: 2},
		{give: `{"totalResults":0}`},
		{give: `{"totalResults":3,"resources":[{},{}]}`, total: 3}, // an empty page; the caller treats it as an error
		{give: `{"Resources":[]}`, wantErr: "totalResults is missing"},
		{give: `{"totalResults":null,"Resources":[]}`, wantErr: "totalResults is missing"},
		{give: `{"totalResults":-1,"Resources":[]}`, wantErr: "totalResults is missing"},
		{give: `{"totalResults":"3","Resources":[]}`, wantErr: "totalResults has not the type"},
		{give: `{"totalResults":3,"Resources":{}}`, wantErr: "Resources has not the type"},
	}
	for _, tt := range tests {
		got, err := scim.ReadPage(decoder(tt.give), (*jsontext.Decoder).SkipValue)
		if (err != nil) != (tt.wantErr != "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
			t.Errorf("ReadPage(%s): %v, want %q", tt.give, err, tt.wantErr)
		}
		if got.Total != tt.total || got.Count != tt.n {
			t.Errorf("ReadPage(%s) = %d of %d, want %d of %d", tt.give, got.Count, got.Total, tt.n, tt.total)
		}
	}
}

// Incident 17: a PUT without members, or with a stale displayName.
func TestReplaceBody(t *testing.T) {
	group := membership.Group{ID: "g1", DisplayName: `Sales & "Co" <ü>`, Schemas: []string{scim.GroupSchema, "urn:more"}, ExternalID: ptr("x"),
		Version: `"56"`, Members: []string{"u1"}}
	bare := membership.Group{ID: "g1", DisplayName: "Sales", MembersAbsent: true}
	tests := []struct {
		name    string
		group   membership.Group
		members []string
		want    string
	}{
		{"two members", group, []string{"u2", "u1"},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","urn:more"],"id":"g1","displayName":"Sales & \"Co\" <ü>","externalId":"x","members":[{"value":"u2"},{"value":"u1"}]}`},
		{"the last member's removal", group, []string{},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","urn:more"],"id":"g1","displayName":"Sales & \"Co\" <ü>","externalId":"x","members":[]}`},
		{"nil is nobody too", bare, nil,
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g1","displayName":"Sales","members":[]}`},
		{"an empty externalId is sent back", membership.Group{ID: "g1", DisplayName: "S", ExternalID: ptr("")}, nil,
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g1","displayName":"S","externalId":"","members":[]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := scim.ReplaceBody(tt.group, tt.members)
			if err != nil || string(got) != tt.want {
				t.Errorf("ReplaceBody = %v\n %s, want\n %s", err, got, tt.want)
			}
		})
	}
}

// The vendor accepts 512,000 bytes, which are about 10,400 members according to its page on limits.
func TestReplaceBodyIsAsShortAsItCanBe(t *testing.T) {
	members := make([]string, 10_400)
	for i := range members {
		members[i] = "12345678-1234-1234-1234-123456789012"
	}
	body, err := scim.ReplaceBody(membership.Group{ID: members[0], DisplayName: "Everybody"}, members)
	if err != nil || len(body) > 512_000 {
		t.Errorf("%d bytes, %v; want 512,000 at most", len(body), err)
	}
}

func TestEntityTag(t *testing.T) {
	for give, want := range map[string]string{
		"56": `"56"`, `"56"`: `"56"`, `W/"56"`: `W/"56"`, " 56 ": `"56"`, "": "", `""`: "", `W/""`: "",
		`5"6`: "", "5\n6": "", "5 6": "", "2026-04-09T19:36:50.000Z": `"2026-04-09T19:36:50.000Z"`, `"`: "",
	} {
		if got := scim.EntityTag(give); got != want {
			t.Errorf("EntityTag(%q) = %q, want %q", give, got, want)
		}
	}
}
