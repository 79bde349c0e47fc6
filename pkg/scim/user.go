package scim

import (
	"cmp"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// EnterpriseSchema is the extension that has a user's employee number (RFC 7643 §4.3).
const EnterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// User is an account. ActiveGiven is false if the service omitted the attribute active.
type User struct {
	Account     membership.Account
	ActiveGiven bool
}

// ReadUser reads the next user from dec. A user without a userName is an *[InvalidError], because nobody could be matched
// to them. If the error is an *InvalidError, the account has at least its id, if that could be read.
func ReadUser(dec *jsontext.Decoder) (User, error) {
	var u struct {
		ID          string `json:"id"`
		UserName    string `json:"userName"`
		DisplayName string `json:"displayName"`
		Active      *bool  `json:"active"`
		ExternalID  string `json:"externalId"`
		Enterprise  struct {
			EmployeeNumber string `json:"employeeNumber"`
		} `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	}
	id, err := readRecord(dec, "the user", &u)
	id = cmp.Or(id, u.ID)
	switch {
	case err != nil && (id == "" || !isInvalid(err)):
		return User{}, err
	case id == "":
		return User{}, invalid("a user whose id is missing")
	case err == nil && u.UserName == "":
		err = invalid("userName is missing")
	}
	if err != nil {
		return User{Account: membership.Account{ID: id}}, invalid("user %s: %v", id, err)
	}
	account := membership.Account{
		ID: u.ID, UserName: u.UserName, DisplayName: u.DisplayName, Active: u.Active != nil && *u.Active,
		EmployeeNumber: u.Enterprise.EmployeeNumber, ExternalID: u.ExternalID,
	}
	return User{Account: account, ActiveGiven: u.Active != nil}, nil
}
