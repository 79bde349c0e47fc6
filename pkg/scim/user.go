package scim

import (
	"fmt"

	"github.com/callroll/callroll/pkg/membership"
)

// enterprise is the extension that carries a user's employee number (RFC 7643 §4.3).
const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// User is an account, and whether the service said that it is active or left that out.
type User struct {
	Account     membership.Account
	ActiveGiven bool
}

// DecodeUser reads a user. One without a userName is an error, for nobody could be matched to him. The account that comes
// with an error has the id, if at least that could be read.
func DecodeUser(data []byte) (User, error) {
	o, err := decodeObject(data, "the user")
	if err != nil {
		return User{}, err
	}
	id, err := o.required("id")
	if err != nil {
		return User{}, fmt.Errorf("a user whose %w", err)
	}
	user := User{Account: membership.Account{ID: id}}
	if err := user.decode(o); err != nil {
		return User{Account: membership.Account{ID: id}}, fmt.Errorf("user %s: %w", id, err)
	}
	return user, nil
}

func (u *User) decode(o object) error {
	var err error
	if u.Account.UserName, err = o.required("userName"); err != nil {
		return err
	}
	if u.ActiveGiven, err = o.decode("active", &u.Account.Active); err != nil {
		return err
	}
	if _, err = o.decode("displayName", &u.Account.DisplayName); err != nil {
		return err
	}
	if _, err = o.decode("externalId", &u.Account.ExternalID); err != nil {
		return err
	}
	var extension object
	if _, err = o.decode(enterprise, &extension); err != nil {
		return err
	}
	_, err = extension.decode("employeeNumber", &u.Account.EmployeeNumber)
	return err
}
