package sandbox

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
)

// maxBody is the largest request that Genesys accepts, in bytes.
const maxBody = 512_000

func badRequest(c *request, scimType, detail string, args ...any) *reply {
	return scimError(c, http.StatusBadRequest, scimType, fmt.Sprintf(detail, args...))
}

// putGroup replaces the members of a group (RFC 7644 §3.5.1). All other attributes must be unchanged, so that a client
// that renames a group or loses its externalId is found.
func (w *World) putGroup(c *request, group *GenesysGroup) *reply {
	if len(c.body) > maxBody {
		return genesysError(c, http.StatusRequestEntityTooLarge, "request.entity.too.large",
			"The request is over the size limit. Maximum bytes: "+strconv.Itoa(maxBody))
	}
	kind, _, _ := mime.ParseMediaType(c.header.Get("Content-Type"))
	if kind != scimMedia && kind != "application/json" {
		return genesysError(c, http.StatusUnsupportedMediaType, "unsupported.media.type",
			"Content-Type is neither application/scim+json nor application/json.")
	}
	if c.url.RawQuery != "" {
		return genesysError(c, http.StatusBadRequest, "bad.request", "A PUT has no parameters here.")
	}
	change, refused := w.checkPut(c, group)
	if refused != nil {
		return refused
	}
	after := w.replace(c, group, change)
	r := jsonReply(http.StatusOK, c.scimType(), w.groupJSON(c, after))
	if w.genesys.Switches.PutWithoutBody {
		r = &reply{status: http.StatusOK, header: http.Header{}}
	}
	r.header.Set("ETag", etag(after.Version))
	return r
}

// checkPut checks the form first, then the version, then the unchanged attributes, and then the members.
func (w *World) checkPut(c *request, group *GenesysGroup) (putChange, *reply) {
	var body map[string]any // by a decoder that refuses duplicate names, and anything after the object
	if err := json.Unmarshal(c.body, &body); err != nil {
		return putChange{}, badRequest(c, "invalidSyntax", "%s", err)
	}
	ids, refused := w.checkForm(c, body)
	if refused != nil {
		return putChange{}, refused
	}
	switch match := c.header.Get("If-Match"); {
	case len(match) < 3 || match[0] != '"' || match[len(match)-1] != '"':
		return putChange{}, badRequest(c, "invalidVers",
			"If-Match must carry the version of the group as it was read, in double quotes.")
	case match != etag(group.Version) && w.genesys.Switches.VersionConflict != "accepted":
		return putChange{}, w.versionConflict(c, match, etag(group.Version))
	}
	if refused := w.checkUnchanged(c, body, group); refused != nil {
		return putChange{}, refused
	}
	change := putChange{externalID: group.ExternalID, members: group.Members}
	if _, present := body["members"]; present {
		change.members, refused = w.resolveMembers(c, ids, group)
	} else if w.genesys.Switches.PutWithoutMembers == "emptied" {
		change.members = nil
	}
	if externalID, present := body["externalId"]; present {
		change.externalID, _ = externalID.(string)
	} else if w.genesys.Switches.PutWithoutExternalID == "removed" {
		change.externalID = ""
	}
	return change, refused
}

// putChange is what a group has after a PUT.
type putChange struct {
	externalID string
	members    []GenesysMember
}

// checkForm requires the schema, members, and no attributes that cannot be written.
func (w *World) checkForm(c *request, body map[string]any) (ids []string, refused *reply) {
	for name := range body {
		if !slices.Contains([]string{"schemas", "id", "displayName", "externalId", "members"}, name) {
			return nil, badRequest(c, "invalidSyntax", "The attribute %s cannot be written.", name)
		}
	}
	if schemas, _ := body["schemas"].([]any); len(schemas) != 1 || schemas[0] != groupSchema {
		return nil, badRequest(c, "invalidSyntax", "schemas must be exactly %s.", groupSchema)
	}
	members, present := body["members"]
	if s := w.genesys.Switches.PutWithoutMembers; !present && (s == "kept" || s == "emptied") {
		return nil, nil
	}
	return memberIDs(c, members)
}

// checkUnchanged requires the group as it was read. externalId may be absent or another text if a switch says so.
func (w *World) checkUnchanged(c *request, body map[string]any, group *GenesysGroup) *reply {
	externalID, present := body["externalId"]
	text, isText := externalID.(string)
	s := w.genesys.Switches.PutWithoutExternalID
	free := (s == "kept" || s == "removed") && (!present || isText && text != "")
	switch {
	case body["id"] != group.ID:
		return badRequest(c, "mutability", "id is not the id in the path.")
	case body["displayName"] != group.DisplayName:
		return badRequest(c, "mutability", "displayName is not the name of the group, and it is read-only.")
	case !free && (present != (group.ExternalID != "") || present && externalID != group.ExternalID):
		return badRequest(c, "invalidValue", "externalId is not the one that the group has.")
	}
	return nil
}

// memberIDs requires a list, which may be empty, of objects with only a value: type and $ref are read-only.
func memberIDs(c *request, members any) ([]string, *reply) {
	list, ok := members.([]any)
	if !ok {
		return nil, badRequest(c, "invalidSyntax", "members must be an array, of no members if there are none.")
	}
	ids := make([]string, 0, len(list))
	seen := map[string]bool{}
	for i, item := range list {
		member, _ := item.(map[string]any)
		id, ok := member["value"].(string)
		if !ok || len(member) != 1 {
			return nil, badRequest(c, "mutability", "members[%d] must have a value and nothing else.", i)
		}
		if seen[id] {
			return nil, badRequest(c, "uniqueness", "The member %s stands there twice.", id)
		}
		seen[id] = true
		ids = append(ids, id)
	}
	return ids, nil
}

// versionConflict returns the error that the switch selects. Three of them are in Genesys' specification, and the fourth
// was observed.
func (w *World) versionConflict(c *request, match, current string) *reply {
	detail := fmt.Sprintf("Version %s does not match current version %s.", match, current)
	switch w.genesys.Switches.VersionConflict {
	case "400":
		return scimError(c, http.StatusBadRequest, "invalidVers", detail)
	case "400-plain":
		return genesysError(c, http.StatusBadRequest, "bad.request", "The version "+match+" does not match the current version.")
	case "412":
		return scimError(c, http.StatusPreconditionFailed, "", detail)
	}
	return scimError(c, http.StatusConflict, "", detail)
}

// resolveMembers finds the members. A group can be a member only if it was one before.
func (w *World) resolveMembers(c *request, ids []string, group *GenesysGroup) ([]GenesysMember, *reply) {
	present := map[string]GenesysMember{}
	for _, m := range w.visibleMembers(*group) {
		present[m.Value] = m
	}
	members := make([]GenesysMember, 0, len(ids))
	for _, id := range ids {
		at, known := w.account(id)
		was, isMember := present[id]
		switch s := w.genesys.Switches; {
		case isMember && was.Type == "Group":
			members = append(members, was)
		case known && !w.genesys.Users[at].Active && s.InactiveMembers == "refused":
			return nil, badRequest(c, "invalidValue", "The user with the id %s is not active.", id)
		case known, isMember && s.UnseenMembers != "refused":
			members = append(members, GenesysMember{Value: id, Type: "User"})
		case s.UnknownMember == "dropped":
		case s.UnknownMember == "404":
			return nil, missing(c, "user", id)
		default:
			return nil, badRequest(c, "invalidValue", "There is no user with the id %s.", id)
		}
	}
	return members, nil
}
