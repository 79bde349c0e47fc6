package sandbox

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
)

// cursor is the position in a listing that a $skiptoken stands for. The items of the listing are determined at the first
// page.
type cursor struct {
	path, query string // of the next link, without the token
	ids         []string
	at          int
	page        int
}

// page answers with one page of a listing. The first page calls list for the ids and @odata.count; others use their token.
func (w *World) page(c *request, caller grant, q graphQuery, kind graphKind, list func() (ids []string, count int)) *reply {
	count := 0
	now, first := cursor{path: c.path(), query: c.url.RawQuery}, q.token == ""
	if first {
		now.ids, count = list()
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
	if !w.isEmptyPage(now, size) {
		next.at = min(now.at+size, len(now.ids))
	}
	body := map[string]any{"@odata.context": c.origin + "/v1.0/$metadata#" + kind.collection()}
	if first && q.count {
		body["@odata.count"] = count
	}
	body["value"] = w.items(caller, q, kind, now.ids[now.at:next.at])
	if next.at < len(now.ids) {
		body["@odata.nextLink"] = w.nextLink(c, next)
	}
	return jsonReply(http.StatusOK, graphType, body)
}

// isEmptyPage says that a page is empty although others follow, which Graph allows. This happens at most once in a listing
// of several pages, as the seed determines.
func (w *World) isEmptyPage(now cursor, size int) bool {
	pages := (len(now.ids) + size - 1) / size
	return pages > 1 && w.entra.PageSize > 0 && seededRand(w.entra.Seed, now.path).IntN(2*pages) == now.page
}

func (w *World) items(caller grant, q graphQuery, kind graphKind, ids []string) []any {
	items := []any{}
	for _, id := range ids {
		properties, ok := w.properties(caller, kind, id)
		if !ok {
			continue // deleted since the first page
		}
		item := q.pick(properties)
		if kind == objectKind {
			item["@odata.type"] = properties["@odata.type"]
		}
		items = append(items, item)
	}
	return items
}

// properties returns what a listing of one kind shows of an id.
func (w *World) properties(caller grant, kind graphKind, id string) (properties map[string]any, ok bool) {
	if kind == deletedKind {
		at := slices.IndexFunc(w.entra.DeletedUsers, func(u EntraDeletedUser) bool { return strings.EqualFold(u.ID, id) })
		if at < 0 {
			return nil, false
		}
		return deletedProperties(w.entra.DeletedUsers[at], caller), true
	}
	if kind == servicePrincipalKind {
		app, found := w.findApplication(id)
		return map[string]any{"id": app.ID, "displayName": app.DisplayName}, found
	}
	if at, found := w.index.people[id]; found {
		return userProperties(w.entra.Users[at], caller), true
	}
	if at, found := w.index.entraGroups[id]; found {
		return groupProperties(w.entra.Groups[at]), true
	}
	if w.index.devices[id] {
		return map[string]any{"@odata.type": "#microsoft.graph.device", "id": id}, true
	}
	return nil, false
}

// nextLink stores a cursor under a random token.
func (w *World) nextLink(c *request, next cursor) string {
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

// groupProperties returns the properties of a group that each token with access to groups may see.
func groupProperties(g EntraGroup) map[string]any {
	properties := map[string]any{
		"@odata.type": "#microsoft.graph.group", "id": g.ID, "displayName": g.DisplayName, "visibility": orNull(g.Visibility),
		"groupTypes": append([]string{}, g.GroupTypes...), "mailEnabled": g.MailEnabled,
		"securityEnabled": g.SecurityEnabled == nil || *g.SecurityEnabled, "membershipRule": orNull(g.MembershipRule),
		"isAssignableToRole": nil, "membershipRuleProcessingState": nil,
	}
	switch {
	case g.RulePaused:
		properties["membershipRuleProcessingState"] = "Paused"
	case g.MembershipRule != "":
		properties["membershipRuleProcessingState"] = "On"
	}
	if g.IsAssignableToRole {
		properties["isAssignableToRole"] = true
	}
	return properties
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
