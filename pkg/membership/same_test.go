package membership_test

import (
	"testing"

	"github.com/callroll/callroll/pkg/membership"
)

// Each of the people has their own active account, and the group has no other members.
func TestSame(t *testing.T) {
	dir := membership.NewDirectory([]membership.Account{
		account("A", "ann@contoso.com"), account("B", "bob@contoso.com"), account("S", "desk@contoso.com"),
		{ID: "L", UserName: "lena@contoso.com"},
	}, membership.DefaultKeys())
	ann, bob, lena := person("ann", "ann@contoso.com", ""), person("bob", "bob@contoso.com", ""), person("lena", "lena@contoso.com", "")
	annsTwin := person("twin", "twin@contoso.com", "ann@contoso.com")
	torn := person("torn", "bob@contoso.com", "desk@contoso.com")
	for _, test := range []struct {
		name    string
		people  []*membership.Person
		members []string
		want    bool
	}{
		{"nobody at all", nil, nil, true},
		{"everybody, in any order", []*membership.Person{ann, bob}, []string{"A", "B"}, true},
		{"somebody is to come", []*membership.Person{ann, bob}, []string{"A"}, false},
		{"somebody is to go", []*membership.Person{ann}, []string{"A", "B"}, false},
		{"as many others", []*membership.Person{ann}, []string{"B"}, false},
		{"one member twice in the place of two", []*membership.Person{ann, bob}, []string{"A", "A"}, false},
		{"a member whom no listing has", []*membership.Person{ann}, []string{"X"}, false},
		{"an inactive account", []*membership.Person{ann, lena}, []string{"A", "L"}, false},
		{"two people with one account", []*membership.Person{ann, annsTwin}, []string{"A", "A"}, false},
		{"two people who find one account, and somebody else", []*membership.Person{ann, annsTwin}, []string{"A", "B"}, false},
		{"a person who finds two accounts", []*membership.Person{torn}, []string{"B"}, false},
	} {
		if got := dir.Same(test.people, test.members); got != test.want {
			t.Errorf("%s: Same = %v, want %v", test.name, got, test.want)
		}
	}
}
