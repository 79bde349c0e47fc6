package sandbox

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
)

// maxBody is the largest request that Genesys takes, in bytes.
const maxBody = 512_000

// refusal is a PUT that is not carried out, in the words of RFC 7644 §3.12.
type refusal struct {
	status           int
	scimType, detail string
	plain            bool // in the shape of the whole Genesys API
}

func bad(scimType, detail string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, scimType: scimType, detail: fmt.Sprintf(detail, args...)}
}

// putGroup replaces the members of a group (RFC 7644 §3.5.1), and takes nothing else: every field has to be the one that
// stands there, so that a client that would rename a group or lose its externalId is caught.
func (w *World) putGroup(c *call, group *GenesysGroup) *reply {
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
	members, no := w.checkPut(c, group)
	switch {
	case no != nil && no.plain:
		code := map[int]string{http.StatusNotFound: "not.found"}[no.status]
		return genesysError(c, no.status, cmp.Or(code, "bad.request"), no.detail)
	case no != nil:
		return scimError(c, no.status, no.scimType, no.detail)
	}
	after := w.replace(c, group, members)
	r := jsonReply(http.StatusOK, c.scimType(), w.groupJSON(c, after))
	if w.genesys.Switches.PutWithoutBody {
		r = &reply{status: http.StatusOK, header: http.Header{}, cut: -1}
	}
	r.header.Set("ETag", etag(after.Version))
	return r
}

// checkPut looks at the form first, then at the version, then at what has to be as it is, and then at who is named.
func (w *World) checkPut(c *call, group *GenesysGroup) ([]GenesysMember, *refusal) {
	body, err := parseObject(c.body)
	if err != nil {
		return nil, bad("invalidSyntax", "%s", err)
	}
	ids, no := checkForm(body)
	if no != nil {
		return nil, no
	}
	switch match := c.header.Get("If-Match"); {
	case len(match) < 3 || match[0] != '"' || match[len(match)-1] != '"':
		return nil, bad("invalidVers", "If-Match must carry the version of the group as it was read, in double quotes.")
	case match != etag(group.Version):
		return nil, w.versionConflict(match, etag(group.Version))
	}
	if no := checkUnchanged(body, group); no != nil {
		return nil, no
	}
	return w.resolveMembers(ids, group)
}

// checkForm wants the schema, no field that cannot be written, and members.
func checkForm(body map[string]any) (ids []string, no *refusal) {
	for name := range body {
		if !slices.Contains([]string{"schemas", "id", "displayName", "externalId", "members"}, name) {
			return nil, bad("invalidSyntax", "The attribute %s cannot be written.", name)
		}
	}
	if schemas, _ := body["schemas"].([]any); len(schemas) != 1 || schemas[0] != groupSchema {
		return nil, bad("invalidSyntax", "schemas must be exactly %s.", groupSchema)
	}
	return memberIDs(body["members"])
}

// checkUnchanged wants the group as it was read.
func checkUnchanged(body map[string]any, group *GenesysGroup) *refusal {
	externalID, present := body["externalId"]
	switch {
	case body["id"] != group.ID:
		return bad("mutability", "id is not the id in the path.")
	case body["displayName"] != group.DisplayName:
		return bad("mutability", "displayName is not the name of the group, and it is read-only.")
	case present != (group.ExternalID != ""), present && externalID != group.ExternalID:
		return bad("invalidValue", "externalId is not the one that the group has.")
	}
	return nil
}

// memberIDs wants a list, be it empty, of objects with a value and nothing else: type and $ref are read-only.
func memberIDs(members any) ([]string, *refusal) {
	list, ok := members.([]any)
	if !ok {
		return nil, bad("invalidSyntax", "members must be an array, of no members if there are none.")
	}
	ids := make([]string, 0, len(list))
	seen := map[string]bool{}
	for i, item := range list {
		member, _ := item.(map[string]any)
		id, ok := member["value"].(string)
		if !ok || len(member) != 1 {
			return nil, bad("mutability", "members[%d] must have a value and nothing else.", i)
		}
		if seen[id] {
			return nil, bad("uniqueness", "The member %s stands there twice.", id)
		}
		seen[id] = true
		ids = append(ids, id)
	}
	return ids, nil
}

// versionConflict answers what the switch says; Genesys' own specification has three of these, and the fourth was seen.
func (w *World) versionConflict(match, current string) *refusal {
	no := &refusal{status: http.StatusConflict, detail: fmt.Sprintf("Version %s does not match current version %s.", match, current)}
	switch w.genesys.Switches.VersionConflict {
	case "400":
		no.status, no.scimType = http.StatusBadRequest, "invalidVers"
	case "400-plain":
		no = &refusal{status: http.StatusBadRequest, plain: true, detail: "The version " + match + " does not match the current version."}
	case "412":
		no.status = http.StatusPreconditionFailed
	}
	return no
}

// resolveMembers finds who is meant. A group can only stay a member, as this is how it was read.
func (w *World) resolveMembers(ids []string, group *GenesysGroup) ([]GenesysMember, *refusal) {
	present := map[string]GenesysMember{}
	for _, m := range w.shown(*group) {
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
			return nil, bad("invalidValue", "The user with the id %s is not active.", id)
		case known, isMember && s.UnseenMembers != "refused":
			members = append(members, GenesysMember{Value: id, Type: "User"})
		case s.UnknownMember == "dropped":
		case s.UnknownMember == "404":
			return nil, &refusal{status: http.StatusNotFound, plain: true, detail: "The requested user " + id + " was not found."}
		default:
			return nil, bad("invalidValue", "There is no user with the id %s.", id)
		}
	}
	return members, nil
}
