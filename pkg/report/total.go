package report

import (
	"cmp"
	"fmt"

	"github.com/callroll/callroll/pkg/push"
)

// total returns the line with the totals. A person who is held or unresolved in several groups counts once.
func total(outcomes []push.Outcome) string {
	ended := map[push.Status]int{}
	var added, removed int
	held, unresolved := map[string]bool{}, map[string]bool{}
	for _, o := range outcomes {
		ended[standing(o)]++
		for _, u := range o.Group.Unresolved {
			unresolved[cmp.Or(u.ID, u.UserPrincipalName)] = true
		}
		for _, id := range o.Group.HeldIDs() {
			held[id] = true
		}
		if o.Status == push.ToDo || o.Status == push.Done {
			added += len(o.Group.Add)
			removed += len(o.Group.Remove)
		}
	}
	var groups []count
	for _, s := range []push.Status{
		push.ToDo, push.Done, push.Already, push.InStep, unchanged, push.Paused, push.Refused, push.Incomplete, push.Missing,
		push.Stale, push.Conflict, push.NotApplied, push.Rejected, push.Denied, push.Unavailable, push.NotStarted, push.Internal,
	} {
		word := string(s)
		if s == push.ToDo || s == push.Done {
			word += fmt.Sprintf(" (+%d -%d)", added, removed)
		}
		groups = append(groups, count{ended[s], word})
	}
	if len(outcomes) == 0 {
		return "nothing to do in any group"
	}
	line := counted(len(outcomes), "group", "groups")
	if text := counts(groups...); text != "" {
		line += ": " + text
	}
	if open := counts(count{len(held), "held"}, count{len(unresolved), "unresolved"}); open != "" {
		line += "; " + open
	}
	return line
}
