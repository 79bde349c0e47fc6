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
		switch i := slices.IndexFunc(Keys(), func(key Key) bool { return strings.EqualFold(name, string(key)) }); {
		case i < 0:
			unknown = append(unknown, strconv.Quote(name))
		case slices.Contains(keys, Keys()[i]):
			duplicate = append(duplicate, string(Keys()[i]))
		default:
			keys = append(keys, Keys()[i])
		}
	}
	var mistakes []string
	if len(unknown) > 0 {
		mistakes = append(mistakes, strings.Join(unknown, ", ")+
			": no key to match by; the keys are userPrincipalName, mail, employeeId and objectId")
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

// ofAccount returns the value of an account that the key is compared with. It is empty if the account has none.
func (k Key) ofAccount(a *Account) string {
	switch k {
	case EmployeeID:
		return Fold(a.EmployeeNumber)
	case ObjectID:
		return Fold(a.ExternalID)
	}
	return Fold(a.UserName)
}

// index returns the key by whose values accounts are found. It is another key for mail, which has the same values.
func (k Key) index() Key {
	if k == Mail {
		return UserPrincipalName
	}
	return k
}

// Fold returns a value as it is compared: without ASCII white space around it, and with ASCII letters in lower case. All
// other characters are unchanged, because another service may treat them as different: U+212A (the Kelvin sign) is not a
// k, and a no-break space is not a space. A plus address is a different address.
func Fold(s string) string {
	s = strings.Trim(s, " \t\n\v\f\r")
	if !strings.ContainsAny(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		return s
	}
	folded := []byte(s) // bytes, so that invalid UTF-8 is unchanged
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + ('a' - 'A')
		}
	}
	return string(folded)
}

// SameName says whether two values are equal after [Fold].
func SameName(a, b string) bool { return Fold(a) == Fold(b) }
