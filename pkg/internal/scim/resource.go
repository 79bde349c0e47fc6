package scim

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/jsonarray"
	"github.com/callroll/callroll/pkg/membership"
)

// InvalidError is the error for a resource that is valid JSON but not valid SCIM. The resource was read to its end, so
// that the next one can be read.
type InvalidError struct{ Text string }

func (e *InvalidError) Error() string { return e.Text }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Sprintf(format, args...)} }

// readRecord reads the next value into a struct by its tags. Names are case-sensitive, unknown ones are ignored, and null
// is the same as an absent attribute (RFC 7643 §2.5). id is a field of the struct. If an attribute is missing or has the wrong
// type, the error is an *InvalidError, and the id is set if it can be read. Otherwise the id is empty after an error.
func readRecord(dec *jsontext.Decoder, what string, into any, id *string) error {
	value, err := dec.ReadValue()
	switch {
	case err != nil:
		return err
	case value.Kind() != jsontext.KindBeginObject:
		return invalid("the %s is not a JSON object", what)
	}
	// ReadValue has refused duplicate names already; a second check would take 2 % of the CPU of a large run.
	if err := json.Unmarshal(value, into, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
		var named struct {
			ID jsontext.Value `json:"id"`
		}
		_ = json.Unmarshal(value, &named, jsontext.AllowInvalidUTF8(true))
		_ = json.Unmarshal(named.ID, id, jsontext.AllowInvalidUTF8(true))
		return wrongType(err)
	}
	if *id == "" {
		return invalid("a %s whose id is missing", what)
	}
	return nil
}

// wrongType converts an error of the decoder about the type of a value to an *InvalidError. Other errors, which are about
// JSON syntax or the connection, are unchanged.
func wrongType(err error) error {
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return err
	}
	at := semantic.JSONPointer
	for at != "" && at.LastToken() != "" && '0' <= at.LastToken()[0] && at.LastToken()[0] <= '9' {
		at = at.Parent() // use the name of the array for an element
	}
	return invalid("%s has not the type it should have", at.LastToken())
}

// Page has the totals of a page of a list (RFC 7644 §3.4.2).
type Page struct {
	Total int // totalResults: resources in the whole list
	Count int // resources on this page
}

// ReadPage reads a page from dec. It calls each for every element of Resources; each must read the element and return only
// errors of the decoder. A page without totalResults is an *[InvalidError], because the end of the list would not be
// known. A page without Resources is empty.
func ReadPage(dec *jsontext.Decoder, each func(*jsontext.Decoder) error) (Page, error) {
	page := struct {
		Total     *int            `json:"totalResults"`
		Resources jsonarray.Array `json:"Resources"`
	}{Resources: jsonarray.Array{Each: each}}
	switch dec.PeekKind() {
	case jsontext.KindBeginObject, jsontext.KindInvalid:
	default:
		return Page{}, invalid("the page is not a JSON object")
	}
	if err := json.UnmarshalDecode(dec, &page); err != nil {
		return Page{}, wrongType(err)
	}
	if page.Total == nil || *page.Total < 0 {
		return Page{}, invalid("totalResults is missing, so that nobody knows whether the list is whole")
	}
	return Page{Total: *page.Total, Count: page.Resources.Len}, nil
}

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
	err := readRecord(dec, "user", &u, &u.ID)
	switch {
	case u.ID == "" || err != nil && !errors.As(err, new(*InvalidError)):
		return User{}, err
	case err == nil && u.UserName == "":
		err = invalid("userName is missing")
	}
	if err != nil {
		return User{Account: membership.Account{ID: u.ID}}, invalid("user %s: %v", u.ID, err)
	}
	account := membership.Account{
		ID: u.ID, UserName: u.UserName, DisplayName: u.DisplayName, Active: u.Active != nil && *u.Active,
		EmployeeNumber: u.Enterprise.EmployeeNumber, ExternalID: u.ExternalID,
	}
	return User{Account: account, ActiveGiven: u.Active != nil}, nil
}
