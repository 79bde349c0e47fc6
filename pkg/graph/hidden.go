package graph

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// hiddenPermission allows an application to see the members of groups with hidden membership. Without it Graph answers 200
// and omits them (page "List group members").
const hiddenPermission = "Member.Read.Hidden"

// SeesHidden says whether the application sees the members of groups with hidden membership.
func (i Identity) SeesHidden() bool {
	return slices.ContainsFunc(i.Roles, func(role string) bool { return strings.EqualFold(role, hiddenPermission) })
}

// object is a group or another member of a group.
type object struct {
	Type       string `json:"@odata.type"`
	ID         string `json:"id"`
	Visibility string `json:"visibility"` // of a group: who sees its members
}

func (o object) key() string { return strings.ToLower(o.ID) }

// Hidden returns an error for each of the groups whose members are hidden from an application without Member.Read.Hidden,
// and for each group about which this could not be read. It sends a request for every 15 groups.
func (c *Client) Hidden(ctx context.Context, ids []string) map[string]error {
	out := map[string]error{}
	for chunk := range slices.Chunk(membership.Distinct(ids), maxFilterValues) {
		all, err := listOf[object]("/v1.0/groups", url.Values{
			"$filter": {isIn("id", chunk)}, "$select": {"id,visibility"},
		}).walk(ctx, c.graph)
		for _, id := range chunk {
			if out[id] = c.hiddenFailure(err); err == nil {
				out[id] = c.hiddenFailure(all.incomplete(fmt.Sprintf("group %s is missing in it", id)))
			}
		}
		for _, g := range all.items {
			delete(out, g.key())
			if strings.EqualFold(g.Visibility, "HiddenMembership") {
				out[g.key()] = hiddenMembers(g.key())
			}
		}
	}
	return out
}

// hiddenMembers returns the error about a group whose members the application cannot see.
func hiddenMembers(id string) error {
	err := fmt.Errorf("the members of Entra group %s are hidden, and Graph leaves them out without %s", id, hiddenPermission)
	return membership.FailFor(membership.Denied, err, grantHint(hiddenPermission))
}

// NestedGroups returns the ids of all groups that are nested in a group.
func (c *Client) NestedGroups(ctx context.Context, id string) ([]string, error) {
	objects, err := c.objectsIn(ctx, id)
	if err != nil {
		return nil, err
	}
	var groups []string
	for _, o := range objects {
		if o.Type == groupType {
			groups = append(groups, o.key())
		}
	}
	return groups, nil
}

// The types of members in @odata.type.
const (
	groupType = "#microsoft.graph.group"
	userType  = "#microsoft.graph.user"
)

// objectsIn returns all objects in a group, also those in groups that are nested in it.
func (c *Client) objectsIn(ctx context.Context, id string) ([]*object, error) {
	all, err := listOf[object]("/v1.0/groups/"+url.PathEscape(id)+"/transitiveMembers",
		url.Values{"$top": {"999"}, "$count": {"true"}, "$select": {"id"}}).walk(ctx, c.graph)
	if err != nil {
		return nil, c.hiddenFailure(err)
	}
	if !all.fitsCount() {
		return nil, c.hiddenFailure(all.incomplete(fmt.Sprintf("the members of group %s, all kinds, do not fit their count", id)))
	}
	return all.items, nil
}

func (c *Client) hiddenFailure(err error) error {
	if err == nil {
		return nil
	}
	return failIncomplete("looking in Entra for groups with hidden members", err, groupPermission)
}
