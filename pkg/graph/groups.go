package graph

import (
	"context"
	"net/url"
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
	all, err := walk[GroupName](ctx, c.graph, "/v1.0/groups",
		url.Values{"$top": {"999"}, "$count": {"true"}, "$select": {"id,displayName"}})
	if err != nil {
		return nil, fail("listing the groups of Entra", err, groupPermission)
	}
	return all.items, nil
}
