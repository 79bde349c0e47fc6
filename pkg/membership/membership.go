// Package membership holds the neutral types that stand between the two services, and matches people to accounts; it
// knows no network, clock, disk or logger.
//
// A Person is somebody in Microsoft Entra ID, an Account is somebody in Genesys Cloud, and neither client knows the
// other's type. A Membership says who belongs to one Genesys group; a Group says who is in it now.
package membership

import (
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Person is a user in Entra, with what matching and reports need of him.
type Person struct {
	ID                string `json:"id"` // object id, lower case
	UserPrincipalName string `json:"userPrincipalName"`
	Mail              string `json:"mail,omitempty"`
	DisplayName       string `json:"displayName,omitempty"`
	EmployeeID        string `json:"employeeId,omitempty"`
	Enabled           *bool  `json:"enabled,omitempty"` // nil where it was not asked for
}

// Account is a user in Genesys Cloud.
type Account struct {
	ID             string `json:"id"`
	UserName       string `json:"userName"` // the Genesys e-mail address, unique in an org
	DisplayName    string `json:"displayName,omitempty"`
	Active         bool   `json:"active"`
	EmployeeNumber string `json:"employeeNumber,omitempty"`
	ExternalID     string `json:"externalId,omitempty"`
}

// Group is a Genesys group as it was read.
type Group struct {
	ID          string
	DisplayName string
	Schemas     []string // as read; a PUT sends them back
	ExternalID  *string  // as read; nil where the group has none, and then a PUT leaves it out
	Version     string   // an entity tag as If-Match takes it ("56" in quotes), empty if the service gave none
	Members     []string // ids of the members, sorted, each once
	NotUsers    []string // those of them that are no users, sorted: nested groups, and kinds that nobody knows
	// MembersAbsent says that the answer had no members attribute. That is not an empty group: a listing that leaves
	// attributes out looks the same.
	MembersAbsent bool
}

// IsUser says whether a member is a user.
func (g Group) IsUser(id string) bool {
	_, other := slices.BinarySearch(g.NotUsers, id)
	return !other
}

// Distinct returns ids sorted, each once. It never returns nil, because an absent list of members and an empty one are
// different things on the wire.
func Distinct(ids []string) []string {
	out := append(make([]string, 0, len(ids)), ids...)
	slices.Sort(out)
	return slices.Compact(out)
}

// IsID says whether a reference has the form of an id: 8-4-4-4-12 hexadecimal digits. Such a value is never taken for a name,
// because anybody may give a group the id of another one as its name.
func IsID(ref string) bool { return len(ref) == 36 && uuid.Validate(ref) == nil }

// Is says whether a reference means this group: by its id, or, unless the reference has the form of an id, by its exact
// displayName.
func (g Group) Is(ref string) bool {
	if IsID(ref) {
		return strings.EqualFold(g.ID, ref)
	}
	return g.ID == ref || g.DisplayName == ref
}

// Membership says who belongs to one mapped group, or why that is not known.
type Membership struct {
	Name       string   `json:"name"`                 // what reports call the group
	Entra      []string `json:"entra"`                // object ids of the groups whose union it is
	Genesys    string   `json:"genesys"`              // id or exact name, as configured
	Members    []string `json:"members"`              // ids of people, sorted; empty where Incomplete says why
	Incomplete *Reason  `json:"incomplete,omitempty"` // why the group could not be read whole

	// How the members were taken. Another program that writes the file may leave both out.
	Nested        *bool         `json:"nested,omitempty"`        // whether members of nested groups are among them
	DisabledUsers DisabledUsers `json:"disabledUsers,omitempty"` // whether people who are disabled in Entra are
}

// DisabledUsers says what becomes of people who are disabled in Entra.
type DisabledUsers string

// The ways to take them.
const (
	KeepDisabled DisabledUsers = "keep"
	DropDisabled DisabledUsers = "drop" // they count as not in the group
)

// Reason says why something could not be read or done, in a word for programs and a sentence for people.
type Reason struct {
	Cause  Cause  `json:"cause"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"` // what to do about it, where that is known
}

// ReasonOf says why err happened, with its cause and its hint.
func ReasonOf(err error) Reason {
	return Reason{Cause: CauseOf(err), Detail: err.Error(), Hint: HintOf(err)}
}
