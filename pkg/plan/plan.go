// Package plan compares the members that a group should have with those that it has, and decides what to change, or why
// nothing may be changed. It uses no network, clock, disk or logger, and its results do not depend on the order of the input.
// Start with [Compare], which plans one group, and [Judge], which applies the limits to all groups of a run.
//
// The first row that fits decides about one person:
//
//	in Entra   account                        in Genesys   then
//	yes        found                          yes          keep
//	yes        found                          no           add
//	yes        inactive                       yes          keep, reported
//	yes        inactive                       no           reported as inactive
//	yes        none, ambiguous, shared        –            reported as unresolved
//	no         protected, or not a user       yes          keep, reported
//	no         an unresolved person's         yes          keep, reported
//	no         in no listing of users         yes          keep, reported as unseen
//	no         any other                      yes          remove (add-only, no removals: keep, reported)
//
// [Ask] decides about members who may have been renamed.
package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
)

// State is the kind of plan that a group has.
type State string

// The states.
const (
	InStep     State = "in step"    // there is nothing to change
	Changes    State = "changes"    // there are additions or removals
	Refused    State = "refused"    // a limit or another rule forbids the change
	Unreadable State = "incomplete" // one side could not be read completely, or has no such group
	Skipped    State = "paused"     // mode: paused
	Stale      State = "stale"      // a plan file contradicts what both services say now
)

// Group is the plan for one group, as it is written to a plan file.
type Group struct {
	Name        string   `json:"name"`
	Entra       []string `json:"entra"`
	Source      string   `json:"source"`  // see Rule.Source
	Genesys     string   `json:"genesys"` // as configured
	ID          string   `json:"id"`      // of the Genesys group; empty if it was not found
	DisplayName string   `json:"displayName"`
	Version     string   `json:"version"` // entity tag of the group that was compared

	Mode       Mode `json:"mode"`
	NoRemovals bool `json:"noRemovals,omitempty"` // the run removes nobody

	People int  `json:"people"`        // how many people Entra has for the group
	New    bool `json:"new,omitempty"` // no earlier run of this group is known

	State      State        `json:"state"`
	Add        []Entry      `json:"add"`
	Remove     []Entry      `json:"remove"`
	Keep       []Kept       `json:"keep"` // members who are kept for a special reason
	Unresolved []Unresolved `json:"unresolved"`
	Members    []string     `json:"members"` // the complete list after the changes, sorted; of every group that was compared
	Key        string       `json:"key"`     // IdempotencyKey of Members

	Notes []string           `json:"notes"` // what an admin should know in addition to the changes
	Asked bool               `json:"asked"` // Entra was asked about the removals, so that the remaining ones are known leavers
	Doubt *membership.Reason `json:"doubt"` // why Entra did not answer

	Refusals   []Refusal          `json:"refusals"`
	Incomplete *membership.Reason `json:"incomplete"` // why it is Unreadable or Stale
}

// Entry is one account that is added or removed.
type Entry struct {
	ID          string `json:"id"`
	UserName    string `json:"userName"`
	DisplayName string `json:"displayName"`
	Person      string `json:"person,omitempty"`   // userPrincipalName of the person, if it differs from UserName
	PersonID    string `json:"personId,omitempty"` // object id of that person
	Inactive    bool   `json:"inactive,omitempty"` // of a removal: a listing shows the account as inactive
}

// KeepReason says why a member is kept.
type KeepReason string

// The reasons.
const (
	KeptProtected  KeepReason = "protected"   // protect names the account
	KeptNotUser    KeepReason = "not a user"  // a nested group, or a member of an unknown kind
	KeptUnseen     KeepReason = "unseen"      // in no listing of users: deleted, or in another division
	KeptInactive   KeepReason = "inactive"    // in Entra, and the account is inactive
	KeptContested  KeepReason = "contested"   // the account is found by an unresolved person
	KeptAddOnly    KeepReason = "add-only"    // the mode forbids removals
	KeptNoRemovals KeepReason = "no removals" // this run removes nobody
	KeptRenamed    KeepReason = "renamed"     // one of the unresolved people has or had the userName
	KeptHeld       KeepReason = "held"        // nobody is known by the userName, and there are unresolved people
)

// Kept is a member who is kept for a special reason.
type Kept struct {
	Entry
	Reason KeepReason `json:"reason"`
	Active bool       `json:"active"` // a listing shows the account as active

	// MayBe are the people that a held member may be. It is information for an admin, and decides nothing.
	MayBe []Resemblance `json:"mayBe,omitempty"`
}

// Inactive is the reason of a person who is not added because their account is inactive. The other reasons are those of
// [membership.Unmatched].
const Inactive = "inactive"

// Found is an account that matches a person.
type Found struct {
	ID       string `json:"id"`
	UserName string `json:"userName"`
	Active   bool   `json:"active"`
}

