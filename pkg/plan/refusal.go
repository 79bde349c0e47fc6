package plan

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Refusal is a rule that forbids a change, with the numbers that the rule compared and what would lift it. It is data:
// package report writes the text, and fills Text, Hint and Flag in a file.
type Refusal struct {
	Rule RefusalRule `json:"rule"`
	Why  RefusalCase `json:"why,omitempty"` // if the rule has several cases

	Removals  int        `json:"removals,omitempty"`  // of the group
	Additions int        `json:"additions,omitempty"` // to the group
	Members   int        `json:"members,omitempty"`   // that the group has now; of TooLarge that it would have
	Lost      int        `json:"lost,omitempty"`      // members who have no person in Entra
	People    int        `json:"people,omitempty"`    // in Entra; of BrokenMatch only those without an account
	Matched   int        `json:"matched,omitempty"`   // people who have an account
	Allowed   int        `json:"allowed,omitempty"`   // number in the allowance that was given
	Limit     Bound      `json:"limit,omitzero"`
	Run       RunTotal   `json:"run,omitzero"`
	Count     int        `json:"count,omitempty"` // of Unsettled runs, of DuplicateMapping entries
	Bytes     int        `json:"bytes,omitempty"` // of the PUT
	MaxBytes  int        `json:"maxBytes,omitempty"`
	Read      time.Time  `json:"read,omitzero"`      // when the memberships were read
	LastRead  time.Time  `json:"lastRead,omitzero"`  // when the memberships of the last write were read
	Who       []string   `json:"who,omitempty"`      // userNames, or ids; of DuplicateMapping the names of the entries
	Inactive  []string   `json:"inactive,omitempty"` // like Who, for members whose accounts are inactive
	Stays     []Kept     `json:"stays,omitempty"`    // members in Who who are kept for another reason
	Source    string     `json:"source,omitempty"`   // the present Rule.Source
	Filed     string     `json:"filed,omitempty"`    // the source in the file
	Said      string     `json:"said,omitempty"`     // the message of Genesys
	Allow     *Allowance `json:"allow,omitempty"`    // what lifts exactly this refusal, once; nil if nothing does

	Text string `json:"text"`           // description, in a file
	Hint string `json:"hint,omitempty"` // what to do about it, in addition to a flag
	Flag string `json:"flag,omitempty"` // the flag that gives the allowance
}

// RefusalRule names a rule.
type RefusalRule string

// The rules.
const (
	NoMatch          RefusalRule = "no match"     // the people of the source have no accounts
	BrokenMatch      RefusalRule = "broken match" // many members have no person, and many people no account
	OtherAllowance   RefusalRule = "allowance"    // the allowance is for another number
	WouldBeEmpty     RefusalRule = "empty"
	TooManyRemovals  RefusalRule = "removals"
	TooManyAdded     RefusalRule = "additions"
	OverTotal        RefusalRule = "run total"
	TooLarge         RefusalRule = "size"
	Unsettled        RefusalRule = "unsettled" // writes that did not take effect, several times
	OlderFile        RefusalRule = "older"
	DuplicateMapping RefusalRule = "twins" // several entries mean the same group
	OtherMapping     RefusalRule = "mapping"
	OtherMode        RefusalRule = "mode"
	IsExcluded       RefusalRule = "exclude"
	IsProtected      RefusalRule = "protect"
	IsNotUser        RefusalRule = "not a user"
	IsUnseen         RefusalRule = "unseen"
	BadMembers       RefusalRule = "members" // Genesys rejects them
	RuleMembers      RefusalRule = "rules"   // members who are no individual members
)

// RefusalCase is a case of a rule.
type RefusalCase string

// The cases.
const (
	Emptied      RefusalCase = "emptied"            // WouldBeEmpty: no members are left
	NobodyWanted RefusalCase = "nobody wanted"      // WouldBeEmpty: the remaining members are not in Entra
	AllReplaced  RefusalCase = "all replaced"       // WouldBeEmpty: all present members are removed
	FirstRun     RefusalCase = "first run"          // NoMatch: most people have no account
	NoEntry      RefusalCase = "no entry"           // OtherMapping: no entry means the group
	OtherGroups  RefusalCase = "other Entra groups" // OtherMapping
	OtherSource  RefusalCase = "other source"       // OtherMapping: the settings for taking people differ
	IsPaused     RefusalCase = "paused"             // OtherMode
	IsAddOnly    RefusalCase = "add-only"           // OtherMode
	NoRemovals   RefusalCase = "no removals"        // OtherMode: this run removes nobody
)

