package membership

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Key names the attribute of a person, and with it the attribute of an account, that are compared to match them.
type Key string

// The keys.
const (
	UserPrincipalName Key = "userPrincipalName" // compared with Genesys userName
	Mail              Key = "mail"              // compared with Genesys userName
	EmployeeID        Key = "employeeId"        // compared with Genesys employeeNumber
	ObjectID          Key = "objectId"          // compared with Genesys externalId
)

// Keys returns all keys, in the order of the manual.
func Keys() []Key { return []Key{UserPrincipalName, Mail, EmployeeID, ObjectID} }

// DefaultKeys returns the key that Entra's own provisioning matches by, and mail as a second one.
func DefaultKeys() []Key { return []Key{UserPrincipalName, Mail} }

// ParseKeys reads the setting match: at least one key, without duplicates, in order of precedence.
func ParseKeys(names []string) ([]Key, error) {
	keys := make([]Key, 0, len(names))
	var unknown, duplicate []string
	for _, name := range names {
		key, ok := parseKey(name)
		switch {
		case !ok:
			unknown = append(unknown, strconv.Quote(name))
		case slices.Contains(keys, key):
			duplicate = append(duplicate, string(key))
		default:
			keys = append(keys, key)
		}
	}
	var mistakes []string
	if len(unknown) > 0 {
		mistakes = append(mistakes, strings.Join(unknown, ", ")+": no key to match by; the keys are userPrincipalName, mail, employeeId and objectId")
	}
	if len(duplicate) > 0 {
		mistakes = append(mistakes, strings.Join(duplicate, ", ")+": named more than once")
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

// ofPerson returns the value that a person is looked up by. It is empty if the person has none.
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

// attribute returns the attribute of accounts that the key is compared with.
func (k Key) attribute() attribute {
	switch k {
	case EmployeeID:
		return byEmployeeNumber
	case ObjectID:
		return byExternalID
	}
	return byUserName
}

// of returns the value of an account. It is empty if the account has none.
func (a attribute) of(account *Account) string {
	switch a {
	case byEmployeeNumber:
		return Fold(account.EmployeeNumber)
	case byExternalID:
		return Fold(account.ExternalID)
	}
	return Fold(account.UserName)
}

// Fold returns a value as it is compared: without ASCII white space around it, and with ASCII letters in lower case. All
// other characters are unchanged, because another service may treat them as different: U+212A (the Kelvin sign) is not a
// k, and a no-break space is not a space. A plus address is a different address.
func Fold(s string) string {
	s = strings.Trim(s, " \t\n\v\f\r")
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return lower(s)
		}
	}
	return s
}

// lower returns a value with ASCII letters in lower case. Invalid UTF-8 is unchanged.
func lower(s string) string {
	folded := []byte(s)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + ('a' - 'A')
		}
	}
	return string(folded)
}

// SameName says whether two values are equal after [Fold].
func SameName(a, b string) bool { return Fold(a) == Fold(b) }
