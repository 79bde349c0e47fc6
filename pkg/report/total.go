package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/callroll/callroll/pkg/push"
)

// total returns the line with the totals. A person who is held or unresolved in several groups counts once.
func total(outcomes []push.Outcome) string {
	counts := map[push.Status]int{}
	var added, removed int
	held, unresolved := map[string]bool{}, map[string]bool{}
	for _, o := range outcomes {
		counts[standing(o)]++
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
	var parts []string
	for _, s := range []push.Status{
		push.ToDo, push.Done, push.Already, push.InStep, unchanged, push.Paused, push.Refused, push.Incomplete, push.Missing,
		push.Stale, push.Conflict, push.NotApplied, push.Rejected, push.Denied, push.Unavailable, push.NotStarted, push.Internal,
	} {
		if counts[s] == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", counts[s], s)
		if s == push.ToDo || s == push.Done {
			part += fmt.Sprintf(" (+%d -%d)", added, removed)
		}
		parts = append(parts, part)
	}
	if len(outcomes) == 0 {
		return "nothing to do in any group"
	}
	line := counted(len(outcomes), "group", "groups")
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	parts = nil
	if len(held) > 0 {
		parts = append(parts, fmt.Sprintf("%d held", len(held)))
	}
	if len(unresolved) > 0 {
		parts = append(parts, fmt.Sprintf("%d unresolved", len(unresolved)))
	}
	if len(parts) > 0 {
		line += "; " + strings.Join(parts, ", ")
	}
	return line
}
