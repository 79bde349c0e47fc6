package membership_test

import (
	"testing"

	"github.com/callroll/callroll/pkg/membership"
)

// A group is in step where each of the people has an active account of their own, and nobody else is a member.
func TestInStep(t *testing.T) {
	dir := membership.NewDirectory([]membership.Account{
		account("A", "ann@contoso.com"), account("B", "bob@contoso.com"), account("S", "desk@contoso.com"),
		{ID: "L", UserName: "lena@contoso.com"},
	}, membership.DefaultKeys())
	ann, bob, lena := person("ann", "ann@contoso.com", ""), person("bob", "bob@contoso.com", ""), person("lena", "lena@contoso.com", "")
	annsTwin := person("twin", "twin@contoso.com", "ann@contoso.com")
	torn := person("torn", "bob@contoso.com", "desk@contoso.com")
	user := func(id string) membership.Member { return membership.Member{ID: id, Type: "User"} }
	for _, test := range []struct {
		name    string
		people  []*membership.Person
		members []membership.Member
		want    bool
	}{
		{"nobody at all", nil, nil, true},
		{"everybody, in any order", []*membership.Person{ann, bob}, []membership.Member{user("B"), user("A")}, true},
		{"a member without a type is a user", []*membership.Person{ann}, []membership.Member{{ID: "A"}}, true},
		{"somebody is to come", []*membership.Person{ann, bob}, []membership.Member{user("A")}, false},
		{"somebody is to go", []*membership.Person{ann}, []membership.Member{user("A"), user("B")}, false},
		{"as many others", []*membership.Person{ann}, []membership.Member{user("B")}, false},
		{"one member twice in the place of two", []*membership.Person{ann, bob}, []membership.Member{user("A"), user("A")}, false},
		{"a member whom no listing has", []*membership.Person{ann}, []membership.Member{user("X")}, false},
		{"an inactive account", []*membership.Person{ann, lena}, []membership.Member{user("A"), user("L")}, false},
		{"a nested group with the id of an account", []*membership.Person{ann}, []membership.Member{{ID: "A", Type: "Group"}}, false},
		{"two people with one account", []*membership.Person{ann, annsTwin}, []membership.Member{user("A"), user("A")}, false},
		{"two people who find one account, and somebody else", []*membership.Person{ann, annsTwin}, []membership.Member{user("A"), user("B")}, false},
		{"a person who finds two accounts", []*membership.Person{torn}, []membership.Member{user("B")}, false},
	} {
		set, got := dir.InStep(test.people, test.members)
		if got != test.want {
			t.Errorf("%s: InStep = %v, want %v", test.name, got, test.want)
		}
		if got && set.Len() != len(test.members) {
			t.Errorf("%s: the set has %d members, want %d", test.name, set.Len(), len(test.members))
		}
	}
}
