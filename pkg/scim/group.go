// Package scim maps RFC 7643 groups, users, list pages and errors, as Genesys Cloud writes them, to the neutral types of
// package membership and back. It is pure, it lets unknown attributes pass, and it refuses to take an attribute that is
// absent for one that is empty.
package scim

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// MediaType is what a SCIM body is sent as (RFC 7644 §8.1).
const MediaType = "application/scim+json"

// GroupSchema is the core schema of a group (RFC 7643 §4.2).
const GroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"

// ReadGroup takes the next group from the wire. Its Version is meta.version as an entity tag. The group that comes with an
// *InvalidError has the id, if at least that could be read.
func ReadGroup(dec *jsontext.Decoder) (membership.Group, error) {
	var g struct {
		Schemas     []string `json:"schemas"`
		ID          string   `json:"id"`
		DisplayName string   `json:"displayName"`
		ExternalID  *string  `json:"externalId"`
		Members     []struct {
			Value string `json:"value"`
			Type  string `json:"type"`
		} `json:"members"`
		Meta jsontext.Value `json:"meta"`
	}
	id, err := readRecord(dec, "the group", &g)
	id = cmp.Or(id, g.ID)
	switch {
	case err != nil && (id == "" || !isInvalid(err)):
		return membership.Group{}, err
	case id == "":
		return membership.Group{}, invalid("a group whose id is missing")
	case err == nil && g.DisplayName == "":
		err = invalid("displayName is missing")
	}
	group := membership.Group{
		ID: id, DisplayName: g.DisplayName, Schemas: g.Schemas, ExternalID: g.ExternalID, Version: version(g.Meta), MembersAbsent: true,
	}
	var ids, notUsers []string
	for _, m := range g.Members {
		if m.Value == "" && err == nil {
			err = invalid("a member: a member's value is missing")
		}
		ids = append(ids, m.Value)
		if !isUser(m.Type) {
			notUsers = append(notUsers, m.Value)
		}
	}
	if g.Members != nil { // members that are absent, or null, are not the same as members that are none
		group.MembersAbsent, group.Members = false, membership.Distinct(ids)
	}
	if len(notUsers) > 0 { // whoever is listed as a user and as something else is something else
		group.NotUsers = membership.Distinct(notUsers)
	}
	if err != nil {
		return membership.Group{ID: id}, invalid("group %s: %v", id, err)
	}
	return group, nil
}

// isUser says whether a type of a member is that of a user. A member without a type counts as one, because the attribute is optional
// (RFC 7643 §4.2); whether there is such a user, the listing of users tells.
func isUser(kind string) bool { return kind == "" || kind == "User" }

// version returns meta.version as an entity tag. A group without one can be read all the same, and not be written.
func version(meta jsontext.Value) string {
	var m struct {
		Version string `json:"version"`
	}
	if json.Unmarshal(meta, &m, jsontext.AllowInvalidUTF8(true)) != nil {
		return ""
	}
	return EntityTag(m.Version)
}

// EntityTag writes a version as If-Match takes it (RFC 9110 §8.8.3): 56 becomes "56" in quotes, what is a tag already
// stays, weak ones among them. What cannot be a tag is no version.
func EntityTag(version string) string {
	version = strings.TrimSpace(version)
	opaque := strings.TrimPrefix(version, "W/")
	quoted := len(opaque) >= 2 && opaque[0] == '"' && opaque[len(opaque)-1] == '"'
	if quoted {
		opaque = opaque[1 : len(opaque)-1]
	}
	notInTag := func(c rune) bool { return c <= ' ' || c == '"' || c == 0x7f }
	switch {
	case opaque == "" || strings.ContainsFunc(opaque, notInTag):
		return ""
	case quoted:
		return version
	}
	return `"` + version + `"`
}

// MaxBody is the size of the largest body that Genesys takes (page "Limits": 413 above it).
const MaxBody = 512_000

// ReplaceBody returns the body of the PUT that gives a group exactly these members: what the vendor's schema requires,
// as it was read, and nothing else. Members are always an array, because what a PUT without them does is nowhere said.
func ReplaceBody(g membership.Group, members []string) ([]byte, error) {
	type reference struct {
		Value string `json:"value"`
	}
	body := struct {
		Schemas     []string    `json:"schemas"`
		ID          string      `json:"id"`
		DisplayName string      `json:"displayName"`
		ExternalID  *string     `json:"externalId,omitzero"`
		Members     []reference `json:"members"`
	}{g.Schemas, g.ID, g.DisplayName, g.ExternalID, make([]reference, 0, len(members))}
	if len(body.Schemas) == 0 {
		body.Schemas = []string{GroupSchema}
	}
	for _, id := range members {
		body.Members = append(body.Members, reference{id})
	}
	out, err := json.Marshal(body, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("writing the members of group %s: %w", g.ID, err)
	}
	return out, nil
}
