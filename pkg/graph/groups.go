package graph

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/list"
)

// GroupKind is one thing that the kind of a group is made of. Every group is of one of the first five kinds, and may be of some
// of the others as well.
type GroupKind string

// The kinds of groups, with Microsoft's names (page "Working with groups in Microsoft Graph").
const (
	Security            GroupKind = "security"
	Microsoft365        GroupKind = "Microsoft 365"
	MailEnabledSecurity GroupKind = "mail-enabled security" // Exchange manages the members of this kind and of the next one
	Distribution        GroupKind = "distribution"
	UnknownKind         GroupKind = "unknown" // Graph does not say, or the group is of none of these kinds

	Dynamic          GroupKind = "dynamic"
	RoleAssignable   GroupKind = "role-assignable"
	HiddenMembership GroupKind = "hidden membership"
)

// ListedGroup is a group of a list of all groups.
type ListedGroup struct {
	GroupName
	Kinds []GroupKind // in the order of the constants
}

// Is says whether the group is of one of some kinds.
func (g ListedGroup) Is(kinds ...GroupKind) bool {
	return slices.ContainsFunc(kinds, func(kind GroupKind) bool { return slices.Contains(g.Kinds, kind) })
}

// GroupList is a list of the groups of a tenant, sorted by id.
type GroupList struct {
	Groups []ListedGroup
	// Whole says that the list has as many groups as Graph counts. Otherwise another group may have the name of one in the list.
	Whole bool
}

// listedGroup is a group as Graph sends it. A property that Graph hides from the application is null or absent.
type listedGroup struct {
	GroupName
	GroupTypes         *[]string `json:"groupTypes"`
	SecurityEnabled    *bool     `json:"securityEnabled"`
	MailEnabled        *bool     `json:"mailEnabled"`
	IsAssignableToRole bool      `json:"isAssignableToRole"`
	MembershipRule     string    `json:"membershipRule"`
	Visibility         string    `json:"visibility"`
}

func (g listedGroup) kinds() []GroupKind {
	kinds := []GroupKind{g.base()}
	for _, more := range []struct {
		kind GroupKind
		is   bool
	}{
		{Dynamic, g.hasType("DynamicMembership") || g.MembershipRule != ""},
		{RoleAssignable, g.IsAssignableToRole},
		{HiddenMembership, strings.EqualFold(g.Visibility, "HiddenMembership")},
	} {
		if more.is {
			kinds = append(kinds, more.kind)
		}
	}
	return kinds
}

// base returns which of the first five kinds the group is of.
func (g listedGroup) base() GroupKind {
	switch {
	case g.GroupTypes == nil || g.SecurityEnabled == nil || g.MailEnabled == nil:
		return UnknownKind
	case g.hasType("Unified"):
		return Microsoft365
	case *g.MailEnabled && *g.SecurityEnabled:
		return MailEnabledSecurity
	case *g.MailEnabled:
		return Distribution
	case *g.SecurityEnabled:
		return Security
	}
	return UnknownKind
}

func (g listedGroup) hasType(name string) bool {
	return g.GroupTypes != nil && slices.ContainsFunc(*g.GroupTypes, func(t string) bool { return strings.EqualFold(t, name) })
}

// Groups lists the groups of the tenant. It is for finding an id.
func (c *Client) Groups(ctx context.Context) (GroupList, error) {
	all, err := listOf[listedGroup]("/v1.0/groups", url.Values{
		"$top": {"999"}, "$count": {"true"},
		"$select": {"id,displayName,groupTypes,securityEnabled,mailEnabled,isAssignableToRole,membershipRule,visibility"},
	}).walk(ctx, c.graph)
	if err != nil {
		return GroupList{}, fail("listing the groups of Entra", err, groupPermission)
	}
	groups := list.Map(all.items, func(g *listedGroup) ListedGroup { return ListedGroup{g.GroupName, g.kinds()} })
	slices.SortFunc(groups, func(a, b ListedGroup) int { return strings.Compare(a.key(), b.key()) })
	return GroupList{groups, all.fitsCount()}, nil
}
