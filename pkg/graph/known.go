package graph

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// listed is how many values one filter may have (page "Advanced query capabilities").
const listed = 15

// Known finds the people who go or went by names: by userPrincipalName, by mail, by an alias, or among those deleted in
// the last 30 days. It returns their ids by the name, folded, that was asked for; a name that is missing in the
// result is known to nobody. After a rename the old address normally stays as an alias.
func (c *Client) Known(ctx context.Context, names []string) (map[string][]string, error) {
	k := nameLookup{client: c, wanted: map[string]bool{}, found: map[string][]string{}}
	for _, name := range names {
		if name != "" {
			k.wanted[membership.Fold(name)] = true
		}
	}
	for _, filter := range []func([]string) string{isUserPrincipalName, isMail} {
		if _, err := k.ask(ctx, filter); err != nil {
			return nil, k.fail(err)
		}
	}
	aliased, err := k.ask(ctx, isAlias)
	if err != nil {
		return nil, k.fail(err)
	}
	for _, n := range aliased {
		if n.ProxyAddresses == nil {
			return nil, k.fail(membership.Fail(membership.Denied, unreadable("proxyAddresses", n.key())))
		}
	}
	if len(k.unknown()) > 0 {
		if err := k.deleted(ctx); err != nil {
			return nil, k.fail(err)
		}
	}
	return k.found, nil
}

// Owners finds the people who have one of the names as userPrincipalName. It returns their ids by the name, folded; a name that
// is missing in the result is nobody's.
func (c *Client) Owners(ctx context.Context, names []string) (map[string][]string, error) {
	owners := map[string][]string{}
	for chunk := range slices.Chunk(membership.Distinct(names), listed) {
		all, err := listOf[user]("/v1.0/users", url.Values{
			"$filter": {isUserPrincipalName(chunk)}, "$count": {"true"}, "$select": {"id,userPrincipalName"},
		}).walk(ctx, c.graph)
		if err == nil {
			err = wholeUsers(all)
		}
		if err != nil {
			return nil, failWhole("looking in Entra for people who have a userName as their userPrincipalName", err, userPermission)
		}
		for _, p := range all.items {
			name := membership.Fold(p.UserPrincipalName)
			owners[name] = append(owners[name], p.key())
		}
	}
	return owners, nil
}

// wholeUsers returns an error unless a list of users is shown to be whole and readable: a user who is missing in it would be taken
// for one that there is not.
func wholeUsers(all found[user]) error {
	if all.count == nil || *all.count != len(all.items) {
		return all.broken("the users that came do not fit their count")
	}
	for _, n := range all.items {
		if n.UserPrincipalName == "" {
			return membership.Fail(membership.Denied, unreadable("userPrincipalName", n.key()))
		}
	}
	return nil
}

// nameLookup collects who is known by the wanted names.
type nameLookup struct {
	client *Client
	wanted map[string]bool
	found  map[string][]string
}

// unknown returns the names of whom nobody is known yet, sorted.
func (k *nameLookup) unknown() []string {
	var out []string
	for name := range k.wanted {
		if len(k.found[name]) == 0 {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// ask looks for all wanted names, because one name may lead to several people.
func (k *nameLookup) ask(ctx context.Context, filter func([]string) string) ([]*user, error) {
	var came []*user
	var names []string
	for name := range k.wanted {
		names = append(names, name)
	}
	slices.Sort(names)
	for chunk := range slices.Chunk(names, listed) {
		all, err := listOf[user]("/v1.0/users", url.Values{
			"$filter": {filter(chunk)}, "$count": {"true"}, "$select": {"id,userPrincipalName,mail,proxyAddresses"},
		}).walk(ctx, k.client.graph)
		if err == nil {
			err = wholeUsers(all)
		}
		if err != nil {
			return nil, err
		}
		k.take(all.items)
		came = append(came, all.items...)
	}
	return came, nil
}

// deleted looks at all who were deleted lately: their names are altered, so that no filter finds them.
func (k *nameLookup) deleted(ctx context.Context) error {
	all, err := listOf[user]("/v1.0/directory/deletedItems/microsoft.graph.user", url.Values{
		"$count": {"true"}, "$select": {"id,userPrincipalName,mail,proxyAddresses"},
	}).walk(ctx, k.client.graph)
	if err == nil {
		err = wholeUsers(all)
	}
	if err != nil {
		return err
	}
	k.take(all.items)
	return nil
}

// take compares what came with what was asked for, because a service may ignore a filter.
func (k *nameLookup) take(people []*user) {
	for _, p := range people {
		for _, name := range p.names() {
			if k.wanted[name] && !slices.Contains(k.found[name], p.key()) {
				k.found[name] = append(k.found[name], p.key())
			}
		}
	}
}

func (k *nameLookup) fail(err error) error {
	return failWhole("looking in Entra for people who may have been renamed", err, userPermission)
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

// quoted writes values as OData has them: in single quotes, a quote within doubled.
func quoted(prefix string, values []string) string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, "'"+prefix+strings.ReplaceAll(v, "'", "''")+"'")
	}
	return strings.Join(out, ",")
}
