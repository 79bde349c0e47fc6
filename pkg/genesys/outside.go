package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/rest"
)

// OutsideSCIM is what the list of groups that is not SCIM's says about a group. It is for people to read.
type OutsideSCIM struct {
	Kind
	// Members is the vendor's memberCount; nil if the list does not have it. The list of members beside it has owners and people
	// whom a rule adds, and it is not known whether SCIM shows them, so that this is not the number of members that SCIM shows.
	Members *int `json:"memberCount"`
}

// outsidePage is one page of the list.
type outsidePage struct {
	Entities *[]outsideGroup `json:"entities"`
	Total    *int            `json:"total"`
}

type outsideGroup struct {
	OutsideSCIM
	ID string `json:"id"`
}

// OutsideSCIM returns what the list of groups that is not SCIM's says, by the id of the group in lower case. By the vendor's
// documentation it needs no permission (GET /api/v2/groups in its SDKs). It may lack groups that SCIM lists, for example private
// ones. A list that has fewer groups than its total, or that says two things about a group, is an error. It is read in pages of a
// hundred, as in the vendor's own examples; the largest possible size is not documented.
func (r *Reader) OutsideSCIM(ctx context.Context) (map[string]OutsideSCIM, error) {
	groups, err := r.listOutside(ctx)
	if err != nil {
		return nil, outsideSCIM("listing Genesys groups outside SCIM", err)
	}
	return groups, nil
}

func (r *Reader) listOutside(ctx context.Context) (map[string]OutsideSCIM, error) {
	groups := map[string]OutsideSCIM{}
	for number := 1; ; number++ {
		var page outsidePage
		answer, err := r.conn.api.Do(ctx, rest.Request{
			Method: http.MethodGet, Path: "/api/v2/groups", MaxBody: maxListBody,
			Query:  url.Values{"pageSize": {strconv.Itoa(groupPageSize)}, "pageNumber": {strconv.Itoa(number)}},
			Header: http.Header{"Accept": {"application/json"}},
		}, &page)
		if err == nil && (page.Entities == nil || page.Total == nil) {
			err = withIDs(errors.New("the answer has neither groups nor their number"), answer.RequestIDs)
		}
		before := len(groups)
		if err == nil {
			err = withIDs(page.addTo(groups), answer.RequestIDs)
		}
		switch {
		case err != nil:
			return nil, err
		case len(groups) >= *page.Total:
			return groups, nil
		case len(groups) == before || len(groups) >= maxItems || number > *page.Total/smallestPage+morePages:
			return nil, withIDs(fmt.Errorf("%d groups came, and there are %d", len(groups), *page.Total), answer.RequestIDs)
		}
	}
}

// The pages may be smaller than they were asked for: by default they have 25 groups. A few more may come than the total needs.
const smallestPage, morePages = 25, 10

// addTo adds the groups of a page.
func (p outsidePage) addTo(groups map[string]OutsideSCIM) error {
	for _, g := range *p.Entities {
		id := strings.ToLower(g.ID)
		if had, twice := groups[id]; twice && had.Kind != g.Kind {
			return fmt.Errorf("group %s comes twice, as %s, %s and as %s, %s", id, had.Type, had.Visibility, g.Type, g.Visibility)
		}
		groups[id] = g.OutsideSCIM
	}
	return nil
}
