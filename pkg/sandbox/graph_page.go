package sandbox

import (
	"crypto/rand"
	"net/http"
	"slices"
)

// cursor is where a listing goes on: what a $skiptoken stands for. Who is listed is settled on the first page.
type cursor struct {
	path, query string // what the next link says besides the token
	ids         []string
	at          int
	page        int
}

// page answers one page of a listing. The first asks list who is in it; the others go by their token alone.
func (w *World) page(c *call, caller grant, q graphQuery, kind graphKind, list func() []string) *reply {
	now, first := cursor{path: c.path(), query: c.url.RawQuery}, q.token == ""
	if first {
		now.ids = slices.Clone(list())
		if !q.ordered {
			shuffle(now.ids, w.entra.Seed, now.path)
		}
	} else {
		var known bool
		now, known = w.pages[q.token]
		if !known || now.path != c.path() || withToken(now.query, q.token) != c.url.RawQuery {
			return graphError(c, http.StatusBadRequest, "Directory_ExpiredPageToken",
				"The specified page token value has expired and can no longer be included in your request.")
		}
	}
	size := q.top
	if w.entra.PageSize > 0 {
		size = min(size, w.entra.PageSize)
	}
	next := now
	next.page++
	if !w.emptyPage(now, size) {
		next.at = min(now.at+size, len(now.ids))
	}
	body := map[string]any{"@odata.context": c.origin + "/v1.0/$metadata#" + string(kind) + "s"}
	if first && q.count {
		body["@odata.count"] = len(now.ids)
	}
	body["value"] = w.items(caller, q, kind, now.ids[now.at:next.at])
	if next.at < len(now.ids) {
		body["@odata.nextLink"] = w.nextLink(c, next)
	}
	return jsonReply(http.StatusOK, graphType, body)
}

// emptyPage says that a page has nobody on it although more follow, as Graph allows itself: at most once in a listing of
// several pages, where the seed wants it.
func (w *World) emptyPage(now cursor, size int) bool {
	pages := (len(now.ids) + size - 1) / size
	return pages > 1 && w.entra.PageSize > 0 && dice(w.entra.Seed, now.path).IntN(2*pages) == now.page
}

func (w *World) items(caller grant, q graphQuery, kind graphKind, ids []string) []any {
	items := []any{}
	for _, id := range ids {
		var properties map[string]any
		if at, ok := w.index.people[id]; ok && kind == userKind {
			properties = userProperties(w.entra.Users[at], caller)
		} else if at, ok := w.index.teams[id]; ok && kind == groupKind {
			properties = groupProperties(w.entra.Groups[at])
		} else {
			continue // deleted since the first page
		}
		items = append(items, q.pick(properties))
	}
	return items
}

// nextLink keeps a cursor under a token that nobody can guess.
func (w *World) nextLink(c *call, next cursor) string {
	token := rand.Text()
	w.pages[token] = next
	return c.origin + next.path + "?" + withToken(next.query, token)
}

func withToken(query, token string) string {
	if query != "" {
		query += "&"
	}
	return query + "$skiptoken=" + token
}

// groupProperties are what every token that reads groups may see of one.
func groupProperties(g EntraGroup) map[string]any {
	return map[string]any{"id": g.ID, "displayName": g.DisplayName, "visibility": orNull(g.Visibility)}
}

// userProperties are what a token may see of a user. What it may not see is null, and nothing says so (Microsoft Graph:
// limited information returned for inaccessible member objects).
func userProperties(u EntraUser, caller grant) map[string]any {
	userType := u.UserType
	if userType == "" {
		userType = "Member"
	}
	all := map[string]any{
		"id":                u.ID,
		"userPrincipalName": u.UserPrincipalName,
		"mail":              orNull(u.Mail),
		"displayName":       u.DisplayName,
		"employeeId":        orNull(u.EmployeeID),
		"accountEnabled":    u.AccountEnabled,
		"userType":          userType,
	}
	if caller.readsUsers() {
		return all
	}
	visible := []string{"id"}
	if caller.has("User.ReadBasic.All") {
		visible = append(visible, "userPrincipalName", "mail", "displayName")
	}
	for name := range all {
		if !slices.Contains(visible, name) {
			all[name] = nil
		}
	}
	return all
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
