package pipeline

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// protections finds the protect patterns that match nobody. A pattern may be that of many groups, and counts as soon as it matches
// in one of them, or as it is not known whether it does.
type protections struct {
	counts map[string]bool     // by pattern
	groups map[string][]string // the names of the groups that a pattern is configured for
}

// note takes in the patterns of a mapping. Without members it is not known whom they match; nor is it of a member who is in no list of
// users.
func (p *protections) note(m Mapping, members []membership.Member, known bool, dir *membership.Directory) {
	if p.groups == nil {
		p.counts, p.groups = map[string]bool{}, map[string][]string{}
	}
	for _, pattern := range m.Protect {
		text := pattern.String()
		p.groups[text] = append(p.groups[text], m.Name)
		p.counts[text] = p.counts[text] || !known || slices.ContainsFunc(members, func(member membership.Member) bool {
			account, listed := dir.Account(member.ID)
			return !listed || pattern.Matches(member.ID) || pattern.Matches(account.UserName)
		})
	}
}

// remark names the patterns that match nobody; empty if there are none.
func (p *protections) remark() string {
	var idle []string
	for text, names := range p.groups {
		if !p.counts[text] {
			slices.Sort(names)
			idle = append(idle, fmt.Sprintf("%s (%s)", strconv.Quote(text), firstOf(names)))
		}
	}
	if len(idle) == 0 {
		return ""
	}
	slices.Sort(idle)
	return "these patterns of protect match no member at present: " + firstOf(idle)
}

// firstOf joins texts, up to as many as a message names.
func firstOf(texts []string) string {
	more := ""
	if n := len(texts) - mostNamed; n > 0 {
		texts, more = texts[:mostNamed], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(texts, ", ") + more
}
