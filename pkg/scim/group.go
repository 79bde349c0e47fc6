// Package scim maps RFC 7643 groups, users, list pages and errors, as Genesys Cloud writes them, to the neutral types of
// package membership and back. It is pure, it lets unknown attributes pass, and it refuses to take an attribute that is
// absent for one that is empty.
package scim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// MediaType is what a SCIM body is sent as (RFC 7644 §8.1).
const MediaType = "application/scim+json"

// GroupSchema is the core schema of a group (RFC 7643 §4.2).
const GroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"

// DecodeGroup reads a group. Its Version is meta.version as an entity tag. The group that comes with an error has the id,
// if at least that could be read.
func DecodeGroup(data []byte) (membership.Group, error) {
	o, err := decodeObject(data, "the group")
	if err != nil {
		return membership.Group{}, err
	}
	id, err := o.required("id")
	if err != nil {
		return membership.Group{}, fmt.Errorf("a group whose %w", err)
	}
	g := membership.Group{ID: id}
	if g.DisplayName, err = o.required("displayName"); err == nil {
		if _, err = o.decode("schemas", &g.Schemas); err == nil {
			_, err = o.decode("externalId", &g.ExternalID)
		}
	}
	if err == nil {
		err = decodeMembers(o, &g)
	}
	if err != nil {
		return membership.Group{ID: id}, fmt.Errorf("group %s: %w", id, err)
	}
	g.Version = metaVersion(o)
	return g, nil
}

// decodeMembers keeps apart what must not be confused: members that are absent (or null), and members that are none.
func decodeMembers(o object, g *membership.Group) error {
	var entries []json.RawMessage
	present, err := o.decode("members", &entries)
	if err != nil || !present {
		g.MembersAbsent = !present
		return err
	}
	g.Members = make([]membership.Member, 0, len(entries))
	for _, entry := range entries {
		member, err := decodeObject(entry, "a member")
		if err != nil {
			return err
		}
		var m membership.Member
		if m.ID, err = member.required("value"); err != nil {
			return fmt.Errorf("a member's %w", err)
		}
		if _, err = member.decode("type", &m.Type); err != nil {
			return fmt.Errorf("a member's %w", err)
		}
		g.Members = append(g.Members, m)
	}
	return nil
}

// metaVersion returns meta.version as an entity tag; a group without one can be read all the same.
func metaVersion(o object) string {
	var meta object
	var version string
	if ok, err := o.decode("meta", &meta); !ok || err != nil {
		return ""
	}
	if ok, err := meta.decode("version", &version); !ok || err != nil {
		return ""
	}
	return EntityTag(version)
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
		ExternalID  *string     `json:"externalId,omitempty"`
		Members     []reference `json:"members"`
	}{g.Schemas, g.ID, g.DisplayName, g.ExternalID, make([]reference, 0, len(members))}
	if len(body.Schemas) == 0 {
		body.Schemas = []string{GroupSchema}
	}
	for _, id := range members {
		body.Members = append(body.Members, reference{id})
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the vendor limits the bytes of a body
	if err := encoder.Encode(body); err != nil {
		return nil, fmt.Errorf("writing the members of group %s: %w", g.ID, err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
