package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

func (w *World) oneUser(c *request, caller grant, id string) *reply {
	q, r := w.parseGraph(c, userKind, caller.readsUsers(), "$select")
	if r != nil {
		return r
	}
	if at := w.entra.person(id); at >= 0 {
		return w.single(c, q, userKind, userProperties(w.entra.Users[at], caller))
	}
	return notFound(c, id)
}

// listUsers answers with the users that match a filter. It requires User.Read.All.
func (w *World) listUsers(c *request, caller grant) *reply {
	q, r := w.parseGraph(c, userKind, caller.readsUsers(), "$count", "$select", "$top", "$skiptoken", "$filter")
	if r != nil {
		return r
	}
	return w.page(c, caller, q, userKind, func() ([]string, int) {
		var ids []string
		for _, u := range w.entra.Users {
			if q.filter.matches(userProperties(u, caller)) {
				ids = append(ids, strings.ToLower(u.ID))
			}
		}
		return ids, len(ids)
	})
}

// listDeletedUsers answers with the users deleted in the last thirty days (Microsoft Graph: list deletedItems).
func (w *World) listDeletedUsers(c *request, caller grant) *reply {
	permitted := caller.readsUsers() || caller.has("User.ReadBasic.All") || caller.readsGroups()
	q, r := w.parseGraph(c, deletedKind, permitted, "$count", "$select", "$top", "$skiptoken", "$filter")
	if r != nil {
		return r
	}
	return w.page(c, caller, q, deletedKind, func() ([]string, int) {
		var ids []string
		for _, u := range w.entra.DeletedUsers {
			if time.Since(u.DeletedDateTime) > 30*24*time.Hour && !u.DeletedDateTime.IsZero() {
				continue
			}
			if q.filter.matches(deletedProperties(u, grant{roles: []string{"User.Read.All"}})) {
				ids = append(ids, strings.ToLower(u.ID))
			}
		}
		return ids, len(ids)
	})
}

// userProperties returns the properties of a user. Properties that the token may not read are null, without an error
// (Microsoft Graph: limited information returned for inaccessible member objects).
func userProperties(u EntraUser, caller grant) map[string]any {
	all := map[string]any{
		"@odata.type":       "#microsoft.graph.user",
		"id":                u.ID,
		"userPrincipalName": u.UserPrincipalName,
		"mail":              orNull(u.Mail),
		"displayName":       u.DisplayName,
		"employeeId":        orNull(u.EmployeeID),
		"accountEnabled":    u.AccountEnabled,
		"userType":          cmp.Or(u.UserType, "Member"),
		"proxyAddresses":    append([]string{}, u.ProxyAddresses...), // never null
	}
	if caller.readsUsers() {
		return all
	}
	visible := []string{"@odata.type", "id"}
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

// deletedProperties returns the properties of a user in the recycle bin. Their userPrincipalName begins with their id,
// without hyphens.
func deletedProperties(u EntraDeletedUser, caller grant) map[string]any {
	if !caller.readsUsers() {
		return userProperties(u.EntraUser, grant{})
	}
	properties := userProperties(u.EntraUser, caller)
	properties["userPrincipalName"] = strings.ReplaceAll(u.ID, "-", "") + u.UserPrincipalName
	deleted := u.DeletedDateTime
	if deleted.IsZero() {
		deleted = time.Now()
	}
	properties["deletedDateTime"] = deleted.UTC().Format(time.RFC3339)
	return properties
}
