// Package scim maps RFC 7643 groups, users, list pages and errors, as Genesys Cloud writes them, to the neutral types of
// package membership and back. It is pure, it lets unknown attributes pass, and it refuses to take an attribute that is
// absent for one that is empty.
package scim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// MediaType is what a SCIM body is sent as (RFC 7644 §8.1).
const MediaType = "application/scim+json"

// GroupSchema is the core schema of a group (RFC 7643 §4.2).
const GroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"

// GroupReader reads groups, one after the other. It is not safe for concurrent use.
type GroupReader struct {
	// Each takes the members of every group in place of the group: an id, whose bytes are good until it returns, and a type. It
	// may be nil.
	Each func(id []byte, kind string)

	group  membership.Group
	member memberReader
	meta   metaReader
}

// Read takes the next group from the wire. Its Version is meta.version as an entity tag. The group that comes with an *InvalidError has the id, if at least that could be read.
func (r *GroupReader) Read(dec *jsontext.Decoder) (membership.Group, error) {
	r.group, r.meta.version = membership.Group{MembersAbsent: true}, ""
	err := attributes(dec, "the group", r)
	g := r.group
	switch {
	case err != nil && !mendable(err):
		return membership.Group{}, err
	case g.ID == "" && err == nil:
		return membership.Group{}, invalid("a group whose id is missing")
	case g.ID == "":
		return membership.Group{}, err
	case err == nil && g.DisplayName == "":
		err = invalid("displayName is missing")
	}
	if err != nil {
		return membership.Group{ID: g.ID}, invalid("group %s: %v", g.ID, err)
	}
	g.Version = EntityTag(r.meta.version)
	return g, nil
}

func (r *GroupReader) take(name []byte, dec *jsontext.Decoder) error {
	switch string(name) {
	case "id":
		return text(dec, &r.group.ID)
	case "displayName":
		return text(dec, &r.group.DisplayName)
	case "externalId":
		value, err := membership.TakeString(dec)
		if err == nil && value != nil {
			s := string(value)
			r.group.ExternalID = &s
		}
		return err
	case "schemas":
		return r.takeSchemas(dec)
	case "members":
		return r.takeMembers(dec)
	case "meta":
		if err := attributes(dec, "meta", &r.meta); err != nil && !mendable(err) {
			return err // a group without a version can be read all the same
		}
		return nil
	}
	return dec.SkipValue()
}

func (r *GroupReader) takeSchemas(dec *jsontext.Decoder) error {
	given, err := membership.StartArray(dec)
	for given {
		more, err := membership.NextElement(dec)
		if err != nil || !more {
			return err
		}
		value, err := membership.TakeString(dec)
		if err != nil {
			return err
		}
		if r.group.Schemas = append(r.group.Schemas, GroupSchema); string(value) != GroupSchema {
			r.group.Schemas[len(r.group.Schemas)-1] = string(value)
		}
	}
	return err
}

// takeMembers keeps apart what must not be confused: members that are absent (or null), and members that are none.
func (r *GroupReader) takeMembers(dec *jsontext.Decoder) error {
	given, err := membership.StartArray(dec)
	if !given {
		return err
	}
	r.group.MembersAbsent, r.group.Members = false, []membership.Member{}
	for {
		more, err := membership.NextElement(dec)
		if err != nil || !more {
			return err
		}
		r.member = memberReader{id: r.member.id[:0]}
		switch err := attributes(dec, "a member", &r.member); {
		case err != nil && mendable(err):
			return invalid("a member: %v", err)
		case err != nil:
			return err
		case len(r.member.id) == 0:
			return invalid("a member's value is missing")
		case r.Each != nil:
			r.Each(r.member.id, r.member.kind)
		default:
			r.group.Members = append(r.group.Members, membership.Member{ID: string(r.member.id), Type: r.member.kind})
		}
	}
}

// memberReader reads one entry of a group's members.
type memberReader struct {
	id   []byte
	kind string
}

func (m *memberReader) take(name []byte, dec *jsontext.Decoder) error {
	switch string(name) {
	case "value":
		value, err := membership.TakeString(dec)
		m.id = append(m.id[:0], value...)
		return err
	case "type":
		value, err := membership.TakeString(dec)
		if m.kind = "User"; string(value) != m.kind {
			m.kind = string(value)
		}
		return err
	}
	return dec.SkipValue()
}

// metaReader reads meta.version.
type metaReader struct{ version string }

func (m *metaReader) take(name []byte, dec *jsontext.Decoder) error {
	if string(name) == "version" {
		return text(dec, &m.version)
	}
	return dec.SkipValue()
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
