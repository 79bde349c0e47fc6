package scim

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// EnterpriseSchema is the extension that carries a user's employee number (RFC 7643 §4.3).
const EnterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// User is an account, and whether the service said that it is active or left that out.
type User struct {
	Account     membership.Account
	ActiveGiven bool
}

// UserReader reads users, one after the other. It is not safe for concurrent use.
type UserReader struct {
	Intern func([]byte) string // makes the strings of ids; may be nil

	user User
	more extensionReader
}

// Read takes the next user from the wire. One without a userName is an *InvalidError, for nobody could be matched to him. The
// account that comes with such an error has the id, if at least that could be read.
func (r *UserReader) Read(dec *jsontext.Decoder) (User, error) {
	r.user, r.more = User{}, extensionReader{}
	err := attributes(dec, "the user", r)
	u := r.user
	u.Account.EmployeeNumber = r.more.employeeNumber
	switch {
	case err != nil && !mendable(err):
		return User{}, err
	case u.Account.ID == "" && err == nil:
		return User{}, invalid("a user whose id is missing")
	case u.Account.ID == "":
		return User{}, err
	case err == nil && u.Account.UserName == "":
		err = invalid("userName is missing")
	}
	if err != nil {
		return User{Account: membership.Account{ID: u.Account.ID}}, invalid("user %s: %v", u.Account.ID, err)
	}
	return u, nil
}

func (r *UserReader) take(name []byte, dec *jsontext.Decoder) error {
	a := &r.user.Account
	switch string(name) {
	case "id":
		value, err := membership.TakeString(dec)
		if a.ID = string(value); r.Intern != nil && value != nil {
			a.ID = r.Intern(value)
		}
		return err
	case "userName":
		return text(dec, &a.UserName)
	case "active":
		active, given, err := membership.TakeBool(dec)
		a.Active, r.user.ActiveGiven = active, given
		return err
	case "displayName":
		return text(dec, &a.DisplayName)
	case "externalId":
		return text(dec, &a.ExternalID)
	case EnterpriseSchema:
		return r.takeExtension(dec)
	}
	return dec.SkipValue()
}

func (r *UserReader) takeExtension(dec *jsontext.Decoder) error {
	if dec.PeekKind() == jsontext.KindNull {
		return dec.SkipValue()
	}
	return attributes(dec, EnterpriseSchema, &r.more)
}

type extensionReader struct{ employeeNumber string }

func (e *extensionReader) take(name []byte, dec *jsontext.Decoder) error {
	if string(name) == "employeeNumber" {
		return text(dec, &e.employeeNumber)
	}
	return dec.SkipValue()
}
