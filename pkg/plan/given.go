package plan

import (
	"fmt"
	"slices"
	"strings"
)

// Given plans changes that were decided elsewhere, by an undo, as far as they are still to be made: whoever is a member
// already is not added, and whoever is none is not removed. The present readings say who an id is. Protected members stay,
// excluded people do not come back, and a run that removes nobody removes nobody. The mode does not bind: a group is paused so
// that what was undone stays undone. A note says so.
func Given(rule Rule, policy Policy, now Present, add, remove []Entry) Group {
	g := blank(rule)
	g.NoRemovals = policy.NoRemovals
	g.ID, g.DisplayName, g.Version = now.Group.ID, now.Group.DisplayName, now.Group.Version
	members := now.Group.Members
	isMember := func(id string) bool { _, is := slices.BinarySearch(members, id); return is }
	var passed []string // who does not come back, and why
	for _, e := range add {
		account, seen := now.Accounts.Account(e.ID)
		if seen {
			e = entry(account) // people are renamed; the id is what the journal means
		}
		text := contradiction(e, account, seen)
		switch {
		case isMember(e.ID):
		case now.Excluded[e.ID]:
			passed = append(passed, account.UserName+" (exclude names them)")
		case text != "":
			passed = append(passed, text)
		default:
			g.Add = append(g.Add, e)
		}
	}
	for _, e := range remove {
		if !isMember(e.ID) {
			continue
		}
		reason := now.kept(rule, e)
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
	if len(passed) > 0 {
		g.Notes = append(g.Notes, "not brought back: "+strings.Join(passed, ", "))
	}
	slices.SortFunc(g.Add, compareEntries)
	slices.SortFunc(g.Remove, compareEntries)
	removed := func(id string) bool { return slices.ContainsFunc(g.Remove, func(e Entry) bool { return e.ID == id }) }
	ids := slices.DeleteFunc(slices.Clone(members), removed)
	for _, e := range g.Add {
		ids = append(ids, e.ID)
	}
	g.setMembers(ids)
	if rule.Mode != "" && rule.Mode != Mirror && g.State == Changes {
		g.Notes = append(g.Notes, fmt.Sprintf("the mode is %s, which does not bind an undo", rule.Mode))
	}
	return g
}
