// Package scim converts RFC 7643 groups, users and list pages, as Genesys Cloud writes them, to the types of package
// membership, and groups back to JSON. It is pure. It ignores unknown attributes, and it never takes an absent attribute for
// an empty one. Start with [ReadPage], whose elements [ReadGroup] and [ReadUser] read, and [ReplaceBody].
package scim

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// MediaType is the media type of SCIM bodies (RFC 7644 §8.1).
const MediaType = "application/scim+json"

// GroupSchema is the core schema of a group (RFC 7643 §4.2).
const GroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"

// ReadGroup reads the next group from dec. Its Version is meta.version as an entity tag. If the error is an
// *[InvalidError], the group has at least its id, if that could be read.
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
	err := readRecord(dec, "group", &g, &g.ID)
	switch {
	case g.ID == "" || err != nil && !errors.As(err, new(*InvalidError)):
		return membership.Group{}, err
	case err == nil && g.DisplayName == "":
		err = invalid("displayName is missing")
	}
	group := membership.Group{
		ID: g.ID, DisplayName: g.DisplayName, Schemas: g.Schemas, ExternalID: g.ExternalID, Version: version(g.Meta),
		MembersAbsent: true,
	}
	ids := make([]string, 0, len(g.Members))
	var notUsers []string
	for _, m := range g.Members {
		if m.Value == "" && err == nil {
			err = invalid("a member: a member's value is missing")
		}
		ids = append(ids, m.Value)
		if !isUser(m.Type) {
			notUsers = append(notUsers, m.Value)
		}
	}
	if g.Members != nil { // absent or null members are not the same as an empty list
		slices.Sort(ids)
		group.MembersAbsent, group.Members = false, slices.Compact(ids)
	}
	if len(notUsers) > 0 { // a member that is listed both as a user and as another kind counts as the other kind
		group.NotUsers = membership.Distinct(notUsers)
	}
	if err != nil {
		return membership.Group{ID: g.ID}, invalid("group %s: %v", g.ID, err)
	}
	return group, nil
}

// isUser says whether the type of a member is a user. A member without a type counts as a user, because the attribute is
// optional (RFC 7643 §4.2); the listing of users shows whether that user exists.
func isUser(kind string) bool { return kind == "" || kind == "User" }

// version returns meta.version as an entity tag. A group without one can be read, but not written.
func version(meta jsontext.Value) string {
	var m struct {
		Version string `json:"version"`
	}
	if json.Unmarshal(meta, &m, jsontext.AllowInvalidUTF8(true)) != nil {
		return ""
	}
	return EntityTag(m.Version)
}

// EntityTag returns a version in the form of If-Match (RFC 9110 §8.8.3): 56 becomes "56" in quotes, and a value that is
// already a tag, weak or not, is unchanged. It returns an empty string for a value that cannot be a tag.
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

// MaxBody is the largest body that Genesys accepts (page "Limits": 413 above it).
const MaxBody = 512_000

// ReplaceBody returns the body of the PUT that gives a group exactly these members. It has the attributes that the
// vendor's schema requires, as they were read, and no others. Members are always an array, because the effect of a PUT
// without members is not documented.
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

// BodyWithoutMembers returns the body of a PUT that has no attribute members. It is only for finding out what such a PUT does.
func BodyWithoutMembers(g membership.Group) ([]byte, error) {
	body := struct {
		Schemas     []string `json:"schemas"`
		ID          string   `json:"id"`
		DisplayName string   `json:"displayName"`
		ExternalID  *string  `json:"externalId,omitzero"`
	}{g.Schemas, g.ID, g.DisplayName, g.ExternalID}
	if len(body.Schemas) == 0 {
		body.Schemas = []string{GroupSchema}
	}
	out, err := json.Marshal(body, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return nil, fmt.Errorf("writing group %s without members: %w", g.ID, err)
	}
	return out, nil
}
