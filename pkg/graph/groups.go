package graph

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// GroupName is the id and name of a group.
type GroupName struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

func (g GroupName) key() string { return strings.ToLower(g.ID) }

// Groups returns the groups of the tenant, sorted by id. It is for finding an id; the list is not checked for
// completeness.
func (c *Client) Groups(ctx context.Context) ([]GroupName, error) {
	all, err := listOf[GroupName]("/v1.0/groups",
		url.Values{"$top": {"999"}, "$count": {"true"}, "$select": {"id,displayName"}}).walk(ctx, c.graph)
	if err != nil {
		return nil, fail("listing the groups of Entra", err, groupPermission)
	}
	groups := make([]GroupName, 0, len(all.items))
	for _, g := range all.items {
		groups = append(groups, *g)
	}
	slices.SortFunc(groups, func(a, b GroupName) int { return strings.Compare(a.key(), b.key()) })
	return groups, nil
}
