package plan

import (
	"reflect"
	"slices"
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
	Count     int        `json:"count,omitempty"` // of Unsettled runs, of Twins entries
	Bytes     int        `json:"bytes,omitempty"` // of the PUT
	MaxBytes  int        `json:"maxBytes,omitempty"`
	Read      time.Time  `json:"read,omitzero"`      // when the memberships were read
	LastRead  time.Time  `json:"lastRead,omitzero"`  // when the memberships of the last write were read
	Who       []string   `json:"who,omitempty"`      // userNames, or ids; of Twins the names of the entries
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
	NoMatch         RefusalRule = "no match"     // the people of the source have no accounts
	BrokenMatch     RefusalRule = "broken match" // many members have no person, and many people no account
	OtherAllowance  RefusalRule = "allowance"    // the allowance is for another number
	WouldBeEmpty    RefusalRule = "empty"
	TooManyRemovals RefusalRule = "removals"
	TooManyAdded    RefusalRule = "additions"
	OverTotal       RefusalRule = "run total"
	TooLarge        RefusalRule = "size"
	Unsettled       RefusalRule = "unsettled" // writes that did not take effect, several times
	OlderFile       RefusalRule = "older"
	Twins           RefusalRule = "twins" // several entries mean the same group
	OtherMapping    RefusalRule = "mapping"
	OtherMode       RefusalRule = "mode"
	IsExcluded      RefusalRule = "exclude"
	IsProtected     RefusalRule = "protect"
	IsNotUser       RefusalRule = "not a user"
	IsUnseen        RefusalRule = "unseen"
	BadMembers      RefusalRule = "members" // Genesys rejects them
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
