package plan

import (
	"reflect"
	"slices"
	"time"
)

// Refusal is a rule that forbids a change, with what the rule has compared and what would lift it. It is data: package report puts it
// into words, and writes these into a file.
type Refusal struct {
	Rule RefusalRule `json:"rule"`
	Why  RefusalCase `json:"why,omitempty"` // where the rule has several cases

	Removals  int        `json:"removals,omitempty"`  // of the group
	Additions int        `json:"additions,omitempty"` // to the group
	Members   int        `json:"members,omitempty"`   // that the group has now; of TooLarge that it is to have
	Lost      int        `json:"lost,omitempty"`      // those of them who have no person in Entra
	People    int        `json:"people,omitempty"`    // in Entra; of BrokenMatch those without an account
	Matched   int        `json:"matched,omitempty"`   // those of them who find an account
	Allowed   int        `json:"allowed,omitempty"`   // by the allowance that was given
	Limit     Bound      `json:"limit,omitzero"`
	Run       RunTotal   `json:"run,omitzero"`
	Count     int        `json:"count,omitempty"` // of Unsettled runs, of Twins entries
	Bytes     int        `json:"bytes,omitempty"` // of the PUT
	MaxBytes  int        `json:"maxBytes,omitempty"`
	Read      time.Time  `json:"read,omitzero"`      // when the memberships were read
	LastRead  time.Time  `json:"lastRead,omitzero"`  // when those were read that the group was last made to have
	Who       []string   `json:"who,omitempty"`      // userNames, or ids; of Twins the names of the entries
	Inactive  []string   `json:"inactive,omitempty"` // the same, of members whose accounts are inactive
	Stays     []Kept     `json:"stays,omitempty"`    // those of Who who stay all the same
	Source    string     `json:"source,omitempty"`   // as Rule.Source is now
	Filed     string     `json:"filed,omitempty"`    // as it is in the file
	Said      string     `json:"said,omitempty"`     // Genesys' own words
	Allow     *Allowance `json:"allow,omitempty"`    // what lifts exactly this refusal, once; nil where nothing does

	Text string `json:"text"`           // what package report says of it, in a file
	Hint string `json:"hint,omitempty"` // what to do about it, where a flag is not all
	Flag string `json:"flag,omitempty"` // what gives the allowance
}

// RefusalRule names a rule.
type RefusalRule string

// The rules.
const (
	NoMatch         RefusalRule = "no match"     // the people of the source find no accounts
	BrokenMatch     RefusalRule = "broken match" // members and people miss each other
	OtherAllowance  RefusalRule = "allowance"    // another number is allowed
	WouldBeEmpty    RefusalRule = "empty"
	TooManyRemovals RefusalRule = "removals"
	TooManyAdded    RefusalRule = "additions"
	OverTotal       RefusalRule = "run total"
	TooLarge        RefusalRule = "size"
	Unsettled       RefusalRule = "unsettled" // a write that did not show again and again
	OlderFile       RefusalRule = "older"
	Twins           RefusalRule = "twins" // several entries are one group
	OtherMapping    RefusalRule = "mapping"
	OtherMode       RefusalRule = "mode"
	IsExcluded      RefusalRule = "exclude"
	IsProtected     RefusalRule = "protect"
	IsNotUser       RefusalRule = "not a user"
	IsUnseen        RefusalRule = "unseen"
	BadMembers      RefusalRule = "members" // Genesys refuses them
)

// RefusalCase is a case of a rule.
type RefusalCase string

// The cases.
const (
	Emptied      RefusalCase = "emptied"            // WouldBeEmpty: nobody is left
	NobodyWanted RefusalCase = "nobody wanted"      // WouldBeEmpty: who is left is not in Entra
	AllReplaced  RefusalCase = "all replaced"       // WouldBeEmpty: nobody stays of those who are there
	FirstRun     RefusalCase = "first run"          // NoMatch: most people find no account
	NoEntry      RefusalCase = "no entry"           // OtherMapping: no entry leads to the group
	OtherGroups  RefusalCase = "other Entra groups" // OtherMapping
	OtherSource  RefusalCase = "other source"       // OtherMapping: people are taken in another way
	IsPaused     RefusalCase = "paused"             // OtherMode
	IsAddOnly    RefusalCase = "add-only"           // OtherMode
	NoRemovals   RefusalCase = "no removals"        // OtherMode: this run removes nobody
)

// Bound is a limit as it applies to a number of members.
type Bound struct {
	Limit string `json:"limit"`           // as Limit writes it
	Of    int    `json:"of,omitempty"`    // the members that a share is of; 0 for a limit that is a number
	Floor int    `json:"floor,omitempty"` // how many a share lets through at least
	Most  int    `json:"most"`            // how many are let through
}

// RunTotal is what a run would do in all its groups.
type RunTotal struct {
	Removals int `json:"removals"`
	Members  int `json:"members"`
}

// Allowance is what a person may allow for one group in one run. It has one field.
type Allowance struct {
	Removals  int      `json:"removals,omitempty"`  // exactly so many
	Additions int      `json:"additions,omitempty"` // exactly so many
	Release   []string `json:"release,omitempty"`   // ids of members who count as leavers
	Older     bool     `json:"older,omitempty"`     // a file that is older than what the group was last made to have
}

// AllowChanges is the allowance for a group's removals, or for its additions where there are no removals.
func AllowChanges(g Group) *Allowance {
	if len(g.Remove) > 0 {
		return &Allowance{Removals: len(g.Remove)}
	}
	return &Allowance{Additions: len(g.Add)}
}

// Refuse adds a refusal. A group that is refused once stays refused.
func (g *Group) Refuse(refusal Refusal) {
	g.State = Refused
	if !slices.ContainsFunc(g.Refusals, func(r Refusal) bool { return reflect.DeepEqual(r, refusal) }) {
		g.Refusals = append(g.Refusals, refusal)
	}
}
