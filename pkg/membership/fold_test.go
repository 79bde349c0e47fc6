package membership_test

import (
	"testing"

	"github.com/callroll/callroll/pkg/membership"
)

// Only ASCII letters are compared without case, and only ASCII white space is trimmed: another service may treat the rest
// as different.
func TestFold(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{" \t\r\n\v\fAnna@Contoso.COM ", "anna@contoso.com"},
		{"anna@contoso.com", "anna@contoso.com"},
		{"ZITA@Z", "zita@z"},
		{"A", "a"},
		{"Z", "z"},
		{"\u212Aevin@x", "\u212Aevin@x"},             // Kelvin sign
		{"\u0130da@x", "\u0130da@x"},                 // dotted I
		{"\u00a0anna@x", "\u00a0anna@x"},             // no-break space
		{"\u3000anna@x\u3000", "\u3000anna@x\u3000"}, // ideographic space
		{"ÉMILE@x", "Émile@x"},
		{"a b", "a b"},
		{"\xffA", "\xffa"},
		{"", ""},
	} {
		if got := membership.Fold(test.in); got != test.want {
			t.Errorf("Fold(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

// Names that only look the same do not match, and are reported.
func TestLookAlike(t *testing.T) {
	dir := membership.NewDirectory([]membership.Account{
		{ID: "1", UserName: "kevin@x", Active: true},
		{ID: "2", UserName: "аnna@x", Active: true}, // the first letter is Cyrillic
		{ID: "3", UserName: "bill@x", Active: true},
		{ID: "4", UserName: "ida@x", Active: true},
		{ID: "5", UserName: "eve@x", Active: true},
	}, membership.DefaultKeys())
	for _, test := range []struct {
		person membership.Person
		want   string
	}{
		{membership.Person{UserPrincipalName: "\u212Aevin@x"}, "kevin@x"},
		{membership.Person{UserPrincipalName: "anna@x"}, "аnna@x"},
		{membership.Person{UserPrincipalName: "\u0130da@x"}, "ida@x"},
		{membership.Person{UserPrincipalName: "\u00a0eve@x"}, "eve@x"},
		{membership.Person{UserPrincipalName: "other@x", Mail: "ｅve@x"}, "eve@x"},
		{membership.Person{UserPrincipalName: "bi11@x"}, ""}, // similar ASCII letters and digits are not compared
		{membership.Person{UserPrincipalName: "nobody@x"}, ""},
	} {
		person := test.person
		if m := dir.Match([]*membership.Person{&person})[0]; m.Reason != membership.NoAccount {
			t.Errorf("%q is matched: %+v", person.UserPrincipalName, m)
		}
		if got, found := dir.LookAlike(&person); got != test.want || found != (test.want != "") {
			t.Errorf("LookAlike(%q, %q) = %q, %v; want %q", person.UserPrincipalName, person.Mail, got, found, test.want)
		}
	}
}

// An inactive account with the same name does not make a person ambiguous. Two active accounts do.
func TestInactiveNamesakes(t *testing.T) {
	person := membership.Person{UserPrincipalName: "anna@x", EmployeeID: "7"}
	account := func(id string, active bool) membership.Account {
		return membership.Account{ID: id, UserName: "anna@x", EmployeeNumber: "7", Active: active}
	}
	keys := []membership.Key{membership.UserPrincipalName, membership.EmployeeID}
	for name, test := range map[string]struct {
		accounts []membership.Account
		want     string
	}{
		"one active, one not":     {[]membership.Account{account("1", true), account("2", false)}, "1"},
		"the other way round":     {[]membership.Account{account("1", false), account("2", true)}, "2"},
		"two inactive":            {[]membership.Account{account("1", false), account("2", false)}, "ambiguous"},
		"two active":              {[]membership.Account{account("1", true), account("2", true)}, "ambiguous"},
		"two active, and another": {[]membership.Account{account("1", true), account("2", false), account("3", true)}, "ambiguous"},
	} {
		m := membership.NewDirectory(test.accounts, keys).Match([]*membership.Person{&person})[0]
		if got := m.Account.ID + string(m.Reason); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// A reference in the form of an id is an id.
func TestGroupIs(t *testing.T) {
	const id, other = "8f30ea83-9899-4b93-8781-92cb2a75d6a8", "d0ff0a00-7694-4505-ada7-ea88a871ed12"
	group := membership.Group{ID: id, DisplayName: other}
	for ref, want := range map[string]bool{
		id: true, "8F30EA83-9899-4B93-8781-92CB2A75D6A8": true, other: false, "Sales": false, "{" + other + "}": false,
	} {
		if got := group.Is(ref); got != want {
			t.Errorf("Is(%s) = %v", ref, got)
		}
	}
	named := membership.Group{ID: id, DisplayName: "Sales"}
	if !named.Is("Sales") || named.Is("sales") || named.Is(" Sales") {
		t.Error("a name is exact")
	}
}

// Only the usual form of a UUID is an id. Other forms are names.
func TestIsID(t *testing.T) {
	const id = "8f30ea83-9899-4b93-8781-92cb2a75d6a8"
	for ref, want := range map[string]bool{
		id: true, "8F30EA83-9899-4B93-8781-92CB2A75D6A8": true,
		"{" + id + "}": false, "urn:uuid:" + id: false, "8f30ea8398994b93878192cb2a75d6a8": false,
		id + " ": false, id[:35]: false, id[:35] + "g": false, "Support Tier 1": false, "": false,
	} {
		if got := membership.IsID(ref); got != want {
			t.Errorf("IsID(%q) = %v", ref, got)
		}
	}
}
