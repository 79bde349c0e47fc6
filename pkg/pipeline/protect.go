package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// protections finds the patterns of protect that match nobody. Several groups may have the same pattern; it is in use if
// it matches a member of one of them.
type protections map[string]*protection // by the text of the pattern

type protection struct {
	pattern plan.Pattern
	used    bool     // the pattern matches a member, or that is not known
	groups  []string // names of the groups that have the pattern
}

func (p *protection) matches(a membership.Account) bool {
	return p.pattern.Matches(a.ID) || p.pattern.Matches(a.UserName)
}

// note adds the patterns of a mapping, and the members of its group if they are known. It counts a pattern as used if a
// member is in no list of users, because the pattern may match that member.
func (p protections) note(m Mapping, members []string, known bool, dir *membership.Directory) {
	for _, pattern := range m.Protect {
		one := p[pattern.String()]
		if one == nil {
			one = &protection{pattern: pattern}
			p[pattern.String()] = one
		}
		one.groups = append(one.groups, m.Name)
		one.used = one.used || !known || slices.ContainsFunc(members, func(id string) bool {
			account, listed := dir.Account(id)
			return !listed || one.matches(account)
		})
	}
}

// remark names the patterns that match nobody; it is empty if there are none. If the directory has every account
// (whole), a pattern that matches any account is not named, because people may be protected before they become members.
func (p protections) remark(dir *membership.Directory, whole bool) string {
	var idle []string
	for text, one := range p {
		if one.used || whole && slices.ContainsFunc(dir.Accounts(), one.matches) {
			continue
		}
		slices.Sort(one.groups)
		idle = append(idle, fmt.Sprintf("%s (%s)", strconv.Quote(text), firstOf(one.groups)))
	}
	slices.Sort(idle)
	switch {
	case len(idle) == 0:
		return ""
	case whole:
		return "these patterns of protect match no account in Genesys: " + firstOf(idle)
	}
	return "these patterns of protect match no member at present, and other accounts were not read: " + firstOf(idle)
}

// firstOf joins texts with commas. It names at most mostNamed of them and counts the rest.
func firstOf(texts []string) string {
	more := ""
	if n := len(texts) - mostNamed; n > 0 {
		texts, more = texts[:mostNamed], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(texts, ", ") + more
}
