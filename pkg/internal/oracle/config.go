package oracle

import (
	"fmt"
	"strings"
)

// A Mode says what may be changed in a group.
type Mode string

// The modes, in the words of the configuration.
const (
	Mirror  Mode = "mirror"
	AddOnly Mode = "add-only"
	Paused  Mode = "paused"
)

// A Mapping is one entry of the configuration.
type Mapping struct {
	Name       string
	Ref        string   // the id or the name of a Genesys group
	Sources    []string // object ids of Entra groups
	Exclude    []string // object ids of groups and people, or userPrincipalNames
	Protect    []string // userNames, ids, or patterns with *
	Nested     bool
	AllowEmpty bool
	Unmatched  bool // accept that most people have no account
	Mode       Mode
}

// A Limit is a number of people, or a share of the members in percent with a minimum of Floor.
type Limit struct {
	Share    bool
	N, Floor int
}

// Most returns how many people a limit allows for so many members. Zero allows nobody, as a number and as a share.
func (l Limit) Most(members int) int {
	switch {
	case l.N == 0:
		return 0
	case !l.Share:
		return l.N
	}
	return max(members*l.N/100, l.Floor)
}

// Config is the configuration without its mappings.
type Config struct {
	Keys               []string // the setting match, in order
	Remove, Total, Add Limit
	AddEmpty           int  // additions to a group without members
	DropDisabled       bool // people who are disabled in Entra do not count as members
	SeesHidden         bool // the client may read hidden members
}

// Flags are the command-line flags of one run.
type Flags struct {
	NoRemovals      bool
	AllowRemovals   map[string]int // by the name of the mapping
	AllowAdditions  map[string]int
	Release         map[string][]string // userNames and ids
	Only            []string            // names of mappings; all if empty
	AllowOlder      bool
	ReviewedNothing bool // no stage of the run could look up names in Entra
}

// fold returns a name as it is compared: ASCII white space around it and the case of ASCII letters are ignored. All other
// characters count, so that no letter is taken for a similar one.
func fold(s string) string { return lower(strings.Trim(s, " \t\n\v\f\r")) }

// SameName says whether two names are equal after fold.
func SameName(a, b string) bool { return fold(a) == fold(b) }

// lower returns a text with ASCII letters in lower case.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// protects says whether the setting protect has an account.
func (m Mapping) protects(id, name string) bool {
	for _, pattern := range m.Protect {
		if matchPattern(fold(pattern), fold(name)) || matchPattern(fold(pattern), fold(id)) {
			return true
		}
	}
	return false
}

// matchPattern compares a text with a pattern in which * stands for any text.
func matchPattern(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, last)
}

// isID says whether a text has the form of an id: 8-4-4-4-12 hexadecimal digits.
func isID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		hyphen := i == 8 || i == 13 || i == 18 || i == 23
		if hyphen != (r == '-') || !hyphen && !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return false
		}
	}
	return true
}

// A Change is the effect of one write on the members of a group.
type Change struct {
	Mapping     string
	Found       int // members before
	Add, Remove []string
}

// left returns how many of the former members are kept.
func (c Change) left() int { return c.Found - len(c.Remove) }

// ForbidsSize says which limit of a group a change exceeds. It is empty if the change is within all limits.
func (c Config) ForbidsSize(m Mapping, change Change, f Flags) string {
	if reason := c.forbidsRemovals(m, change, f); reason != "" {
		return reason
	}
	n, most := len(change.Add), c.Add.Most(change.Found)
	if change.Found == 0 {
		most = c.AddEmpty
	}
	allowed, ok := f.AllowAdditions[m.Name]
	switch {
	case n == 0:
	case ok && n != allowed:
		return fmt.Sprintf("adds %d, and exactly %d were allowed", n, allowed)
	case !ok && n > most:
		return fmt.Sprintf("adds %d to %d members, and the limit is %d", n, change.Found, most)
	}
	return ""
}

func (c Config) forbidsRemovals(m Mapping, change Change, f Flags) string {
	n := len(change.Remove)
	allowed, ok := f.AllowRemovals[m.Name]
	switch {
	case n == 0:
	case ok && n != allowed:
		return fmt.Sprintf("removes %d of %d members, and exactly %d were allowed", n, change.Found, allowed)
	case ok:
	case change.left() == 0 && change.Found >= 2 && !m.AllowEmpty:
		return fmt.Sprintf("keeps nobody of %d members", change.Found)
	case n > c.Remove.Most(change.Found):
		return fmt.Sprintf("removes %d of %d members, and the limit is %d", n, change.Found, c.Remove.Most(change.Found))
	}
	return ""
}
