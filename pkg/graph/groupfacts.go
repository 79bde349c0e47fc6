package graph

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/callroll/callroll/pkg/rest"
)

// GroupFacts is what an admin should know of a group beside its members.
type GroupFacts struct {
	Kinds      []GroupKind
	Processing string         // of a dynamic group: On, or Paused, in which case Entra does not compute its members
	Nested     int            // groups in the group, at any depth
	Others     map[string]int // objects in it, at any depth, that are neither users nor groups, by their type, such as "device"
}

// GroupFacts reads what an admin should know of a group, in two requests, or more if the group is large.
func (c *Client) GroupFacts(ctx context.Context, id string) (GroupFacts, error) {
	what := fmt.Sprintf("Entra group %s: reading its properties", id)
	var g struct {
		listedGroup
		Processing string `json:"membershipRuleProcessingState"`
	}
	_, err := c.graph.Do(ctx, rest.Request{
		Method: http.MethodGet, Path: "/v1.0/groups/" + url.PathEscape(id),
		Query: url.Values{"$select": {"id,displayName,groupTypes,securityEnabled,mailEnabled,isAssignableToRole,membershipRule," +
			"membershipRuleProcessingState,visibility"}},
	}, &g)
	if err != nil {
		return GroupFacts{}, fail(what, err, groupPermission)
	}
	objects, err := c.objectsIn(ctx, id)
	if err != nil {
		return GroupFacts{}, err
	}
	facts := GroupFacts{Kinds: g.kinds(), Processing: g.Processing, Others: map[string]int{}}
	for _, o := range objects {
		switch o.Type {
		case groupType:
			facts.Nested++
		case userType:
		default:
			facts.Others[strings.TrimPrefix(o.Type, "#microsoft.graph.")]++
		}
	}
	return facts, nil
}
