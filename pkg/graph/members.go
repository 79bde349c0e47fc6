package graph

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// Selection says what of a group is wanted. What is not selected is not asked for, and needs no permission.
type Selection struct {
	Nested     bool // members of nested groups too
	EmployeeID bool
	Enabled    bool // whether each person's account is enabled
}

// user is a user as Graph writes it. Graph answers null, with status 200, for what the application may not read.
type user struct {
	Type              string  `json:"@odata.type"`
	ID                string  `json:"id"`
	UserPrincipalName *string `json:"userPrincipalName"`
	Mail              *string `json:"mail"`
	DisplayName       *string `json:"displayName"`
	EmployeeID        *string `json:"employeeId"`
	AccountEnabled    *bool   `json:"accountEnabled"`
}

func (u user) key() string { return strings.ToLower(u.ID) }

// Members returns the people of a group, sorted by id: all of them, or an error. It is shown by the count that the first
// page carries, which must be that of the distinct ids that came (page "List group members").
func (c *Client) Members(ctx context.Context, groupID string, sel Selection) ([]membership.Person, error) {
	what := fmt.Sprintf("Entra group %s: reading its members", groupID)
	users, err := c.provenMembers(ctx, groupID, sel)
	if err != nil {
		return nil, failWhole(what, err, groupPermission)
	}
	who, err := c.SignIn(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if err := checkReadable(users, sel, who.Roles); err != nil {
		return nil, membership.Fail(membership.Denied, fmt.Errorf("%s: %w", what, err))
	}
	return people(users, sel), nil
}

// provenMembers walks the members until they agree with their count. A difference is read once more from page one,
// because somebody who joins meanwhile shifts the pages; so is a page whose token has expired.
func (c *Client) provenMembers(ctx context.Context, groupID string, sel Selection) ([]user, error) {
	path, query := memberQuery(groupID, sel)
	differed, expired := false, false
	for {
		all, err := walk[user](ctx, c.graph, path, query)
		switch {
		case err != nil && lostPage(err) && !expired:
			expired = true
			continue
		case err != nil:
			return nil, err
		case all.count == nil:
			return nil, all.broken("the first page has no @odata.count")
		}
		if other := slices.IndexFunc(all.items, func(u user) bool { return u.Type != "" && u.Type != "#microsoft.graph.user" }); other >= 0 {
			return nil, all.broken(fmt.Sprintf("users were asked for, and %s is a %s", all.items[other].ID, all.items[other].Type))
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

func memberQuery(groupID string, sel Selection) (path string, query url.Values) {
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
	return fmt.Sprintf("/v1.0/groups/%s/%s/microsoft.graph.user", url.PathEscape(groupID), relation),
		url.Values{"$top": {"999"}, "$count": {"true"}, "$select": {attributes}}
}

// checkReadable tells a permission that is missing from a fact about a person.
func checkReadable(users []user, sel Selection, roles []string) error {
	numbered := false
	for _, u := range users {
		switch {
		case u.UserPrincipalName == nil || *u.UserPrincipalName == "":
			return unreadable("userPrincipalName", u.ID)
		case sel.Enabled && u.AccountEnabled == nil:
			return unreadable("accountEnabled", u.ID)
		}
		numbered = numbered || u.EmployeeID != nil
	}
	// A person may have no employee number, and a whole group of them too: that is believed where the token says that
	// numbers may be read.
	if sel.EmployeeID && len(users) > 0 && !numbered && !mayReadUsers(roles) {
		return unreadable("employeeId", users[0].ID)
	}
	return nil
}

func unreadable(attribute, id string) error {
	return fmt.Errorf("%s of user %s came back empty, as it does without permission; grant the application %s, with admin consent",
		attribute, id, userPermission)
}

func mayReadUsers(roles []string) bool {
	return slices.ContainsFunc(roles, func(role string) bool {
		return slices.Contains([]string{userPermission, "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}, role)
	})
}

func people(users []user, sel Selection) []membership.Person {
	people := make([]membership.Person, 0, len(users))
	for _, u := range users {
		p := membership.Person{ID: u.key(), UserPrincipalName: value(u.UserPrincipalName), Mail: value(u.Mail), DisplayName: value(u.DisplayName)}
		if sel.EmployeeID {
			p.EmployeeID = value(u.EmployeeID)
		}
		if sel.Enabled {
			p.Enabled = u.AccountEnabled
		}
		people = append(people, p)
	}
	return people
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
