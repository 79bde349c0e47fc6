// Package plan holds the members that a group should have against those it has, and decides what to change or why not; it
// knows no network, clock, disk or logger, and the order of its input changes nothing.
//
// What becomes of one person, by the first row that fits:
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
// Ask has the rows about who may have been renamed.
package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/membership"
)

// State says in a word what a plan holds for one group.
type State string

// The states.
const (
	InStep     State = "in step"    // nothing to change
	Changes    State = "changes"    // somebody to add or to remove
	Refused    State = "refused"    // a limit or another rule forbids the change
	Unreadable State = "incomplete" // one side could not be read whole, or has no such group
	Skipped    State = "paused"     // mode: paused
	Stale      State = "stale"      // a plan file says about it what is not so any more
)

// Group is the plan for one group: data without behaviour, as it stands in a plan file.
type Group struct {
	Name        string   `json:"name"`
	Entra       []string `json:"entra"`
	Source      string   `json:"source"`  // as Rule.Source
	Genesys     string   `json:"genesys"` // as configured
	ID          string   `json:"id"`      // of the Genesys group; empty where it was not found
	DisplayName string   `json:"displayName"`
	Version     string   `json:"version"` // the entity tag that was planned on

	Mode       Mode `json:"mode"`
	NoRemovals bool `json:"noRemovals,omitempty"` // the run that planned it removes nobody

	People int  `json:"people"`        // whom Entra names
	New    bool `json:"new,omitempty"` // no earlier run is known to have kept the group

	State      State        `json:"state"`
	Add        []Entry      `json:"add"`
	Remove     []Entry      `json:"remove"`
	Keep       []Kept       `json:"keep"` // kept in spite of something
	Unresolved []Unresolved `json:"unresolved"`
	Members    []string     `json:"members"` // the whole set to be, sorted, of every group that was compared
	Key        string       `json:"key"`     // IdempotencyKey of Members

	Notes []string           `json:"notes"` // what a person should know beside the changes
	Asked bool               `json:"asked"` // Entra was asked about those who would go: whoever still goes is known as a leaver
	Doubt *membership.Reason `json:"doubt"` // why Entra did not say

	Refusals   []Refusal          `json:"refusals"`
	Incomplete *membership.Reason `json:"incomplete"` // why it is Unreadable or Stale
}

// Entry is one account that is added or removed.
type Entry struct {
	ID          string `json:"id"`
	UserName    string `json:"userName"`
	DisplayName string `json:"displayName"`
	Person      string `json:"person,omitempty"`   // userPrincipalName of the person whose account it is, where it differs
	PersonID    string `json:"personId,omitempty"` // object id of that person
	Inactive    bool   `json:"inactive,omitempty"` // of a removal: a listing has shown the account as an inactive one
}

// KeepReason says in spite of what a member stays.
type KeepReason string

// The reasons.
const (
	KeptProtected  KeepReason = "protected"   // protect names the account
	KeptNotUser    KeepReason = "not a user"  // a nested group, or a kind that is not known
	KeptUnseen     KeepReason = "unseen"      // in no listing of users: deleted, or of another division
	KeptInactive   KeepReason = "inactive"    // in Entra, and his account is inactive
	KeptContested  KeepReason = "contested"   // a person without an account of his own points at him
	KeptAddOnly    KeepReason = "add-only"    // the mode forbids the removal
	KeptNoRemovals KeepReason = "no removals" // this run removes nobody
	KeptRenamed    KeepReason = "renamed"     // one of the unresolved people is known by his name
	KeptHeld       KeepReason = "held"        // nobody is known by his name, while people are unresolved
)

// Kept is a member who stays in spite of something.
type Kept struct {
	Entry
	Reason KeepReason `json:"reason"`
	Active bool       `json:"active"` // a listing has shown the account as an active one

	// MayBe is who may be meant by somebody who is held. It is for a person to read and decides nothing.
	MayBe []Resemblance `json:"mayBe,omitempty"`
}

// Inactive is the reason of a person whose account exists, is inactive, and is not added. The other reasons are those of
// membership.Unmatched.
const Inactive = "inactive"

// Found is an account that a key of somebody finds.
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
	Accounts          []string `json:"accounts"`              // userNames of the accounts that the person points at
	Found             []Found  `json:"found,omitempty"`       // of somebody ambiguous: the same accounts, with what tells them apart
	OtherPerson       string   `json:"otherPerson,omitempty"` // object id of another person whose userPrincipalName is the userName
	LookAlike         string   `json:"lookAlike,omitempty"`   // userName of an account that is spelled otherwise and looks the same
}

// Found returns how many members the group had when it was planned.
func (g Group) Found() int { return len(g.Members) - len(g.Add) + len(g.Remove) }

// FoundIDs returns the ids of the members that the group had when it was planned, sorted.
func (g Group) FoundIDs() []string {
	added := map[string]bool{}
	for _, e := range g.Add {
		added[e.ID] = true
	}
	ids := make([]string, 0, g.Found())
	for _, id := range g.Members {
		if !added[id] {
			ids = append(ids, id)
		}
	}
	for _, e := range g.Remove {
		ids = append(ids, e.ID)
	}
	return membership.Distinct(ids)
}

// wanted counts the members to be who are in Entra. Whoever is kept for another reason does not make a source less empty.
func (g Group) wanted() int {
	return len(g.Members) - len(g.Keep) + g.kept(KeptInactive) + g.kept(KeptRenamed)
}

// missing counts the people who should belong and have no account of their own; those whose account is inactive do.
func (g Group) missing() int {
	n := 0
	for _, u := range g.Unresolved {
		if u.Reason != Inactive {
			n++
		}
	}
	return n
}

// Plan is what one run would do, and the file that says so.
type Plan struct {
	Format      int       `json:"format"`
	Kind        string    `json:"kind"`
	Status      int       `json:"status"` // exit status of the run that made it, and its name
	StatusName  string    `json:"status_name"`
	Made        time.Time `json:"made"`
	Expires     time.Time `json:"expires"`
	Tenant      string    `json:"tenant"`            // Entra tenant that the memberships came from
	Genesys     string    `json:"genesys"`           // API host of the org that it was made for
	Taken       time.Time `json:"taken,omitzero"`    // when the memberships were read from Entra
	Notes       []string  `json:"notes,omitempty"`   // what could not be looked into
	Remarks     []string  `json:"remarks,omitempty"` // what a person may want to know, and need not
	Cost        *Cost     `json:"cost,omitempty"`
	Groups      []Group   `json:"groups"` // sorted by name
	Fingerprint string    `json:"fingerprint"`
}

// Cost is what a run has cost so far.
type Cost struct {
	Entra   SideCost `json:"entra"`
	Genesys SideCost `json:"genesys"`
	Seconds float64  `json:"seconds"`
}

// SideCost is what a run has cost on one side. Requests that were tried again count each time; waits that went on at the same
// time are added up.
type SideCost struct {
	Requests      int     `json:"requests"`
	WaitedSeconds float64 `json:"waited_seconds"`
}

// SortGroups puts groups in the order in which they are shown and carried out: by name.
func SortGroups(groups []Group) {
	slices.SortStableFunc(groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
}
