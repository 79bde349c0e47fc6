package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// largestGroupPage is the largest page of the list of groups outside SCIM here. Genesys does not document one, and its examples
// ask for a hundred.
const largestGroupPage = 100

// groupsOutsideSCIM answers with a page of the list of groups in the API of Genesys that is not SCIM, which needs no permission.
func (w *World) groupsOutsideSCIM(c *request) *reply {
	if c.method != http.MethodGet {
		return notAllowed(c, "GET")
	}
	size, number := defaultPage, 1
	values, err := url.ParseQuery(c.url.RawQuery)
	for name, value := range values {
		into := map[string]*int{"pageSize": &size, "pageNumber": &number}[name]
		switch {
		case err != nil:
		case into == nil || len(value) != 1:
			err = fmt.Errorf("the parameter %s is not supported here, or stands there twice", name)
		default:
			*into, err = strconv.Atoi(value[0])
		}
	}
	if err == nil && (size < 1 || size > largestGroupPage || number < 1) {
		err = fmt.Errorf("pageSize is from 1 to %d, and pageNumber from 1", largestGroupPage)
	}
	if err != nil {
		return genesysError(c, http.StatusBadRequest, "bad.request", err.Error())
	}
	groups := w.listedGroups()
	slices.SortStableFunc(groups, func(a, b GenesysGroup) int {
		return strings.Compare(strings.ToLower(a.DisplayName), strings.ToLower(b.DisplayName))
	})
	from := min((number-1)*size, len(groups))
	entities := []any{}
	for _, g := range groups[from:min(from+size, len(groups))] {
		entities = append(entities, w.groupDetails(g))
	}
	return jsonReply(http.StatusOK, "application/json", map[string]any{
		"entities": entities, "total": len(groups), "pageSize": size, "pageNumber": number,
		"pageCount": max(1, (len(groups)+size-1)/size), "selfUri": c.path(),
	})
}
