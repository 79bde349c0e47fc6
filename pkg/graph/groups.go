package graph

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// GroupName is a group as people look for it.
type GroupName struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

func (g GroupName) key() string { return strings.ToLower(g.ID) }

// Groups returns the groups of the tenant, sorted by id. It serves to find an id, and is not shown to be whole.
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
