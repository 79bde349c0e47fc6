package plan

import (
	"fmt"
	"slices"
	"strings"
)

// FromChanges plans changes that were decided elsewhere, by an undo. It leaves out additions of accounts that are members
// already and removals of accounts that are not members. The present readings decide which account an id stands for.
// Protected members are kept, excluded people are not added back, and a run without removals removes nobody. The mode does
// not apply, because an undone group is often paused to prevent the next run from repeating the changes; a note says so.
func FromChanges(rule Rule, policy Policy, now Present, add, remove []Entry) Group {
	g := newGroup(rule)
	g.NoRemovals = policy.NoRemovals
	g.ID, g.DisplayName, g.Version = now.Group.ID, now.Group.DisplayName, now.Group.Version
	var skipped []string // who is not added back, and why
	for _, e := range add {
		account, seen := now.Accounts.Account(e.ID)
		if seen {
			e = entry(account) // the name may have changed; the id is what the journal refers to
		}
		text := contradiction(e, account, seen)
		switch {
		case now.Group.Has(e.ID):
		case now.Excluded[e.ID]:
			skipped = append(skipped, account.UserName+" (exclude names them)")
		case text != "":
			skipped = append(skipped, text)
		default:
			g.Add = append(g.Add, e)
		}
	}
	for _, e := range remove {
		if !now.Group.Has(e.ID) {
			continue
		}
		reason := now.keepReason(rule, e)
		account, seen := now.Accounts.Account(e.ID)
		if seen {
			e = entry(account)
		}
		switch {
		case reason == KeptProtected || reason == KeptNotUser || reason == KeptUnseen && !policy.released(rule.Name, e):
			g.Keep = append(g.Keep, Kept{Entry: e, Reason: reason, Active: account.Active})
		case policy.NoRemovals:
			g.Keep = append(g.Keep, Kept{Entry: e, Reason: KeptNoRemovals, Active: account.Active})
		default:
			g.Remove = append(g.Remove, e)
		}
	}
	if len(skipped) > 0 {
		g.Notes = append(g.Notes, "not brought back: "+strings.Join(skipped, ", "))
	}
	slices.SortFunc(g.Keep, compareKept)
	g.change(now.Group.Members)
	if rule.Mode != "" && rule.Mode != Mirror && g.State == Changes {
		g.Notes = append(g.Notes, fmt.Sprintf("the mode is %s, which does not bind an undo", rule.Mode))
	}
	return g
}
