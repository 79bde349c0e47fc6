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

// People who did not get in, and people about whom there is a doubt, are problems of their own: one each, in however many groups
// they are. Those who are unresolved or renamed do not change the status and are told once. Somebody has to decide about those who
// are held, so that there is a reminder of them once a day. The causes of a run have none of this: what was told is enough.

// What is the matter with somebody; where is their userName.
const (
	unresolved = "unresolved"
	renamed    = "renamed"
	held       = "held"
)

// isAbout says whether a cause is about somebody.
func isAbout(cause journal.Cause) bool {
	return slices.Contains([]string{unresolved, renamed, held}, cause.What)
}

// toldOnce says whether nobody is reminded of a problem.
func (p problem) toldOnce() bool { return p.person && p.What != held }

// peopleOf lists the people of all groups, each once, sorted.
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

// saysWhoBelongs says whether a group was compared with people who belong to it.
func saysWhoBelongs(o push.Outcome) bool {
	empty := func(r plan.Refusal) bool { return r.Rule == plan.WouldBeEmpty }
	return o.Status != push.Missing && !slices.ContainsFunc(o.Group.Refusals, empty)
}

// unasked says whether people are held because Entra could or would not answer. Then that is the problem, and not the people.
func unasked(o push.Outcome) bool {
	return o.Group.Held() > 0 && o.Group.Doubt != nil && o.Group.Doubt.Cause != ""
}

// knowsPeople says whether a run would have met everybody who is still a problem: each group of the configuration was looked at. A
// group that cannot be read holds back what there is to say of people in other groups too; that is late, and never wrong.
func (m *mail) knowsPeople(e ending) bool {
	if e.err != nil || !m.all { // an undo and a plan do not say who belongs
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

// news are the lines of one mail.
type news struct {
	begins []string            // what lines begin with, in the order of the first of them
	causes map[string][]string // by what a line begins with: where
	groups map[string]bool     // the same: where is a group
}

const (
	mostNews  = 20 // lines of a mail that begin alike, or groups in one line
	mostAlike = 5  // groups with the same cause that have a line each
)

// add adds a line.
func (n *news) add(kind string, cause journal.Cause) {
	if n.causes == nil {
		n.causes, n.groups = map[string][]string{}, map[string]bool{}
	}
	begin := kind + ": " + cause.What + ": "
	if n.causes[begin] == nil {
		n.begins = append(n.begins, begin)
	}
	n.causes[begin] = append(n.causes[begin], cause.Where)
	n.groups[begin] = concernsGroup(cause)
}

// bounded returns the lines. One cause of many groups is one line with the groups, and of many people some are left out; then it
// says how many.
func (n *news) bounded() []string {
	var out, left []string
	for _, begin := range n.begins {
		where := n.causes[begin]
		more := ""
		if rest := len(where) - mostNews; rest > 0 {
			more = fmt.Sprintf("and %d more", rest)
			where = where[:mostNews]
		}
		if n.groups[begin] && len(n.causes[begin]) > mostAlike {
			line := fmt.Sprintf("%s%d groups: %s", begin, len(n.causes[begin]), strings.Join(where, ", "))
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

// concernsGroup says whether the place of a cause is a group.
func concernsGroup(cause journal.Cause) bool {
	return !isAbout(cause) && !concernsRun(cause) && cause.What != note && cause.What != badClock
}
