package graph

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/callroll/callroll/pkg/membership"
)

// Selection says what of a group is wanted. What is not selected is not asked for, and needs no permission.
type Selection struct {
	Nested     bool // members of nested groups too
	EmployeeID bool
	Enabled    bool // whether each person's account is enabled
}

// Members returns the people of a group, each once and in no order: all of them, or an error. It is shown by the count that the first
// page carries, which must be that of the distinct ids that came (page "List group members"). Whoever
// is in several groups is mostly one Person, which is not to be changed.
func (c *Client) Members(ctx context.Context, groupID string, sel Selection) ([]*membership.Person, error) {
	what := fmt.Sprintf("Entra group %s: reading its members", groupID)
	members, err := c.provenMembers(ctx, groupID, sel)
	if err != nil {
		return nil, failWhole(what, err, groupPermission)
	}
	who, err := c.SignIn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	people := make([]*membership.Person, 0, len(members))
	for _, m := range members {
		if m.unreadable != "" {
			return nil, membership.Fail(membership.Denied, fmt.Errorf("%s: %w", what, unreadable(m.unreadable, m.key())))
		}
		people = append(people, m.person)
	}
	if err := checkNumbered(people, sel, who.Roles); err != nil {
		return nil, membership.Fail(membership.Denied, fmt.Errorf("%s: %w", what, err))
	}
	return people, nil
}

// provenMembers walks the members until they agree with their count. A difference is read once more from page one,
// because somebody who joins meanwhile shifts the pages; so is a page whose token has expired.
func (c *Client) provenMembers(ctx context.Context, groupID string, sel Selection) ([]*member, error) {
	members := c.membersOf(groupID, sel)
	differed, expired := false, false
	for {
		all, err := members.walk(ctx, c.graph)
		switch {
		case err != nil && lostPage(err) && !expired:
			expired = true
			continue
		case err != nil:
			return nil, err
		case all.count == nil:
			return nil, all.broken("the first page has no @odata.count")
		}
		for _, m := range all.items {
			if m.kind != "" {
				return nil, all.broken(fmt.Sprintf("users were asked for, and %s is a %s", m.key(), m.kind))
			}
		}
		if len(all.items) == *all.count {
			return all.items, nil
		}
		if differed {
			return nil, all.broken(fmt.Sprintf("Entra counts %d members and shows %d, twice", *all.count, len(all.items)))
		}
		differed = true
	}
}

// membersOf is the collection of a group's members.
func (c *Client) membersOf(groupID string, sel Selection) collection[member] {
	relation := "members"
	if sel.Nested {
		relation = "transitiveMembers"
	}
	attributes := "id,userPrincipalName,mail,displayName"
	if sel.EmployeeID {
		attributes += ",employeeId"
	}
	if sel.Enabled {
		attributes += ",accountEnabled"
	}
	// The cast needs $count=true and the header that prepare sets (page "List group transitive members").
	return collection[member]{
		path:  fmt.Sprintf("/v1.0/groups/%s/%s/microsoft.graph.user", url.PathEscape(groupID), relation),
		query: url.Values{"$top": {"999"}, "$count": {"true"}, "$select": {attributes}},
		next:  c.usersOf(sel).next,
	}
}

// checkNumbered tells a permission that is missing from a fact about people: anybody may have no employee number, and a whole
// group of them too. That is believed where the token says that numbers may be read.
func checkNumbered(people []*membership.Person, sel Selection, roles []string) error {
	if !sel.EmployeeID || mayReadUsers(roles) {
		return nil
	}
	if len(people) == 0 || slices.ContainsFunc(people, func(p *membership.Person) bool { return p.EmployeeID != "" }) {
		return nil
	}
	return unreadable("employeeId", people[0].ID)
}

func unreadable(attribute, id string) error {
	return membership.FailFor(membership.Denied,
		fmt.Errorf("%s of user %s came back empty, as it does without permission", attribute, id), grant(userPermission))
}

func mayReadUsers(roles []string) bool {
	return slices.ContainsFunc(roles, func(role string) bool {
		return slices.Contains([]string{userPermission, "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}, role)
	})
}
