package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// groupOutsideSCIM answers about a group in the API of Genesys that is not SCIM: its properties, its members, its individual
// members, and its conditions.
func (w *World) groupOutsideSCIM(c *request, id, what string) *reply {
	if c.method != http.MethodGet {
		return notAllowed(c, "GET")
	}
	if c.url.RawQuery != "" {
		return genesysError(c, http.StatusBadRequest, "bad.request", "This operation has no parameters here.")
	}
	at, ok := w.index.groups[id]
	if !ok {
		return missing(c, "group", id)
	}
	group := w.genesys.Groups[at]
	switch what {
	case "":
		return jsonReply(http.StatusOK, "application/json", w.groupDetails(group))
	case "individuals":
		return w.listUsersOf(c, group.Members)
	case "members":
		return w.listUsersOf(c, w.visibleMembers(group))
	case "dynamicsettings":
		return w.dynamicSettings(c, group)
	}
	return genesysError(c, http.StatusNotFound, "not.found", "There is nothing at "+c.path()+".")
}

// groupDetails returns a group in the shape of the Genesys API outside SCIM.
func (w *World) groupDetails(g GenesysGroup) map[string]any {
	owners := []any{}
	for _, id := range g.Owners {
		owners = append(owners, map[string]any{"id": id, "selfUri": "/api/v2/users/" + id})
	}
	return map[string]any{
		"id": g.ID, "name": g.DisplayName, "state": "active", "type": cmp.Or(g.Type, "official"),
		"visibility": cmp.Or(g.Visibility, "public"), "rulesVisible": true, "includeOwners": g.IncludeOwners, "owners": owners,
		"memberCount": len(w.visibleMembers(g)), "selfUri": "/api/v2/groups/" + g.ID,
	}
}

// dynamicSettings answers with the conditions of a group whose members come and go by their skills. It is a preview, and needs a
// permission of its own.
func (w *World) dynamicSettings(c *request, g GenesysGroup) *reply {
	switch {
	case !slices.Contains(w.genesys.Permissions, "directory:group:view"):
		return genesysError(c, http.StatusForbidden, "missing.permissions",
			"Unable to perform the requested action. You are missing the following permission(s): directory:group:view")
	case !g.Skills:
		return missing(c, "dynamic group definition of group", g.ID)
	}
	return jsonReply(http.StatusOK, "application/json", map[string]any{
		"group": map[string]any{"id": g.ID, "selfUri": "/api/v2/groups/" + g.ID},
		"query": map[string]any{"skillConditions": []any{map[string]any{"operation": "And"}}},
	})
}

// listUsersOf answers with those members of a group who are users, which needs no permission: neither groups nor ids without an
// account. Divisions and hidden members have no effect here.
func (w *World) listUsersOf(c *request, members []GenesysMember) *reply {
	entities := []any{}
	for _, m := range members {
		if user, ok := w.index.accounts[m.Value]; ok && m.Type != "Group" {
			entities = append(entities, individualJSON(w.genesys.Users[user]))
		}
	}
	shuffle(entities, w.genesys.Seed, c.path())
	total := len(entities)
	size, pages := max(total, defaultPage), 1
	if w.genesys.Switches.Individuals == "cut" {
		size = w.genesys.maxPage()
		pages = max(1, (total+size-1)/size)
	}
	return jsonReply(http.StatusOK, "application/json", map[string]any{
		"entities":   entities[:min(size, total)],
		"total":      total,
		"pageSize":   size,
		"pageNumber": 1,
		"pageCount":  pages,
		"selfUri":    c.path(),
	})
}

// individualJSON returns a user in the shape of the Genesys API outside SCIM.
func individualJSON(u GenesysUser) map[string]any {
	state := "active"
	if !u.Active {
		state = "inactive"
	}
	return map[string]any{"id": u.ID, "name": u.DisplayName, "email": u.UserName, "state": state, "selfUri": "/api/v2/users/" + u.ID}
}

// isListed says whether lists show a user to the client.
func (g *Genesys) isListed(u GenesysUser) bool {
	return len(g.Divisions) == 0 || u.Division == "" ||
		slices.ContainsFunc(g.Divisions, func(d string) bool { return strings.EqualFold(d, u.Division) })
}

// account returns the index of the user with an id, if the client may see them.
func (w *World) account(id string) (at int, ok bool) {
	at, ok = w.index.accounts[id]
	if ok && w.genesys.Switches.UnlistedUsers == "missing" && !w.genesys.isListed(w.genesys.Users[at]) {
		return 0, false
	}
	return at, ok
}
