package plan

import (
	"slices"

	"github.com/callroll/callroll/pkg/membership"
)

// An account that was found by another key than userPrincipalName may belong to somebody else, because more people can set
// a mail address than a userPrincipalName. Entra is asked whether the account's userName is the userPrincipalName of
// another person: [Borrowed] returns the accounts to ask about, and [Confirm] applies the answer.

// Borrowed returns the additions whose persons have another userPrincipalName than the account's userName. Look these
// userNames up in Entra, and pass the result to [Confirm].
func Borrowed(g Group) []Entry {
	if g.State != Changes {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(g.Add), func(e Entry) bool { return e.Person == "" })
}

// Confirm takes back, in place, the additions whose userName is the userPrincipalName of another person. Their persons
// become unresolved, with the reason ambiguous. owners has the object ids of people by their folded userPrincipalName.
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

// setMembers sets the planned members, and the key and state that follow from them.
func (g *Group) setMembers(ids []string) {
	g.Members = membership.Distinct(ids)
	g.Key = IdempotencyKey(g.ID, g.Members)
	g.State = Changes
	if len(g.Add)+len(g.Remove) == 0 {
		g.State = InStep
	}
}
