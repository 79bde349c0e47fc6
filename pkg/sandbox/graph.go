package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// graph answers Microsoft Graph: GET of members, groups, users, deleted users, the application, and Entra's own provisioning.
func (w *World) graph(c *request) *reply {
	caller, r := w.bearer(c)
	if r != nil {
		return r
	}
	if c.method != http.MethodGet {
		return graphError(c, http.StatusMethodNotAllowed, "Request_BadRequest",
			"Specified HTTP method is not allowed for the request target.")
	}
	at := c.segments()
	if len(at) > 1 && at[1] == "servicePrincipals" {
		return w.provisioning(c, caller, at[0], at[1:])
	}
	if at[0] != "v1.0" {
		return graphError(c, http.StatusBadRequest, "BadRequest", "Invalid version: "+at[0])
	}
	switch at = at[1:]; {
	case len(at) == 1 && at[0] == "groups":
		return w.listGroups(c, caller)
	case len(at) == 2 && at[0] == "groups":
		return w.oneGroup(c, caller, at[1])
	case len(at) == 4 && at[0] == "groups" && at[2] == "members" && at[3] == "$count":
		return w.countMembers(c, caller, at[1])
	case (len(at) == 3 || len(at) == 4) && at[0] == "groups" && (at[2] == "members" || at[2] == "transitiveMembers"):
		return w.listMembers(c, caller, at[1], at[2] == "transitiveMembers", strings.Join(at[3:], ""))
	case len(at) == 4 && (at[0] == "users" || at[0] == "groups") && at[2] == "memberOf" && at[3] == "microsoft.graph.group":
		return w.listParents(c, caller, at[0], at[1], false)
	case len(at) == 4 && at[0] == "users" && at[2] == "transitiveMemberOf" && at[3] == "microsoft.graph.group":
		return w.listParents(c, caller, at[0], at[1], true)
	case slices.Equal(at, []string{"directory", "deletedItems", "microsoft.graph.user"}):
		return w.listDeletedUsers(c, caller)
	case len(at) == 1 && at[0] == "users":
		return w.listUsers(c, caller)
	case len(at) == 2 && at[0] == "users":
		return w.oneUser(c, caller, at[1])
	case len(at) == 1 && isApplication(at[0]):
		return w.application(c, caller, at[0])
	}
	return graphError(c, http.StatusBadRequest, "BadRequest", fmt.Sprintf("Resource not found for the segment '%s'.", at[len(at)-1]))
}

// has reports whether a token has one of the roles.
func (g grant) has(roles ...string) bool {
	return slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(g.roles, role) })
}

func (g grant) readsGroups() bool {
	return g.has("GroupMember.Read.All", "Group.Read.All", "Directory.Read.All")
}

func (g grant) readsUsers() bool { return g.has("User.Read.All", "Directory.Read.All") }

