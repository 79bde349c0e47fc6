package membership

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Key names the pair of attributes by which a person finds his account.
type Key string

// The keys.
const (
	UserPrincipalName Key = "userPrincipalName" // against Genesys userName
	Mail              Key = "mail"              // against Genesys userName
	EmployeeID        Key = "employeeId"        // against Genesys employeeNumber
	ObjectID          Key = "objectId"          // against Genesys externalId
)

// Keys lists every key there is, in the order of the manual.
func Keys() []Key { return []Key{UserPrincipalName, Mail, EmployeeID, ObjectID} }

// DefaultKeys is what Entra's own provisioning matches on, and the address as a second chance.
func DefaultKeys() []Key { return []Key{UserPrincipalName, Mail} }

// ParseKeys reads the setting match: at least one key, each known and named once, in order of precedence.
func ParseKeys(names []string) ([]Key, error) {
	keys := make([]Key, 0, len(names))
	var unknown, twice []string
	for _, name := range names {
		key, ok := parseKey(name)
		switch {
		case !ok:
			unknown = append(unknown, strconv.Quote(name))
		case slices.Contains(keys, key):
			twice = append(twice, string(key))
		default:
			keys = append(keys, key)
		}
	}
	var mistakes []string
	if len(unknown) > 0 {
		mistakes = append(mistakes, strings.Join(unknown, ", ")+": no key to match by; the keys are userPrincipalName, mail, employeeId and objectId")
	}
	if len(twice) > 0 {
		mistakes = append(mistakes, strings.Join(twice, ", ")+": named more than once")
	}
	if len(mistakes) > 0 {
		return nil, errors.New(strings.Join(mistakes, "; "))
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("without a key nobody can be matched; the default is [userPrincipalName, mail]")
	}
	return keys, nil
}

func parseKey(name string) (Key, bool) {
	for _, key := range Keys() {
		if strings.EqualFold(name, string(key)) {
			return key, true
		}
	}
	return "", false
}

// ofPerson returns the value a person is looked up by; empty means that he has none.
func (k Key) ofPerson(p *Person) string {
	switch k {
	case UserPrincipalName:
		return Fold(p.UserPrincipalName)
	case Mail:
		return Fold(p.Mail)
	case EmployeeID:
		return Fold(p.EmployeeID)
	case ObjectID:
		return Fold(p.ID)
	}
	return ""
}

// The attributes of accounts.
const (
	byUserName       attribute = "userName"
	byEmployeeNumber attribute = "employeeNumber"
	byExternalID     attribute = "externalId"
)

// attribute is what the key compares with.
func (k Key) attribute() attribute {
	switch k {
	case EmployeeID:
		return byEmployeeNumber
	case ObjectID:
		return byExternalID
	}
	return byUserName
}

// of returns the value an account is found under; empty means that it has none.
func (a attribute) of(account *Account) string {
	switch a {
	case byEmployeeNumber:
		return Fold(account.EmployeeNumber)
	case byExternalID:
		return Fold(account.ExternalID)
	}
	return Fold(account.UserName)
}

// Fold returns a value as it is compared: ASCII white space is trimmed and ASCII letters are in lower case. Every other
// character stays as it is, because to another service it may be another name: U+212A (the Kelvin sign) is no k, and a
// no-break space is no space. A plus address is another address.
func Fold(s string) string {
	s = strings.Trim(s, " \t\n\v\f\r")
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return lower(s)
		}
	}
	return s
}

// lower returns a value with ASCII letters in lower case. Bytes that are no UTF-8 stay as they are.
func lower(s string) string {
	folded := []byte(s)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + ('a' - 'A')
		}
	}
	return string(folded)
}

// SameName says whether two values are equal as they are compared.
func SameName(a, b string) bool { return Fold(a) == Fold(b) }
