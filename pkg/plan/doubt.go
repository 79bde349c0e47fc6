package plan

import (
	"slices"

	"github.com/callroll/callroll/pkg/membership"
)

// While people of a group have no account, a member who would be removed is in doubt: they may be one of these people, with
// a new name. What Entra says about the member's userName decides:
//
//	name of one of this group's unresolved people    renamed: keep
//	name of somebody else, or deleted recently       a leaver: remove
//	name of nobody                                   held: keep, until an admin decides
//
// An admin decides by releasing the member, for one run, or by protecting them.

// InDoubt returns the removals whose userNames have to be looked up in Entra. It returns none if the group has no
// unresolved people. Pass the result of the look-up to [Ask].
func InDoubt(g Group, policy Policy) []Entry {
	if g.peopleWithoutAccount() == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(g.Remove), func(e Entry) bool { return policy.released(g.Name, e) })
}

// Ask applies the answer of Entra about the removals that [InDoubt] returns, in place. known has the ids of the people who
// have or had a userName, by the folded userName. failure is the reason why Entra did not answer; then everybody in doubt
// is held.
func Ask(g *Group, policy Policy, known map[string][]string, failure *membership.Reason) {
	doubts := InDoubt(*g, policy)
	if len(doubts) == 0 {
		return
	}
	g.Asked = true
	g.Doubt = failure
	unresolved := map[string]Unresolved{}
	for _, u := range g.Unresolved {
		if u.Reason != Inactive {
			unresolved[u.ID] = u
		}
	}
	for _, e := range doubts {
		people := known[membership.Fold(e.UserName)]
		i := slices.IndexFunc(people, func(id string) bool { _, ok := unresolved[id]; return ok })
		switch {
		case i >= 0:
			e.Person = unresolved[people[i]].UserPrincipalName
			g.keep(e, KeptRenamed)
		case len(people) == 0 || failure != nil:
			g.keep(e, KeptHeld)
		}
	}
}

// keep turns a removal into a kept member.
func (g *Group) keep(e Entry, reason KeepReason) {
	g.Remove = slices.DeleteFunc(g.Remove, func(r Entry) bool { return r.ID == e.ID })
	active := !e.Inactive
	e.Inactive = false // a kept member has Active instead
	g.Keep = append(g.Keep, Kept{Entry: e, Reason: reason, Active: active})
	slices.SortFunc(g.Keep, compareKept)
	g.setMembers(append(g.Members, e.ID))
}

// Held counts the members who are kept because nobody knows whether they have left. An admin has to decide about them.
func (g Group) Held() int { return g.kept(KeptHeld) }

// HeldIDs returns the ids of the members who are held.
func (g Group) HeldIDs() []string { return g.keptIDs(KeptHeld) }

func (g Group) kept(reason KeepReason) int { return len(g.keptIDs(reason)) }

func (g Group) keptIDs(reason KeepReason) []string {
	var ids []string
	for _, k := range g.Keep {
		if k.Reason == reason {
			ids = append(ids, k.ID)
		}
	}
	return ids
}

// released says whether an admin has released a member of a group for this run.
func (p Policy) released(group string, e Entry) bool {
	return slices.ContainsFunc(p.Release[group], func(who Pattern) bool { return who.Matches(e.UserName) || who.Matches(e.ID) })
}

// An account that was found by another key than userPrincipalName may belong to somebody else, because more people can set
// a mail address than a userPrincipalName. Entra is asked whether the account's userName is the userPrincipalName of
// another person: [ToConfirm] returns the accounts to ask about, and [Confirm] applies the answer.

// ToConfirm returns the additions whose persons have another userPrincipalName than the account's userName. Look these
// userNames up in Entra, and pass the result to [Confirm].
func ToConfirm(g Group) []Entry {
	if g.State != Changes {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(g.Add), func(e Entry) bool { return e.Person == "" })
}

// Confirm takes back, in place, the additions whose userName is the userPrincipalName of another person. Their persons
// become unresolved, with the reason ambiguous. owners has the object ids of people by their folded userPrincipalName.
func Confirm(g *Group, owners map[string][]string) {
	for _, e := range ToConfirm(*g) {
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
	g.Members = distinct(ids)
	g.Key = IdempotencyKey(g.ID, g.Members)
	g.State = Changes
	if len(g.Add)+len(g.Remove) == 0 {
		g.State = InStep
	}
}
