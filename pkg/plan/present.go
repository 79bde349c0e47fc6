package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/membership"
)

// Present is what both services say now about one Genesys group and about the accounts that a file names. See [Recheck]
// and [FromChanges].
type Present struct {
	Group    membership.Group
	Accounts *membership.Directory
	Excluded map[string]bool // ids of the accounts of people that the mapping excludes now
}

// keepReason says why the present readings do not allow a removal. It is empty if they allow it. A protected userName may
// be the present one or the one in the file.
func (p Present) keepReason(rule Rule, e Entry) KeepReason {
	account, seen := p.Accounts.Account(e.ID)
	switch {
	case rule.protects(e.ID, account.UserName), rule.protects(e.ID, e.UserName):
		return KeptProtected
	case !p.Group.IsUser(e.ID):
		return KeptNotUser
	case !seen:
		return KeptUnseen
	}
	return ""
}

// Recheck returns what of a group in a plan file may be carried out now. The file is a proposal: it says which accounts to
// add and to remove, and which members the group had. The rule says which group is meant and what is allowed. The present
// readings say which account an id stands for. What the present rule forbids is a [Refusal]. What contradicts a present
// reading makes the group [Stale]. The refusals in the file are dropped; [Judge] applies the limits again.
func Recheck(filed Group, rule Rule, policy Policy, now Present) Group {
	g := newGroup(rule)
	g.NoRemovals, g.People, g.New = filed.NoRemovals, filed.People, filed.New
	g.ID, g.DisplayName, g.Version = filed.ID, filed.DisplayName, filed.Version
	g.Unresolved, g.Notes, g.Asked, g.Doubt = filed.Unresolved, filed.Notes, filed.Asked, filed.Doubt
	if g.ID != now.Group.ID {
		return Outdated(g, fmt.Sprintf("the plan names Genesys group %s, and the mapping leads to %s (%q)",
			g.ID, now.Group.ID, now.Group.DisplayName))
	}
	members := now.Group.Members
	if !slices.Equal(members, filed.FoundIDs()) && !slices.Equal(members, filed.Members) {
		return Outdated(g, fmt.Sprintf("its %d members are neither those that the plan found (%d) nor those that it wants (%d): "+
			"somebody changed the group after the plan was made", len(members), filed.Found(), len(filed.Members)))
	}
	for _, e := range filed.Add {
		account, seen := now.Accounts.Account(e.ID)
		if text := contradiction(e, account, seen); text != "" && !now.Group.Has(e.ID) {
			return Outdated(g, "the plan adds "+text)
		}
		if seen {
			e.UserName, e.DisplayName = account.UserName, account.DisplayName
		}
		g.Add = append(g.Add, e)
	}
	for _, e := range filed.Remove {
		account, seen := now.Accounts.Account(e.ID)
		if seen && !membership.SameName(e.UserName, account.UserName) && now.Group.Has(e.ID) {
			return Outdated(g, fmt.Sprintf("the plan removes %q, and account %s is %q", e.UserName, e.ID, account.UserName))
		}
		if seen {
			e = entry(account)
		}
		g.Remove = append(g.Remove, e)
	}
	slices.SortFunc(g.Add, compareEntries)
	slices.SortFunc(g.Remove, compareEntries)
	g.keepPresent(filed, rule, now)
	g.setMembers(filed.Members)
	g.refuseForbidden(filed, rule, policy, now)
	return g
}

// contradiction says how an addition contradicts the present reading of its account. It is empty if there is no
// contradiction.
func contradiction(e Entry, account membership.Account, seen bool) string {
	switch {
	case !seen:
		return fmt.Sprintf("%q (%s), and no listing of users has that account", e.UserName, e.ID)
	case !membership.SameName(e.UserName, account.UserName):
		return fmt.Sprintf("%q, and account %s is %q", e.UserName, e.ID, account.UserName)
	case !account.Active:
		return fmt.Sprintf("%q (%s), and that account is inactive", e.UserName, e.ID)
	}
	return ""
}

// Outdated returns the plan for a group about which a file is no longer true. It changes nothing.
func Outdated(g Group, text string) Group {
	g.State, g.Add, g.Remove, g.Members = Stale, []Entry{}, []Entry{}, []string{}
	g.Incomplete = &membership.Reason{Detail: text}
	return g
}

// keepPresent fills Keep from the present readings, and from the file where the readings do not tell. The readings are
// needed only if somebody is to be removed, because the limits of removals depend on who is kept.
func (g *Group) keepPresent(filed Group, rule Rule, now Present) {
	if len(filed.Remove) == 0 {
		g.Keep = filed.Keep
		return
	}
	filedKeep := map[string]Kept{}
	for _, k := range filed.Keep {
		filedKeep[k.ID] = k
	}
	for _, id := range filed.Members {
		account, _ := now.Accounts.Account(id)
		account.ID = id
		k, inFile := filedKeep[id]
		reason := now.keepReason(rule, entry(account))
		if reason != "" && now.Group.Has(id) && k.Reason != KeptInactive {
			g.Keep = append(g.Keep, Kept{Entry: entry(account), Reason: reason, Active: account.Active})
		} else if inFile {
			g.Keep = append(g.Keep, k)
		}
	}
	slices.SortFunc(g.Keep, compareKept)
}

// refuseForbidden refuses what the present configuration forbids.
func (g *Group) refuseForbidden(filed Group, rule Rule, policy Policy, now Present) {
	if !slices.Equal(g.Entra, filed.Entra) {
		g.Refuse(Refusal{Rule: OtherMapping, Why: OtherGroups})
	} else if rule.Source != filed.Source {
		g.Refuse(Refusal{Rule: OtherMapping, Why: OtherSource, Source: rule.Source, Filed: filed.Source})
	}
	if g.State != Changes {
		return
	}
	switch {
	case rule.Mode == Paused:
		g.Refuse(Refusal{Rule: OtherMode, Why: IsPaused})
	case len(g.Remove) == 0:
	case rule.Mode == AddOnly:
		g.Refuse(Refusal{Rule: OtherMode, Why: IsAddOnly, Removals: len(g.Remove)})
	case policy.NoRemovals:
		g.Refuse(Refusal{Rule: OtherMode, Why: NoRemovals, Removals: len(g.Remove)})
	}
	var excluded []string
	for _, e := range g.Add {
		if now.Excluded[e.ID] {
			excluded = append(excluded, e.UserName)
		}
	}
	if len(excluded) > 0 {
		g.Refuse(Refusal{Rule: IsExcluded, Who: excluded})
	}
	g.refuseKept(rule, policy, now)
}

// refuseKept refuses removals of members who are always kept.
func (g *Group) refuseKept(rule Rule, policy Policy, now Present) {
	names := map[KeepReason][]string{}
	allow := &Allowance{}
	for _, e := range g.Remove {
		reason := now.keepReason(rule, e)
		if !now.Group.Has(e.ID) || reason == KeptUnseen && policy.released(g.Name, e) {
			continue
		}
		if reason == KeptUnseen {
			allow.Release = append(allow.Release, e.ID)
		}
		names[reason] = append(names[reason], cmp.Or(e.UserName, e.ID))
	}
	if who := names[KeptProtected]; len(who) > 0 {
		g.Refuse(Refusal{Rule: IsProtected, Who: who})
	}
	if who := names[KeptNotUser]; len(who) > 0 {
		g.Refuse(Refusal{Rule: IsNotUser, Who: who})
	}
	if who := names[KeptUnseen]; len(who) > 0 {
		g.Refuse(Refusal{Rule: IsUnseen, Who: who, Allow: allow})
	}
}
