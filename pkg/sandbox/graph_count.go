package sandbox

import (
	"net/http"
	"strconv"
	"strings"
)

// countMembers answers with the number of direct members of a group as plain text. It is an advanced query, as in listMembers.
func (w *World) countMembers(c *request, caller grant, id string) *reply {
	q, r := w.parseGraph(c, objectKind, caller.readsGroups() || caller.has("GroupMember.ReadBasic.All"))
	switch {
	case r != nil:
		return r
	case !q.eventual:
		return graphError(c, http.StatusBadRequest, "Request_BadRequest", "$count is not currently supported.")
	case !strings.Contains(c.header.Get("Accept"), "text/plain"):
		return graphError(c, http.StatusBadRequest, "Request_BadRequest",
			"A supported MIME type could not be found that matches the acceptable MIME types for the request.")
	}
	group, r := w.findGroup(c, id)
	if r != nil {
		return r
	}
	hidden := caller.has("Member.Read.Hidden") || w.entra.Switches.HiddenCount == "counted"
	return &reply{
		status: http.StatusOK, header: http.Header{"Content-Type": {"text/plain"}},
		body: []byte(strconv.Itoa(len(w.walk(group, objectKind, false, hidden)))),
	}
}
