package oracle

import "strings"

// A Mode says how far a group follows its source.
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
	Ref        string   // what the entry names: the id of a Genesys group, or its name
	Sources    []string // object ids of Entra groups
	Exclude    []string // object ids of groups and people, or userPrincipalNames
	Protect    []string // userNames, ids, or patterns with *
	Nested     bool
	AllowEmpty bool
	Unmatched  bool // accept that most people have no account
	Mode       Mode
}

// A Limit is a number of people, or a share of the members in percent and at least a floor.
type Limit struct {
	Share    bool
	N, Floor int
}

// Most is how many people a limit lets through where there are so many members. Zero lets nobody through, in either form.
func (l Limit) Most(members int) int {
	switch {
	case l.N == 0:
		return 0
	case !l.Share:
		return l.N
	}
	return max(members*l.N/100, l.Floor)
}

// Config is what the configuration says beside its mappings.
type Config struct {
	Keys               []string // of match, in order
	Remove, Total, Add Limit
	AddEmpty           int  // additions to a group of nobody
	DropDisabled       bool // who is disabled in Entra is not in the group
	SeesHidden         bool // the client may read hidden members
}

// Flags are what somebody types for one run.
type Flags struct {
	NoRemovals      bool
	AllowRemovals   map[string]int // by the name of the mapping
	AllowAdditions  map[string]int
	Release         map[string][]string // userNames and ids
	Only            []string            // names of mappings; all when empty
	AllowOlder      bool
	ReviewedNothing bool // no stage of the run could ask Entra anything
}

// fold makes names comparable: ASCII white space around them and the case of ASCII letters mean nothing. Everything else
// does, so that no letter passes for another one.
func fold(s string) string { return lower(strings.Trim(s, " \t\n\v\f\r")) }

// SameName says whether two names are one.
func SameName(a, b string) bool { return fold(a) == fold(b) }

// lower makes the ASCII letters of a text small.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// protects says whether an entry names an account.
func (m Mapping) protects(id, name string) bool {
	for _, pattern := range m.Protect {
		if wild(fold(pattern), fold(name)) || wild(fold(pattern), fold(id)) {
			return true
		}
	}
	return false
}

// wild compares with a pattern in which a * stands for any text.
func wild(pattern, text string) bool {
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

// isID says whether a text has the form of an id: eight, four, four, four and twelve hexadecimal digits.
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
