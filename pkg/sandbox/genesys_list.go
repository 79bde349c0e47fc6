package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// listGenesysGroups answers with the list of groups. On the tree with /v2 a filter is required.
func (w *World) listGenesysGroups(c *request, filterRequired bool) *reply {
	q, r := parseGenesys(c, groupAttributes(), "startIndex", "count", "attributes", "excludedAttributes", "filter")
	switch {
	case r != nil:
		return r
	case q.attribute == "" && filterRequired:
		return genesysError(c, http.StatusBadRequest, "bad.request", "The parameter filter is required.")
	case q.attribute != "" && q.attribute != "id" && q.attribute != "displayname":
		return scimError(c, http.StatusBadRequest, "invalidFilter", "Groups cannot be filtered by "+q.attribute+".")
	}
	q.groups = true
	var found []int
	groups := w.listedGroups()
	for i, g := range groups {
		if q.attribute == "" || strings.EqualFold(q.value, map[string]string{"id": g.ID, "displayname": g.DisplayName}[q.attribute]) {
			found = append(found, i)
		}
	}
	return w.list(c, q, found, func(i int) map[string]any {
		group := groups[i]
		group.Members = w.visibleMembers(group)
		return q.prune(groupAttributes(), w.groupJSON(c, group))
	})
}

// listGenesysUsers answers with the list of users: the active ones, unless a filter says otherwise.
func (w *World) listGenesysUsers(c *request) *reply {
	q, r := parseGenesys(c, userAttributes(), "startIndex", "count", "attributes", "excludedAttributes", "filter")
	if r != nil {
		return r
	}
	if q.attribute == "" {
		q.attribute, q.value = "active", "true"
	}
	if _, ok := (GenesysUser{}).filterable(q.attribute); !ok {
		return scimError(c, http.StatusBadRequest, "invalidFilter", "Users cannot be filtered by "+q.attribute+".")
	}
	var found []int
	for i, u := range w.genesys.Users {
		if !w.genesys.isListed(u) || q.attribute == "id" && !u.Active && !w.genesys.Switches.IDFilterFindsInactive {
			continue
		}
		if have, _ := u.filterable(q.attribute); strings.EqualFold(have, q.value) {
			found = append(found, i)
		}
	}
	return w.list(c, q, found, func(i int) map[string]any {
		return q.prune(userAttributes(), w.userJSON(c, w.genesys.Users[i]))
	})
}

func (u GenesysUser) filterable(attribute string) (value string, ok bool) {
	switch attribute {
	case "id":
		return u.ID, true
	case "username", "email":
		return u.UserName, true
	case "externalid":
		return u.ExternalID, true
	case "active":
		return strconv.FormatBool(u.Active), true
	case "employeenumber":
		return u.EmployeeNumber, true
	}
	return "", false
}

// list answers with one page (RFC 7644 §3.4.2.4). A page has at most as many items as the organisation allows, unless the
// switch large_page says otherwise.
func (w *World) list(c *request, q genesysQuery, found []int, render func(int) map[string]any) *reply {
	shuffle(found, w.genesys.Seed, c.path())
	count, r := w.pageSize(c, q)
	if r != nil {
		return r
	}
	from := min(q.start-1, len(found))
	to := min(from+count, len(found))
	resources := make([]any, 0, to-from)
	for _, i := range found[from:to] {
		resources = append(resources, render(i))
	}
	return jsonReply(http.StatusOK, c.scimType(), map[string]any{
		"schemas":      []string{listSchema},
		"totalResults": len(found),
		"startIndex":   q.start,
		"itemsPerPage": len(resources),
		"Resources":    resources,
	})
}

// pageSize returns the number of items on a page, or an error.
func (w *World) pageSize(c *request, q genesysQuery) (int, *reply) {
	most := w.genesys.maxPage()
	if n := w.genesys.Switches.LargestCount; n > 0 && len(q.only)+len(q.not) > 0 {
		most = n
	}
	// The default size is always allowed, even if max_page is smaller.
	if q.count <= max(most, defaultPage) || len(q.only)+len(q.not) == 0 {
		return min(q.count, most), nil
	}
	switch w.genesys.Switches.LargePage {
	case "429":
		if q.expensive() {
			r := defaultError(c, http.StatusTooManyRequests, "1")
			r.header.Set("Retry-After", "1")
			return 0, r
		}
		return q.count, nil
	case "400":
		return 0, genesysError(c, http.StatusBadRequest, "bad.request", fmt.Sprintf("count %d is over the limit of %d.", q.count, most))
	case "honoured":
		return q.count, nil
	}
	return most, nil
}

// expensive reports whether the query asks for an attribute that Genesys refuses on large pages.
func (q genesysQuery) expensive() bool {
	expensive := []string{"externalId", "roles", genesysUserSchema}
	if q.groups {
		expensive = expensive[:1]
	}
	return slices.ContainsFunc(expensive, func(field string) bool {
		return slices.Contains(q.only, field) || len(q.only) == 0 && !slices.Contains(q.not, field)
	})
}
