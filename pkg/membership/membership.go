// Package membership has the types that are common to both services, and matches people to accounts. It uses no network,
// clock, disk or logger, and it never gives one account to two people.
//
// A [Person] is a user of Microsoft Entra ID, and an [Account] is a user of Genesys Cloud. The client of one service does not
// know the type of the other. A [Membership] says who should be in a Genesys group, and a [Group] says who is in it now. To
// match people, create a [Directory] with [NewDirectory], and call [Directory.Match].
package membership

import (
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/guid"
)

// Person is a user in Entra, with the attributes that matching and reports need.
type Person struct {
	ID                string `json:"id"` // object id, lower case
	UserPrincipalName string `json:"userPrincipalName"`
	Mail              string `json:"mail,omitempty"`
	DisplayName       string `json:"displayName,omitempty"`
	EmployeeID        string `json:"employeeId,omitempty"`
	Enabled           *bool  `json:"enabled,omitempty"` // nil if it was not requested
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
	Schemas     []string // as read; a PUT sends them unchanged
	ExternalID  *string  // as read; nil if the group has none, and then a PUT omits it
	Version     string   // an entity tag for If-Match ("56" in quotes); empty if the service gave none
	Members     []string // ids of the members, sorted, each once
	NotUsers    []string // members that are not users, sorted: nested groups, and members of unknown kinds
	// MembersAbsent means that the answer had no members attribute. The group may have members all the same: a listing may
	// omit attributes.
	MembersAbsent bool
}

// Has says whether an account is a member.
func (g Group) Has(id string) bool {
	_, is := slices.BinarySearch(g.Members, id)
	return is
}

// IsUser says whether a member is a user.
func (g Group) IsUser(id string) bool {
	_, other := slices.BinarySearch(g.NotUsers, id)
	return !other
}

// Distinct returns ids sorted, without duplicates. It never returns nil, because an absent list of members and an empty
// one are different things in JSON.
func Distinct(ids []string) []string {
	out := append(make([]string, 0, len(ids)), ids...)
	slices.Sort(out)
	return slices.Compact(out)
}

// IsID says whether a reference has the form of an id: 8-4-4-4-12 hexadecimal digits. Such a value is never used as a
// name, because an admin can give a group the id of another one as its name.
func IsID(ref string) bool { return guid.Is(ref) }

// Is says whether a reference means this group. A reference in the form of an id is compared with the id; any other
// reference is compared with the displayName, case included.
func (g Group) Is(ref string) bool {
	if IsID(ref) {
		return strings.EqualFold(g.ID, ref)
	}
	return g.ID == ref || g.DisplayName == ref
}

// Membership says who should be in one Genesys group, or why this is not known.
type Membership struct {
	Name       string   `json:"name"`                 // name of the group in reports
	Entra      []string `json:"entra"`                // object ids of the source groups; members are in at least one of them
	Genesys    string   `json:"genesys"`              // id or exact name, as configured
	Members    []string `json:"members"`              // ids of people, sorted; empty if Incomplete is set
	Incomplete *Reason  `json:"incomplete,omitempty"` // why the group could not be read completely

	// The settings that the members were read with. Another program that writes the file may omit both.
	Nested        *bool         `json:"nested,omitempty"`        // whether members of nested groups are included
	DisabledUsers DisabledUsers `json:"disabledUsers,omitempty"` // whether people who are disabled in Entra are included
}

// DisabledUsers says how people who are disabled in Entra are handled.
type DisabledUsers string

// The values of the setting disabled_users.
const (
	KeepDisabled DisabledUsers = "keep"
	DropDisabled DisabledUsers = "drop" // they count as absent from the group
)

// Reason says why something could not be read or done: the cause for programs, the detail for people.
type Reason struct {
	Cause  Cause  `json:"cause"`
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"` // what to do about it, if this is known
}

// ReasonOf returns the reason of an error, with its cause and its hint.
func ReasonOf(err error) Reason {
	return Reason{Cause: CauseOf(err), Detail: err.Error(), Hint: HintOf(err)}
}
