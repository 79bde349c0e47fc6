package graph

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// ExcludedIDs returns the object ids of the people that ref means: the object id of a group, nested ones included, or of
// a person, or a userPrincipalName. An error means that it is not known whom to leave out; an empty group is one too.
func (c *Client) ExcludedIDs(ctx context.Context, ref string) ([]string, error) {
	if strings.Contains(ref, "@") {
		return c.onePerson(ctx, "userPrincipalName", ref)
	}
	members, err := c.Members(ctx, ref, Selection{Nested: true})
	switch {
	case err != nil && membership.CauseOf(err) == membership.Missing:
		return c.onePerson(ctx, "id", ref)
	case err != nil:
		return nil, err
	case members.Len() == 0:
		return nil, membership.Fail(membership.Missing, fmt.Errorf("the excluded Entra group %s has no members; take it out of exclude if that is meant", ref))
	}
	ids := make([]string, 0, members.Len())
	for _, p := range members.List() {
		ids = append(ids, p.ID)
	}
	return ids, nil
}

// onePerson finds the one person whose property has a value. What came back is compared with what was asked for, because
// a service may ignore a filter.
func (c *Client) onePerson(ctx context.Context, property, wanted string) ([]string, error) {
	what := fmt.Sprintf("looking for the person %s in Entra", wanted)
	all, err := listOf[named]("/v1.0/users", url.Values{
		"$filter": {fmt.Sprintf("%s in (%s)", property, quoted("", []string{wanted}))},
		"$select": {"id,userPrincipalName"},
	}).walk(ctx, c.graph)
	if err != nil {
		return nil, fail(what, err, userPermission)
	}
	same := slices.DeleteFunc(all.items, func(n named) bool {
		return !strings.EqualFold(wanted, n.ID) && !strings.EqualFold(wanted, n.UserPrincipalName)
	})
	if len(same) != 1 {
		return nil, membership.Fail(membership.Missing, fmt.Errorf("%s: %d are found, and one is needed to be left out", what, len(same)))
	}
	return []string{same[0].key()}, nil
}
