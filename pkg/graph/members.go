package graph

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// Selection says which members and attributes to read. Attributes that are not selected are not requested, and need no
// permission.
type Selection struct {
	Nested     bool // include the members of nested groups
	EmployeeID bool
	Enabled    bool // whether each person's account is enabled
}

// attributes returns the attributes to request of a user.
func (s Selection) attributes() string {
	attributes := "id,userPrincipalName,mail,displayName"
	if s.EmployeeID {
		attributes += ",employeeId"
	}
	if s.Enabled {
		attributes += ",accountEnabled"
	}
	return attributes
}

// Members returns the people of a group, without duplicates and in no particular order. It returns all of them, or an
// error: the first page has a count, which must be the number of distinct ids that were read (page "List group members").
// A person in several groups is usually the same *Person, so it must not be changed.
func (c *Client) Members(ctx context.Context, groupID string, sel Selection) ([]*membership.Person, error) {
	what := fmt.Sprintf("Entra group %s: reading its members", groupID)
	members, err := c.completeMembers(ctx, groupID, sel)
	if err != nil {
		return nil, failIncomplete(what, err, groupPermission)
	}
	people := make([]*membership.Person, 0, len(members))
	for _, m := range members {
		if m.unreadable != "" {
			return nil, fmt.Errorf("%s: %w", what, unreadable(m.unreadable, m.key()))
		}
		people = append(people, m.person)
	}
	if err := c.checkEmployeeIDs(ctx, people, sel); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return people, nil
}

// completeMembers reads the members until their number agrees with the count. After a difference they are read once more
// from page one, because a change of the group during the reading shifts the pages. They are also read again after a page
// token has expired.
func (c *Client) completeMembers(ctx context.Context, groupID string, sel Selection) ([]*member, error) {
	members := c.membersOf(groupID, sel)
	differed, expired := false, false
	for {
		all, err := members.walk(ctx, c.graph)
		switch {
		case err != nil && isExpiredPage(err) && !expired:
			expired = true
			continue
		case err != nil:
			return nil, err
		case all.count == nil:
			return nil, all.incomplete("the first page has no @odata.count")
		}
		for _, m := range all.items {
			if m.kind != "" {
				return nil, all.incomplete(fmt.Sprintf("users were asked for, and %s is a %s", m.key(), m.kind))
			}
		}
		if len(all.items) == *all.count {
			return all.items, nil
		}
		if differed {
			return nil, all.incomplete(fmt.Sprintf("Entra counts %d members and shows %d, twice", *all.count, len(all.items)))
		}
		differed = true
	}
}

// membersOf returns the collection of a group's members.
func (c *Client) membersOf(groupID string, sel Selection) collection[member] {
	relation := "members"
	if sel.Nested {
		relation = "transitiveMembers"
	}
	// The cast needs $count=true and the header that prepare sets (page "List group transitive members").
	return collection[member]{
		path:  fmt.Sprintf("/v1.0/groups/%s/%s/microsoft.graph.user", url.PathEscape(groupID), relation),
		query: url.Values{"$top": {"999"}, "$count": {"true"}, "$select": {sel.attributes()}},
		next:  c.usersOf(sel).read,
	}
}

// checkEmployeeIDs returns an error if no person has an employee id and the application may not be allowed to read them. A
// group without employee ids is accepted only if the token shows the permission.
func (c *Client) checkEmployeeIDs(ctx context.Context, people []*membership.Person, sel Selection) error {
	who, err := c.SignIn(ctx)
	if err != nil || !sel.EmployeeID || mayReadUsers(who.Roles) {
		return err
	}
	if len(people) == 0 || slices.ContainsFunc(people, func(p *membership.Person) bool { return p.EmployeeID != "" }) {
		return nil
	}
	return unreadable("employeeId", people[0].ID)
}

func unreadable(attribute, id string) error {
	return membership.FailFor(membership.Denied,
		fmt.Errorf("%s of user %s came back empty, as it does without permission", attribute, id), grantHint(userPermission))
}

func mayReadUsers(roles []string) bool {
	return slices.ContainsFunc(roles, func(role string) bool {
		return slices.Contains([]string{userPermission, "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}, role)
	})
}

// GroupName is the id and name of a group.
type GroupName struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

func (g GroupName) key() string { return strings.ToLower(g.ID) }
