package graph

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// maxFilterValues is how many values one filter may have (page "Advanced query capabilities").
const maxFilterValues = 15

// Known returns the ids of the people who have or had each name: as userPrincipalName, mail or alias, or as a user deleted
// in the last 30 days. The keys of the result are folded names; a name that is absent is known to nobody. After a rename
// the old address normally stays as an alias.
func (c *Client) Known(ctx context.Context, names []string) (map[string][]string, error) {
	k := nameLookup{client: c, names: map[string]bool{}, found: map[string][]string{}}
	for _, name := range names {
		if name != "" {
			k.names[membership.Fold(name)] = true
		}
	}
	for _, filter := range []func([]string) string{isUserPrincipalName, isMail} {
		if _, err := k.search(ctx, filter); err != nil {
			return nil, k.fail(err)
		}
	}
	aliased, err := k.search(ctx, isAlias)
	if err != nil {
		return nil, k.fail(err)
	}
	for _, n := range aliased {
		if n.ProxyAddresses == nil {
			return nil, k.fail(membership.Fail(membership.Denied, unreadable("proxyAddresses", n.key())))
		}
	}
	if len(k.unknown()) > 0 {
		if err := k.searchDeleted(ctx); err != nil {
			return nil, k.fail(err)
		}
	}
	return k.found, nil
}

// Owners returns the ids of the people who have each name as userPrincipalName. The keys of the result are folded names; a
// name that is absent belongs to nobody.
func (c *Client) Owners(ctx context.Context, names []string) (map[string][]string, error) {
	owners := map[string][]string{}
	for chunk := range slices.Chunk(membership.Distinct(names), maxFilterValues) {
		all, err := listOf[user]("/v1.0/users", url.Values{
			"$filter": {isUserPrincipalName(chunk)}, "$count": {"true"}, "$select": {"id,userPrincipalName"},
		}).walk(ctx, c.graph)
		if err == nil {
			err = checkUsers(all)
		}
		if err != nil {
			return nil, failIncomplete("looking in Entra for people who have a userName as their userPrincipalName", err, userPermission)
		}
		for _, p := range all.items {
			name := membership.Fold(p.UserPrincipalName)
			owners[name] = append(owners[name], p.key())
		}
	}
	return owners, nil
}

// checkUsers returns an error if a list of users is not complete, or its names are not readable. Otherwise a missing user
// would be taken for a user that does not exist.
func checkUsers(all result[user]) error {
	if all.count == nil || *all.count != len(all.items) {
		return all.incomplete("the users that came do not fit their count")
	}
	for _, n := range all.items {
		if n.UserPrincipalName == "" {
			return membership.Fail(membership.Denied, unreadable("userPrincipalName", n.key()))
		}
	}
	return nil
}

// nameLookup collects the people who are known by some names.
type nameLookup struct {
	client *Client
	names  map[string]bool
	found  map[string][]string
}

// unknown returns the names that nobody is known by, sorted.
func (k *nameLookup) unknown() []string {
	var out []string
	for name := range k.names {
		if len(k.found[name]) == 0 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// search sends a filter for all names. Names that are already known are included, because several people may be known by
// one name.
func (k *nameLookup) search(ctx context.Context, filter func([]string) string) ([]*user, error) {
	var users []*user
	var names []string
	for name := range k.names {
		names = append(names, name)
	}
	slices.Sort(names)
	for chunk := range slices.Chunk(names, maxFilterValues) {
		all, err := listOf[user]("/v1.0/users", url.Values{
			"$filter": {filter(chunk)}, "$count": {"true"}, "$select": {"id,userPrincipalName,mail,proxyAddresses"},
		}).walk(ctx, k.client.graph)
		if err == nil {
			err = checkUsers(all)
		}
		if err != nil {
			return nil, err
		}
		k.add(all.items)
		users = append(users, all.items...)
	}
	return users, nil
}

// searchDeleted reads all recently deleted users. Their names are changed, so that no filter finds them.
func (k *nameLookup) searchDeleted(ctx context.Context) error {
	all, err := listOf[user]("/v1.0/directory/deletedItems/microsoft.graph.user", url.Values{
		"$count": {"true"}, "$select": {"id,userPrincipalName,mail,proxyAddresses"},
	}).walk(ctx, k.client.graph)
	if err == nil {
		err = checkUsers(all)
	}
	if err != nil {
		return err
	}
	k.add(all.items)
	return nil
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

func isUserPrincipalName(names []string) string {
	return "userPrincipalName in (" + quoted("", names) + ")"
}
func isMail(names []string) string { return "mail in (" + quoted("", names) + ")" }

func isAlias(names []string) string {
	var any []string
	for _, name := range names {
		any = append(any, "proxyAddresses/any(p:p eq "+quoted("smtp:", []string{name})+")")
	}
	return strings.Join(any, " or ")
}

// quoted writes values in the syntax of OData: in single quotes, with quotes doubled.
func quoted(prefix string, values []string) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, "'"+prefix+strings.ReplaceAll(v, "'", "''")+"'")
	}
	return strings.Join(out, ",")
}
