package graph

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
)

// maxFilterValues is how many values one filter may have (page "Advanced query capabilities").
const maxFilterValues = 15

// Known returns the ids of the people who have or had each name: as userPrincipalName, mail or alias, or as a user deleted
// in the last 30 days. The keys of the result are folded names; a name that is absent is known to nobody. After a rename
// the old address normally stays as an alias.
func (c *Client) Known(ctx context.Context, names []string) (map[string][]string, error) {
	k := nameLookup{names: map[string]bool{}, found: map[string][]string{}}
	for _, name := range names {
		if name != "" {
			k.names[membership.Fold(name)] = true
		}
	}
	for _, filter := range []func([]string) string{isUserPrincipalName, isMail} {
		if _, err := k.search(ctx, c, filter); err != nil {
			return nil, k.fail(err)
		}
	}
	aliased, err := k.search(ctx, c, isAlias)
	if err != nil {
		return nil, k.fail(err)
	}
	for _, n := range aliased {
		if n.ProxyAddresses == nil {
			return nil, k.fail(unreadable("proxyAddresses", n.key()))
		}
	}
	if len(k.found) < len(k.names) {
		// All recently deleted users are read. Their names are changed, so that no filter finds them.
		deleted, err := c.completeUsers(ctx, "/v1.0/directory/deletedItems/microsoft.graph.user", "", knownAttributes)
		if err != nil {
			return nil, k.fail(err)
		}
		k.add(deleted)
	}
	return k.found, nil
}

// Owners returns the ids of the people who have each name as userPrincipalName. The keys of the result are folded names; a
// name that is absent belongs to nobody.
func (c *Client) Owners(ctx context.Context, names []string) (map[string][]string, error) {
	owners := map[string][]string{}
	for chunk := range slices.Chunk(membership.Distinct(names), maxFilterValues) {
		users, err := c.completeUsers(ctx, "/v1.0/users", isUserPrincipalName(chunk), "id,userPrincipalName")
		if err != nil {
			return nil, failIncomplete(
				"looking in Entra for people who have a userName as their userPrincipalName", err, userPermission)
		}
		for _, p := range users {
			name := membership.Fold(p.UserPrincipalName)
			owners[name] = append(owners[name], p.key())
		}
	}
	return owners, nil
}

// completeUsers reads a list of users, all of them if filter is empty. It returns an error if the list is not complete, or its
// names are not readable. Otherwise a missing user would be taken for a user that does not exist.
func (c *Client) completeUsers(ctx context.Context, path, filter, attributes string) ([]*user, error) {
	query := url.Values{"$count": {"true"}, "$select": {attributes}}
	if filter != "" {
		query.Set("$filter", filter)
	}
	all, err := listOf[user](path, query).walk(ctx, c.graph)
	if err != nil {
		return nil, err
	}
	if !all.fitsCount() {
		return nil, all.incomplete("the users that came do not fit their count")
	}
	for _, n := range all.items {
		if n.UserPrincipalName == "" {
			return nil, unreadable("userPrincipalName", n.key())
		}
	}
	return all.items, nil
}

// knownAttributes are those with the names that a user is known by.
const knownAttributes = "id,userPrincipalName,mail,proxyAddresses"

// nameLookup collects the people who are known by some names.
type nameLookup struct {
	names map[string]bool
	found map[string][]string // only names that somebody is known by
}

// search sends a filter for all names. Names that are already known are included, because several people may be known by
// one name.
func (k *nameLookup) search(ctx context.Context, c *Client, filter func([]string) string) ([]*user, error) {
	var all []*user
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(k.names)), maxFilterValues) {
		users, err := c.completeUsers(ctx, "/v1.0/users", filter(chunk), knownAttributes)
		if err != nil {
			return nil, err
		}
		k.add(users)
		all = append(all, users...)
	}
	return all, nil
}

// add compares the people with the names, because a service may ignore a filter.
func (k *nameLookup) add(people []*user) {
	for _, p := range people {
		for _, name := range p.names() {
			if k.names[name] && !slices.Contains(k.found[name], p.key()) {
				k.found[name] = append(k.found[name], p.key())
			}
		}
	}
}

func (k *nameLookup) fail(err error) error {
	return failIncomplete("looking in Entra for people who may have been renamed", err, userPermission)
}

func isUserPrincipalName(names []string) string { return isIn("userPrincipalName", names) }
func isMail(names []string) string              { return isIn("mail", names) }

func isAlias(names []string) string {
	address := func(name string) string { return "proxyAddresses/any(p:p eq " + quoted("smtp:"+name) + ")" }
	return strings.Join(list.Map(names, address), " or ")
}

// isIn returns the filter for the objects whose property has one of the values.
func isIn(property string, values []string) string {
	return property + " in (" + strings.Join(list.Map(values, quoted), ",") + ")"
}

// quoted writes a value in the syntax of OData: in single quotes, with quotes doubled.
func quoted(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }
