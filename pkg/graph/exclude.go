package graph

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// Excluded returns the people that ref means. ref is the object id of a group, whose nested groups are included, the
// object id of a person, or a userPrincipalName. If it is not known whom to exclude, Excluded returns an error, also for
// an empty group.
func (c *Client) Excluded(ctx context.Context, ref string, sel Selection) ([]*membership.Person, error) {
	sel.Nested = true
	if strings.Contains(ref, "@") {
		return c.onePerson(ctx, "userPrincipalName", ref, sel)
	}
	members, err := c.Members(ctx, ref, sel)
	switch {
	case err != nil && membership.CauseOf(err) == membership.Missing:
		return c.onePerson(ctx, "id", ref, sel)
	case err != nil:
		return nil, err
	case len(members) == 0:
		return nil, membership.FailFor(membership.Missing, fmt.Errorf("the Entra group %s has no members", ref),
			"take the group out of exclude if it is meant to be empty")
	}
	return members, nil
}

// onePerson returns the only person whose property has a value. The result is compared with the value, because a service
// may ignore a filter.
func (c *Client) onePerson(ctx context.Context, property, value string, sel Selection) ([]*membership.Person, error) {
	what := fmt.Sprintf("looking for the person %s in Entra", value)
	sel = Selection{EmployeeID: sel.EmployeeID}
	all, err := listOf[user]("/v1.0/users", url.Values{
		"$filter": {isIn(property, []string{value})}, "$select": {sel.attributes()},
	}).walk(ctx, c.graph)
	if err != nil {
		return nil, fail(what, err, userPermission)
	}
	same := slices.DeleteFunc(all.items, func(u *user) bool {
		return !membership.SameName(value, u.ID) && !membership.SameName(value, u.UserPrincipalName)
	})
	switch {
	case len(same) == 0 && property == "id":
		return nil, membership.FailFor(membership.Missing,
			fmt.Errorf("no group and no person in Entra has the object id %s", value),
			"if the group or the person was deleted, take the entry out of exclude; if it is misspelled, correct it "+
				"(callroll groups entra lists groups)")
	case len(same) == 0:
		return nil, membership.FailFor(membership.Missing, fmt.Errorf("no person in Entra has the userPrincipalName %s", value),
			"if the person was deleted, take the entry out of exclude; if they have another name now, or the entry is "+
				"misspelled, write their present userPrincipalName or their object id")
	case len(same) > 1:
		return nil, membership.Fail(membership.Missing,
			fmt.Errorf("%s: %d people are found, and only one can be meant", what, len(same)))
	}
	u := same[0]
	if u.UserPrincipalName == "" {
		return nil, fmt.Errorf("%s: %w", what, unreadable("userPrincipalName", u.key()))
	}
	people := []*membership.Person{u.person(sel)}
	if err := c.checkEmployeeIDs(ctx, people, sel); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return people, nil
}
