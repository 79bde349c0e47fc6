package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// protections finds the protect patterns that match nobody. A pattern may be that of many groups, and is in use if it matches a
// member of one of them.
type protections struct {
	patterns map[string]*protection // by how the pattern is written
}

type protection struct {
	pattern plan.Pattern
	used    bool     // it matches a member, or it is not known whether it does
	groups  []string // the names of the groups that have it
}

func (p *protection) matches(a membership.Account) bool {
	return p.pattern.Matches(a.ID) || p.pattern.Matches(a.UserName)
}

// note takes in the patterns of a mapping, and the members of its group if they are known. Nobody can tell whether a pattern means a
// member who is in no list of users.
func (p *protections) note(m Mapping, members []string, known bool, dir *membership.Directory) {
	if p.patterns == nil {
		p.patterns = map[string]*protection{}
	}
	for _, pattern := range m.Protect {
		one := p.patterns[pattern.String()]
		if one == nil {
			one = &protection{pattern: pattern}
			p.patterns[pattern.String()] = one
		}
		one.groups = append(one.groups, m.Name)
		one.used = one.used || !known || slices.ContainsFunc(members, func(id string) bool {
			account, listed := dir.Account(id)
			return !listed || one.matches(account)
		})
	}
}

// remark names the patterns that match nobody; empty if there are none. Somebody may be protected before they are a member: where
// the directory has every account, only a pattern counts that matches none of them.
func (p *protections) remark(dir *membership.Directory, whole bool) string {
	var idle []string
	for text, one := range p.patterns {
		if one.used || whole && exists(dir, one) {
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

func exists(dir *membership.Directory, one *protection) bool {
	for account := range dir.Accounts() {
		if one.matches(account) {
			return true
		}
	}
	return false
}

// firstOf joins texts, up to as many as a message names.
func firstOf(texts []string) string {
	more := ""
	if n := len(texts) - mostNamed; n > 0 {
		texts, more = texts[:mostNamed], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(texts, ", ") + more
}