// Bound is a limit applied to a number of members.
type Bound struct {
	Limit string `json:"limit"`           // as Limit.String writes it
	Of    int    `json:"of,omitempty"`    // the number of members that the share refers to; 0 for a limit that is a number
	Floor int    `json:"floor,omitempty"` // what a share allows at least
	Most  int    `json:"most"`            // how many people are allowed
}

// RunTotal is the number of removals and of members in all groups of a run.
type RunTotal struct {
	Removals int `json:"removals"`
	Members  int `json:"members"`
}

// Allowance is what an admin may allow for one group in one run. Exactly one field is set.
type Allowance struct {
	Removals  int      `json:"removals,omitempty"`  // exactly this number
	Additions int      `json:"additions,omitempty"` // exactly this number
	Release   []string `json:"release,omitempty"`   // ids of members to treat as leavers
	Older     bool     `json:"older,omitempty"`     // a file that is older than the memberships of the last write
}

// AllowanceKind is what a person may allow, by the field of [Allowance].
type AllowanceKind string

// The kinds.
const (
	AllowRemovals  AllowanceKind = "removals"
	AllowAdditions AllowanceKind = "additions"
	AllowRelease   AllowanceKind = "release"
	AllowOlder     AllowanceKind = "older"
)

// Unused is an allowance that a run was given and that has nothing to allow.
type Unused struct {
	Kind  AllowanceKind
	Group string // name; empty for AllowOlder
	State State  // of the group
}

// WasCompared reports whether the additions and removals of a group are known.
func (g Group) WasCompared() bool {
	return g.State != Unreadable && g.State != Stale && g.State != Skipped
}

// AllowChanges returns the allowance for the removals of a group, or for its additions if there are no removals.
func AllowChanges(g Group) *Allowance {
	if len(g.Remove) > 0 {
		return &Allowance{Removals: len(g.Remove)}
	}
	return &Allowance{Additions: len(g.Add)}
}

// Refuse adds a refusal and sets the state to [Refused].
func (g *Group) Refuse(refusal Refusal) {
	g.State = Refused
	if !slices.ContainsFunc(g.Refusals, func(r Refusal) bool { return reflect.DeepEqual(r, refusal) }) {
		g.Refusals = append(g.Refusals, refusal)
	}
}

// RefuseMembers refuses a group, in place, because Genesys rejected some of its members. missing are members that Genesys
// does not know and that no listing of users has. inactive are members whose accounts are inactive. If the
// mode allows removals, the refusal offers to release the missing members, which removes them in one run. It does not if one
// of them is kept for another reason than [KeptUnseen].
func RefuseMembers(g *Group, missing, inactive []Kept, said string) {
	refusal := Refusal{Rule: BadMembers, Who: names(missing), Inactive: names(inactive), Said: said}
	var ids []string
	for _, k := range missing {
		if ids = append(ids, k.ID); k.Reason != KeptUnseen {
			refusal.Stays = append(refusal.Stays, k)
		}
	}
	mayRemove := g.Mode != AddOnly && !g.NoRemovals
	if len(missing) > 0 && mayRemove && len(refusal.Stays) == 0 {
		refusal.Allow = &Allowance{Release: ids}
	}
	g.Refuse(refusal)
}

func names(entries []Kept) []string {
	var out []string
	for _, e := range entries {
		out = append(out, cmp.Or(e.UserName, e.ID))
	}
	return out
}

const undoneNote = "somebody, or another program, keeps undoing what callroll does with "

// UndoneNote returns the note that somebody else undoes each change to these people.
func UndoneNote(userNames []string) string { return undoneNote + strings.Join(userNames, ", ") }

// IsUndoneNote says whether a note was made by [UndoneNote].
func IsUndoneNote(note string) bool { return strings.HasPrefix(note, undoneNote) }

// HintRefusals gives the hint to the first refusal, unless one of the refusals has a hint already.
func (g *Group) HintRefusals(hint string) {
	hinted := slices.ContainsFunc(g.Refusals, func(r Refusal) bool { return r.Hint != "" })
	if len(g.Refusals) > 0 && !hinted {
		g.Refusals[0].Hint = hint
	}
}

// RefuseDuplicates refuses all groups that are the same Genesys group, because two mappings of one group would undo each other.
func RefuseDuplicates(groups []Group) {
	names := map[string][]string{}
	for _, g := range groups {
		if g.ID != "" {
			names[g.ID] = append(names[g.ID], g.Name)
		}
	}
	for i := range groups {
		if twins := names[groups[i].ID]; len(twins) > 1 {
			slices.Sort(twins)
			groups[i].Refuse(Refusal{Rule: DuplicateMapping, Count: len(twins), Who: twins})
		}
	}
}
