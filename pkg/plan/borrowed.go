package plan

import (
	"slices"

	"github.com/callroll/callroll/pkg/membership"
)

// An account that was found by another key than userPrincipalName may belong to somebody else: more people can set a mail
// address than can set a userPrincipalName. Entra says whether its userName is another person's userPrincipalName.

// Borrowed returns the additions about whose userNames Entra has to be asked: their persons have another userPrincipalName.
func Borrowed(g Group) []Entry {
	if g.State != Changes {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(g.Add), func(e Entry) bool { return e.Person == "" })
}

// Confirm takes back, in place, the additions whose userName is another person's userPrincipalName: their persons are
// ambiguous. owners has the object ids of the people by their userPrincipalName, folded.
func Confirm(g *Group, owners map[string][]string) {
	for _, e := range Borrowed(*g) {
		i := slices.IndexFunc(owners[membership.Fold(e.UserName)], func(id string) bool { return id != e.PersonID })
		if i < 0 {
			continue
		}
		g.Add = slices.DeleteFunc(g.Add, func(a Entry) bool { return a.ID == e.ID })
		g.Unresolved = append(g.Unresolved, Unresolved{
			ID: e.PersonID, UserPrincipalName: e.Person, DisplayName: e.DisplayName, Reason: string(membership.Ambiguous),
			Accounts: []string{e.UserName}, OtherPerson: owners[membership.Fold(e.UserName)][i],
		})
		g.setMembers(slices.DeleteFunc(slices.Clone(g.Members), func(id string) bool { return id == e.ID }))
	}
	slices.SortFunc(g.Unresolved, compareUnresolved)
}

// setMembers replaces the members to be, with their key, and the state that follows.
func (g *Group) setMembers(ids []string) {
	g.Members = membership.Distinct(ids)
	g.Key = IdempotencyKey(g.ID, g.Members)
	g.State = Changes
	if len(g.Add)+len(g.Remove) == 0 {
		g.State = InStep
	}
}
