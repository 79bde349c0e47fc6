package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// Mode says what a run may do to one group.
type Mode string

// The modes.
const (
	Mirror  Mode = "mirror"   // add and remove
	AddOnly Mode = "add-only" // never remove
	Paused  Mode = "paused"   // change nothing
)

// ParseMode reads a mode. An empty string is [Mirror].
func ParseMode(s string) (Mode, error) {
	switch mode := Mode(strings.ToLower(s)); mode {
	case "":
		return Mirror, nil
	case Mirror, AddOnly, Paused:
		return mode, nil
	}
	return "", fmt.Errorf("%q is not a mode; the modes are mirror, add-only and paused", s)
}

// Pattern matches accounts by userName or id. A * stands for any number of characters. Values are compared as
// [membership.Fold] returns them. The zero Pattern matches nothing.
type Pattern struct{ parts []string }

// ParsePattern reads a pattern, which must not be empty.
func ParsePattern(s string) (Pattern, error) {
	s = membership.Fold(s)
	if s == "" {
		return Pattern{}, fmt.Errorf("an empty pattern protects nobody")
	}
	return Pattern{parts: strings.Split(s, "*")}, nil
}

// ParseProtected reads a pattern of the setting protect. A pattern in the syntax of a shell or a regular expression is an
// error, because it would be taken literally and protect nobody.
func ParseProtected(s string) (Pattern, error) {
	if strings.ContainsAny(s, `[]{}?\`) {
		return Pattern{}, fmt.Errorf("%q is not a pattern: the only special character is *, for any run of characters; "+
			"somebody with [ ] { } ? or \\ in the userName can be named by id", s)
	}
	return ParsePattern(s)
}

// String writes the pattern as ParsePattern reads it.
func (p Pattern) String() string { return strings.Join(p.parts, "*") }

// Matches says whether the pattern matches the whole of s.
func (p Pattern) Matches(s string) bool {
	s = membership.Fold(s)
	switch len(p.parts) {
	case 0:
		return false
	case 1:
		return s == p.parts[0]
	}
	s, ok := strings.CutPrefix(s, p.parts[0])
	if !ok {
		return false
	}
	last := len(p.parts) - 1
	for _, part := range p.parts[1:last] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, p.parts[last])
}

// Rule is the configuration of one Genesys group.
type Rule struct {
	Name       string   // name of the group in reports
	Entra      []string // object ids of the source groups
	Source     string   // how people are taken from these groups: compared for equality, never parsed
	Genesys    string   // id or exact name
	Mode       Mode
	AllowEmpty bool // the group may lose its last member
	Unmatched  bool // allow that most people of the source have no account
	Rules      bool `json:",omitempty"` // allow that a write makes members by a rule individual members
	Protect    []Pattern
}

func (r Rule) protects(id, userName string) bool {
	return slices.ContainsFunc(r.Protect, func(p Pattern) bool {
		return p.Matches(id) || (userName != "" && p.Matches(userName))
	})
}

// Policy applies to every group of a run.
type Policy struct {
	Limits     Limits
	NoRemovals bool
	// AllowRemovals and AllowAdditions allow exactly this number of changes to a group, by its name, whatever the limits are.
	AllowRemovals  map[string]int
	AllowAdditions map[string]int
	// Release has the members of a group, by its name, who are treated as leavers in this run although nobody in Entra is
	// known by their names.
	Release map[string][]Pattern
}
