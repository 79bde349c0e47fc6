package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// People who could not be added, and people in doubt, are problems of their own: one for each person, regardless of the number
// of groups. Unresolved and renamed people do not change the exit status and are reported once. Somebody has to decide about
// people who are held, so they are reported again once a day. The causes that a run records do not include people: it is
// enough to record what was reported.

// Values of Cause.What for people. Where is their userName.
const (
	unresolved = "unresolved"
	renamed    = "renamed"
	held       = "held"
)

// isAbout reports whether a cause is about a person.
func isAbout(cause journal.Cause) bool {
	return slices.Contains([]string{unresolved, renamed, held}, cause.What)
}

// toldOnce reports whether a problem is reported only once, without reminders.
func (p problem) toldOnce() bool { return p.person && p.What != held }

// peopleOf returns the problems with people in all groups, sorted and without duplicates.
func peopleOf(outcomes []push.Outcome) []problem {
	met := map[journal.Cause]bool{}
	for _, o := range outcomes {
		for _, u := range o.Group.Unresolved {
			met[journal.Cause{What: unresolved, Where: cmp.Or(u.UserPrincipalName, u.ID)}] = true
		}
		for _, k := range o.Group.Keep {
			switch {
			case k.Reason == plan.KeptRenamed:
				met[journal.Cause{What: renamed, Where: cmp.Or(k.UserName, k.ID)}] = true
			case k.Reason == plan.KeptHeld && !unasked(o):
				met[journal.Cause{What: held, Where: cmp.Or(k.UserName, k.ID)}] = true
			}
		}
	}
	out := make([]problem, 0, len(met))
	for cause := range met {
		out = append(out, problem{Cause: cause, person: true})
	}
	slices.SortFunc(out, func(a, b problem) int {
		return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Where, b.Where))
	})
	return out
}

// saysWhoBelongs reports whether a group was compared with a list of people who belong to it.
func saysWhoBelongs(o push.Outcome) bool {
	empty := func(r plan.Refusal) bool { return r.Rule == plan.WouldBeEmpty }
	return o.Status != push.Missing && !slices.ContainsFunc(o.Group.Refusals, empty)
}

// unasked reports whether people are held because Entra could not or would not answer. Then that is the problem, not the
// people.
func unasked(o push.Outcome) bool {
	return o.Group.Held() > 0 && o.Group.Doubt != nil && o.Group.Doubt.Cause != ""
}

// knowsPeople reports whether this run would have found every person who is still a problem: it has read each group of the
// configuration. If one group cannot be read, the end of problems in other groups is reported later, but never wrongly.
func (m *mail) knowsPeople(e ending) bool {
	if e.err != nil || !m.all { // the outcomes of an undo or of a plan do not say who belongs
		return false
	}
	seen := map[string]bool{}
	for _, o := range e.outcomes {
		if !conclusive(o.Status) || unasked(o) || !saysWhoBelongs(o) {
			return false
		}
		seen[o.Group.Name] = true
	}
	return !slices.ContainsFunc(m.groups, func(name string) bool { return !seen[name] })
}

// news holds the lines of one mail.
type news struct {
	begins []string                   // the beginnings of lines, in the order in which they were added
	causes map[string][]journal.Cause // by the beginning of the line
}

const (
	mostNews  = 20 // maximum number of lines with the same beginning, or of groups in one line
	mostAlike = 5  // maximum number of groups with the same cause that get a line each
)

// add adds a line for a cause.
func (n *news) add(kind string, cause journal.Cause) {
	begin := kind + ": " + cause.What + ": "
	if n.causes[begin] == nil {
		n.begins = append(n.begins, begin)
	}
	n.causes[begin] = append(n.causes[begin], cause)
}

// bounded returns the lines. If many groups have the same cause, there is one line with all of them. If more than mostNews
// groups or people have it, the rest is left out and counted.
func (n *news) bounded() []string {
	var out, left []string
	for _, begin := range n.begins {
		var where []string
		for _, cause := range n.causes[begin] {
			where = append(where, cause.Where)
		}
		more := ""
		if rest := len(where) - mostNews; rest > 0 {
			more = fmt.Sprintf("and %d more", rest)
			where = where[:mostNews]
		}
		if all := n.causes[begin]; len(all) > mostAlike && concernsGroup(all[0]) {
			line := fmt.Sprintf("%s%d groups: %s", begin, len(all), strings.Join(where, ", "))
			out = append(out, strings.TrimSpace(line+" "+more))
			continue
		}
		for _, one := range where {
			out = append(out, begin+one)
		}
		if more != "" {
			left = append(left, begin+more)
		}
	}
	return append(out, left...)
}

// concernsGroup reports whether the Where of a cause is a group.
func concernsGroup(cause journal.Cause) bool {
	return !isAbout(cause) && !concernsRun(cause) && cause.What != note && cause.What != badClock
}
