package graph

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// Person returns the person with an object id, a userPrincipalName, a mail address or an alias. The error for a name that
// nobody has, or more than one person, is [membership.Missing].
func (c *Client) Person(ctx context.Context, ref string, sel Selection) (*membership.Person, error) {
	property := "userPrincipalName"
	if membership.IsID(ref) {
		property = "id"
	}
	found, err := c.onePerson(ctx, property, ref, sel)
	if err != nil && membership.CauseOf(err) == membership.Missing && property != "id" {
		known, knownErr := c.Known(ctx, []string{ref})
		if knownErr != nil {
			return nil, knownErr
		}
		if ids := known[membership.Fold(ref)]; len(ids) == 1 {
			found, err = c.onePerson(ctx, "id", ids[0], sel)
		}
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// maxAncestors is how many groups Paths reads the parents of. Each of them is a request.
const maxAncestors = 200

// Paths returns the chains of groups by which a person is in some groups, by the object id of the group. A chain has the groups
// between the person and the group, the nearest to the person first; it is empty for a direct member. A group that the person
// is not in is absent. Each list of parents is one request (page "List a user's direct memberships"), and they are read only if
// the person is in one of the groups through another (page "List a user's memberships (direct and transitive)").
func (c *Client) Paths(ctx context.Context, person string, groups []string) (map[string][]GroupName, error) {
	paths := map[string][]GroupName{}
	absent := func(id string) bool { return paths[id] == nil }
	direct, err := c.parents(ctx, "users", person, "memberOf")
	if err != nil {
		return nil, err
	}
	for _, g := range direct {
		paths[g.ID] = []GroupName{}
	}
	if groups = slices.DeleteFunc(slices.Clone(groups), func(id string) bool { return !absent(id) }); len(groups) == 0 {
		return paths, nil
	}
	all, err := c.parents(ctx, "users", person, "transitiveMemberOf")
	if err != nil {
		return paths, err
	}
	groups = slices.DeleteFunc(groups, func(id string) bool {
		return !slices.ContainsFunc(all, func(g GroupName) bool { return g.ID == id })
	})
	for queue, read := direct, 0; len(queue) > 0 && slices.ContainsFunc(groups, absent); queue, read = queue[1:], read+1 {
		if read == maxAncestors {
			return paths, fmt.Errorf("reading the Entra groups that person %s is in: they are in more than %d",
				person, maxAncestors)
		}
		parents, err := c.parents(ctx, "groups", queue[0].ID, "memberOf")
		if err != nil {
			return paths, err
		}
		for _, g := range parents {
			if paths[g.ID] == nil {
				paths[g.ID] = append(slices.Clone(paths[queue[0].ID]), queue[0])
				queue = append(queue, g)
			}
		}
	}
	return paths, nil
}

// parents returns the groups that a person or a group is in: memberOf has those of direct members, transitiveMemberOf all.
func (c *Client) parents(ctx context.Context, kind, id, relation string) ([]GroupName, error) {
	all, err := listOf[GroupName]("/v1.0/"+kind+"/"+url.PathEscape(id)+"/"+relation+"/microsoft.graph.group",
		url.Values{"$count": {"true"}, "$top": {"999"}, "$select": {"id,displayName"}}).walk(ctx, c.graph)
	if err != nil {
		return nil, fail("reading the Entra groups that "+strings.TrimSuffix(kind, "s")+" "+id+" is in", err, groupPermission)
	}
	names := make([]GroupName, 0, len(all.items))
	for _, g := range all.items {
		names = append(names, GroupName{ID: strings.ToLower(g.ID), DisplayName: g.DisplayName})
	}
	return names, nil
}
