package graph

import (
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// user is a user as Graph sends it (page "user resource type"). With status 200, Graph sends null for attributes that the
// application may not read.
type user struct {
	Type              string    `json:"@odata.type"`
	ID                string    `json:"id"`
	UserPrincipalName string    `json:"userPrincipalName"`
	Mail              string    `json:"mail"`
	DisplayName       string    `json:"displayName"`
	EmployeeID        string    `json:"employeeId"`
	AccountEnabled    *bool     `json:"accountEnabled"`
	ProxyAddresses    *[]string `json:"proxyAddresses"`
}

func (u user) key() string { return strings.ToLower(u.ID) }

// person returns the user as a person, with the selected attributes.
func (u user) person(sel Selection) *membership.Person {
	p := &membership.Person{ID: u.key(), UserPrincipalName: u.UserPrincipalName, Mail: u.Mail, DisplayName: u.DisplayName}
	if sel.EmployeeID {
		p.EmployeeID = u.EmployeeID
	}
	if sel.Enabled {
		p.Enabled = u.AccountEnabled
	}
	return p
}

// unreadable returns the first attribute that is empty although every user has one. This happens without permission. It is
// empty if there is none.
func (u user) unreadable(sel Selection) string {
	switch {
	case u.UserPrincipalName == "":
		return "userPrincipalName"
	case sel.Enabled && u.AccountEnabled == nil:
		return "accountEnabled"
	}
	return ""
}

// names returns the names that a user may be known by. The userPrincipalName of a deleted user begins with their id,
// without hyphens (page "List deletedItems").
func (u user) names() []string {
	upn := membership.Fold(u.UserPrincipalName)
	out := []string{upn, membership.Fold(u.Mail), strings.TrimPrefix(upn, strings.ReplaceAll(u.key(), "-", ""))}
	if u.ProxyAddresses == nil {
		return out
	}
	for _, address := range *u.ProxyAddresses {
		if kind, value, ok := strings.Cut(membership.Fold(address), ":"); ok && kind == "smtp" {
			out = append(out, value)
		}
	}
	return out
}
