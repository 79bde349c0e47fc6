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

// Path says whether a person is in a group, and how.
type Path struct {
	In      bool
	Through []GroupName // the groups between, the nearest to the person first; empty for a direct member
	Unread  bool        // the person is in the group, but the groups between could not be read
}

// Paths says how a person is in some groups. The keys are the object ids. If that could not be read for a group, the group is absent
// and the error says why. Paths reads the groups of the person and, if they are in one of the groups only through another, the
// parents of these groups. Each list is one request (pages "List a user's direct memberships" and "List a user's memberships
// (direct and transitive)").
func (c *Client) Paths(ctx context.Context, person string, groups []string) (map[string]Path, error) {
	paths := map[string]Path{}
	direct, err := c.parents(ctx, "users", person, "memberOf")
	if err != nil {
		return nil, err
	}
	var others []string // groups that the person is not a direct member of
	for _, id := range groups {
		if hasGroup(direct, id) {
			paths[id] = Path{In: true}
		} else {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return paths, nil
	}
	all, err := c.parents(ctx, "users", person, "transitiveMemberOf")
	if err != nil {
		return paths, err
	}
	for _, id := range others {
		isIn := hasGroup(all, id)
		paths[id] = Path{In: isIn, Unread: isIn}
	}
	others = slices.DeleteFunc(others, func(id string) bool { return !paths[id].In })
	chains, err := c.chains(ctx, person, direct, others)
	for _, id := range others {
		if chain, found := chains[id]; found {
			paths[id] = Path{In: true, Through: chain}
		}
	}
	return paths, err
}

func hasGroup(groups []GroupName, id string) bool {
	return slices.ContainsFunc(groups, func(g GroupName) bool { return g.ID == id })
}

// chains returns the groups between a person, who is a direct member of some groups, and each group to which a chain is found. It
// ends when it has a chain to each group that is wanted.
func (c *Client) chains(ctx context.Context, person string, direct []GroupName, wanted []string) (map[string][]GroupName, error) {
	chains := map[string][]GroupName{}
	for _, g := range direct {
		chains[g.ID] = []GroupName{}
	}
	absent := func(id string) bool { return chains[id] == nil }
	for queue, read := direct, 0; len(queue) > 0 && slices.ContainsFunc(wanted, absent); queue, read = queue[1:], read+1 {
		if read == maxAncestors {
			return chains, fmt.Errorf("reading the Entra groups that person %s is in: they are in more than %d",
				person, maxAncestors)
		}
		parents, err := c.parents(ctx, "groups", queue[0].ID, "memberOf")
		if err != nil {
			return chains, err
		}
		for _, g := range parents {
			if absent(g.ID) {
				chains[g.ID] = append(slices.Clone(chains[queue[0].ID]), queue[0])
				queue = append(queue, g)
			}
		}
	}
	return chains, nil
}

// parents returns the groups that a person or a group is in: memberOf has those of direct members, transitiveMemberOf all. The error
// says so if the list is not whole: otherwise a group that is missing would be one that they are not in.
func (c *Client) parents(ctx context.Context, kind, id, relation string) ([]GroupName, error) {
	all, err := listOf[GroupName]("/v1.0/"+kind+"/"+url.PathEscape(id)+"/"+relation+"/microsoft.graph.group",
		url.Values{"$count": {"true"}, "$top": {"999"}, "$select": {"id,displayName"}}).walk(ctx, c.graph)
	if err == nil && !all.fitsCount() {
		err = all.incomplete("the groups that came do not fit their count")
	}
	if err != nil {
		what := "reading the Entra groups that " + strings.TrimSuffix(kind, "s") + " " + id + " is in"
		return nil, failIncomplete(what, err, groupPermission)
	}
	names := make([]GroupName, 0, len(all.items))
	for _, g := range all.items {
		names = append(names, GroupName{ID: strings.ToLower(g.ID), DisplayName: g.DisplayName})
	}
	return names, nil
}
