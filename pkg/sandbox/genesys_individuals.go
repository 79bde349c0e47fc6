package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// listIndividuals answers with the individual members of a group, which needs no permission: not the members that a rule
// or the owners add, groups, or ids without an account. Divisions and hidden members have no effect here.
func (w *World) listIndividuals(c *request, id string) *reply {
	if c.method != http.MethodGet {
		return notAllowed(c, "GET")
	}
	if c.url.RawQuery != "" {
		return genesysError(c, http.StatusBadRequest, "bad.request", "This list has no parameters here.")
	}
	at, ok := w.index.groups[id]
	if !ok {
		return missing(c, "group", id)
	}
	entities := []any{}
	for _, m := range w.genesys.Groups[at].Members {
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
		"selfUri":    "/api/v2/groups/" + id + "/individuals",
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