func denied(c *request) *reply {
	return graphError(c, http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
}

// listMembers answers with the members of a group of one type, microsoft.graph.user or microsoft.graph.group, or of any
// type without a cast. The cast is an advanced query (Microsoft Graph: advanced query capabilities on directory objects).
// Without a cast and without the header, $count is silently ignored.
func (w *World) listMembers(c *request, caller grant, id string, nested bool, cast string) *reply {
	kinds := map[string]graphKind{"": objectKind, "microsoft.graph.user": userKind, "microsoft.graph.group": groupKind}
	kind, ok := kinds[cast]
	if !ok {
		return graphError(c, http.StatusBadRequest, "BadRequest", fmt.Sprintf("Resource not found for the segment '%s'.", cast))
	}
	q, r := w.parseGraph(c, kind, true, "$count", "$select", "$top", "$skiptoken")
	switch {
	case r != nil:
		return r
	case kind != objectKind && (!q.count || !q.eventual):
		return graphError(c, http.StatusBadRequest, "Request_UnsupportedQuery",
			"Members cast to a type need $count=true and the header ConsistencyLevel: eventual, on every page.")
	case !caller.readsGroups() && (nested || !caller.has("GroupMember.ReadBasic.All")):
		return denied(c)
	}
	group, r := w.findGroup(c, id)
	if r != nil {
		return r
	}
	return w.page(c, caller, q, kind, func() ([]string, int) {
		seen := w.walk(group, kind, nested, caller.has("Member.Read.Hidden"))
		if w.entra.Switches.HiddenCount == "counted" {
			return seen, len(w.walk(group, kind, nested, true))
		}
		return seen, len(seen)
	})
}

// walk returns the members of a group of one kind, without duplicates.
func (w *World) walk(group EntraGroup, kind graphKind, nested, hidden bool) []string {
	var users, groups, devices []string
	seen := map[string]bool{strings.ToLower(group.ID): true} // a group that contains itself is not listed as its own member
	var visit func(EntraGroup)
	visit = func(group EntraGroup) {
		if strings.EqualFold(group.Visibility, "HiddenMembership") && !hidden {
			return
		}
		for _, id := range group.Members {
			id = strings.ToLower(id)
			if seen[id] {
				continue
			}
			seen[id] = true
			if _, ok := w.index.people[id]; ok {
				users = append(users, id)
			} else if at, ok := w.index.entraGroups[id]; ok {
				groups = append(groups, id)
				if nested {
					visit(w.entra.Groups[at])
				}
			} else if w.index.devices[id] {
				devices = append(devices, id)
			}
		}
	}
	visit(group)
	switch kind {
	case userKind:
		return users
	case groupKind:
		return groups
	}
	return slices.Concat(users, groups, devices)
}

// listParents answers with the groups that a user or a group is a direct member of, or with nested also those that it is in
// through other groups. The cast is an advanced query, as in listMembers.
func (w *World) listParents(c *request, caller grant, kind, id string, nested bool) *reply {
	q, r := w.parseGraph(c, groupKind, caller.readsGroups(), "$count", "$select", "$top", "$skiptoken")
	_, person := w.index.people[strings.ToLower(id)]
	_, group := w.index.entraGroups[strings.ToLower(id)]
	switch {
	case r != nil:
		return r
	case !q.count || !q.eventual:
		return graphError(c, http.StatusBadRequest, "Request_UnsupportedQuery",
			"Groups cast to a type need $count=true and the header ConsistencyLevel: eventual, on every page.")
	case kind == "users" && !person, kind == "groups" && !group:
		return notFound(c, id)
	}
	return w.page(c, caller, q, groupKind, func() ([]string, int) {
		ids := w.parents(caller, id)
		for i := 0; nested && i < len(ids); i++ {
			for _, above := range w.parents(caller, ids[i]) {
				if !slices.Contains(ids, above) {
					ids = append(ids, above)
				}
			}
		}
		return ids, len(ids)
	})
}

// parents returns the groups that have a direct member, without those whose members the caller may not see.
func (w *World) parents(caller grant, member string) []string {
	var ids []string
	for _, g := range w.entra.Groups {
		hidden := strings.EqualFold(g.Visibility, "HiddenMembership") && !caller.has("Member.Read.Hidden")
		if !hidden && slices.ContainsFunc(g.Members, func(m string) bool { return strings.EqualFold(m, member) }) {
			ids = append(ids, strings.ToLower(g.ID))
		}
	}
	return ids
}

func (w *World) findGroup(c *request, id string) (EntraGroup, *reply) {
	if uuid.Validate(id) != nil || len(id) != 36 {
		return EntraGroup{}, graphError(c, http.StatusBadRequest, "Request_BadRequest",
			fmt.Sprintf("Invalid object identifier '%s'.", id))
	}
	at, ok := w.index.entraGroups[strings.ToLower(id)]
	if !ok {
		return EntraGroup{}, notFound(c, id)
	}
	return w.entra.Groups[at], nil
}

func notFound(c *request, id string) *reply {
	return graphError(c, http.StatusNotFound, "Request_ResourceNotFound",
		fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id))
}

func (w *World) oneGroup(c *request, caller grant, id string) *reply {
	q, r := w.parseGraph(c, groupKind, caller.readsGroups(), "$select")
	if r != nil {
		return r
	}
	group, r := w.findGroup(c, id)
	if r != nil {
		return r
	}
	return w.single(c, q, groupKind, groupProperties(group))
}

func (w *World) single(c *request, q graphQuery, kind graphKind, properties map[string]any) *reply {
	body := q.pick(properties)
	body["@odata.context"] = c.origin + "/v1.0/$metadata#" + string(kind) + "s/$entity"
	return jsonReply(http.StatusOK, graphType, body)
}

func (w *World) listGroups(c *request, caller grant) *reply {
	q, r := w.parseGraph(c, groupKind, caller.readsGroups(), "$count", "$select", "$top", "$skiptoken", "$filter", "$orderby")
	if r != nil {
		return r
	}
	return w.page(c, caller, q, groupKind, func() ([]string, int) {
		var found []EntraGroup
		for _, g := range w.entra.Groups {
			if q.filter.matches(groupProperties(g)) {
				found = append(found, g)
			}
		}
		if q.ordered {
			slices.SortStableFunc(found, func(a, b EntraGroup) int {
				return strings.Compare(strings.ToLower(a.DisplayName), strings.ToLower(b.DisplayName))
			})
		}
		ids := make([]string, len(found))
		for i, g := range found {
			ids[i] = strings.ToLower(g.ID)
		}
		return ids, len(ids)
	})
}