// Unresolved is a person who should belong and cannot be added.
type Unresolved struct {
	ID                string   `json:"id"`
	UserPrincipalName string   `json:"userPrincipalName"`
	DisplayName       string   `json:"displayName"`
	Reason            string   `json:"reason"`
	Accounts          []string `json:"accounts"`              // userNames of the accounts that match the person
	Found             []Found  `json:"found,omitempty"`       // of an ambiguous person: the same accounts, with their ids and states
	OtherPerson       string   `json:"otherPerson,omitempty"` // object id of another person whose userPrincipalName is the userName
	LookAlike         string   `json:"lookAlike,omitempty"`   // userName of an account with another spelling that looks the same
}

// Found returns how many members the group had when it was planned.
func (g Group) Found() int { return len(g.Members) - len(g.Add) + len(g.Remove) }

// FoundIDs returns the ids of the members that the group had when it was planned, sorted.
func (g Group) FoundIDs() []string { return replace(g.Members, g.Add, g.Remove) }

// replace returns ids without those of some entries and with those of others, sorted.
func replace(ids []string, without, with []Entry) []string {
	removed := list.Set(IDs(without))
	left := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return removed[id] })
	return distinct(append(left, IDs(with)...))
}

// IDs returns the ids of the accounts, in the same order.
func IDs(entries []Entry) []string { return list.Map(entries, func(e Entry) string { return e.ID }) }

// membersInEntra counts the planned members who are in Entra. Members who are kept for other reasons do not count, so that
// they cannot hide an empty source.
func (g Group) membersInEntra() int {
	return len(g.Members) - len(g.Keep) + g.kept(KeptInactive) + g.kept(KeptRenamed)
}

// peopleWithoutAccount counts the unresolved people, except those whose account is inactive.
func (g Group) peopleWithoutAccount() int {
	n := 0
	for _, u := range g.Unresolved {
		if u.Reason != Inactive {
			n++
		}
	}
	return n
}

// Plan is what one run would do. [Plan.Write] writes it to a file, and [Decode] reads it.
type Plan struct {
	Format      int       `json:"format"`
	Kind        string    `json:"kind"`
	Status      int       `json:"status"` // exit status of the run that created it, and its name
	StatusName  string    `json:"status_name"`
	Made        time.Time `json:"made"`
	Expires     time.Time `json:"expires"`
	Tenant      string    `json:"tenant"`            // Entra tenant that the memberships came from
	Genesys     string    `json:"genesys"`           // API host of the org
	Taken       time.Time `json:"taken,omitzero"`    // when the memberships were read from Entra
	Notes       []string  `json:"notes,omitempty"`   // what could not be checked
	Remarks     []string  `json:"remarks,omitempty"` // further information
	Unused      []Unused  `json:"-"`                 // allowances with nothing to allow; in a file, report puts them into Notes
	Cost        *Cost     `json:"cost,omitempty"`
	Groups      []Group   `json:"groups"` // sorted by name
	Fingerprint string    `json:"fingerprint"`
}

// Cost is what a run has cost until now.
type Cost struct {
	Entra   SideCost `json:"entra"`
	Genesys SideCost `json:"genesys"`
	Seconds float64  `json:"seconds"`
}

// SideCost is what a run has cost on one side. Each attempt of a request counts. Waits at the same time are added up.
type SideCost struct {
	Requests      int     `json:"requests"`
	WaitedSeconds float64 `json:"waited_seconds"`
}

// SortGroups sorts groups by name, the order in which they are shown and carried out.
func SortGroups(groups []Group) {
	slices.SortStableFunc(groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
}

// IdempotencyKey identifies the state that a PUT asks for. It is the hex SHA-256 of the Genesys group id, a colon, and the
// JSON array of the distinct sorted member ids as Python's json.dumps writes it. The same group with the same members
// always has the same key. Genesys is not known to evaluate the key; it serves to find a state in logs, and nothing
// depends on it.
func IdempotencyKey(groupID string, members []string) string {
	text := make([]byte, 0, len(groupID)+40*len(members)+3) // an id has 36 characters
	text = append(append(text, groupID...), ":["...)
	for i, id := range distinct(members) {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = appendPythonString(text, id)
	}
	sum := sha256.Sum256(append(text, ']'))
	return hex.EncodeToString(sum[:])
}

// appendPythonString appends a string as json.dumps writes it by default: characters outside printable ASCII as \uXXXX, in
// UTF-16.
func appendPythonString(text []byte, value string) []byte {
	const special, letters = "\"\\\n\r\t\b\f", `"\nrtbf`
	text = append(text, '"')
	for _, r := range value {
		if r >= ' ' && r <= '~' && r != '"' && r != '\\' {
			text = append(text, byte(r))
		} else if i := strings.IndexRune(special, r); i >= 0 {
			text = append(text, '\\', letters[i])
		} else {
			for _, unit := range utf16.AppendRune(nil, r) {
				text = fmt.Appendf(text, `\u%04x`, unit)
			}
		}
	}
	return append(text, '"')
}
