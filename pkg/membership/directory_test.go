package membership_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/membership"
)

func TestAccount(t *testing.T) {
	accounts := []membership.Account{account("a1", "anna@x"), {ID: "a2", UserName: "ben@x"}, account("a1", "later@x")}
	dir := membership.NewDirectory(accounts, membership.DefaultKeys())
	for _, test := range []struct {
		id    string
		want  membership.Account
		found bool
	}{
		{"a1", accounts[0], true}, // the first one with this id
		{"a2", accounts[1], true}, // an inactive account is an account
		{"a3", membership.Account{}, false},
		{"", membership.Account{}, false},
	} {
		if got, found := dir.Account(test.id); got != test.want || found != test.found {
			t.Errorf("Account(%q) = %+v, %v; want %+v, %v", test.id, got, found, test.want, test.found)
		}
	}
	if diff := cmp.Diff([]membership.Account{accounts[0], accounts[2], accounts[1]}, dir.Accounts()); diff != "" {
		t.Errorf("Accounts: -want +got\n%s", diff)
	}
	if m := dir.Match([]*membership.Person{person("p", "later@x", "")})[0]; m.Reason != membership.NoAccount {
		t.Errorf("a second account with the id of the first one is matched: %+v", m)
	}
}

// Every value that a person is matched by is looked up, once, in the form in which it is compared.
func TestLookupOf(t *testing.T) {
	people := []*membership.Person{
		{ID: "P1", UserPrincipalName: "Anna@X", Mail: "anna@x", EmployeeID: "E1"},
		{ID: "P2", UserPrincipalName: "ben@x", Mail: "info@x"},
		{ID: "P3", UserPrincipalName: "cleo@x", Mail: "info@x", EmployeeID: "E3"},
	}
	members := []string{"m2", "m1", "m2"}
	for _, test := range []struct {
		name string
		keys []membership.Key
		want membership.Lookup
		size int
	}{
		{"names", []membership.Key{membership.UserPrincipalName, membership.Mail},
			membership.Lookup{UserNames: []string{"anna@x", "ben@x", "cleo@x", "info@x"}}, 4},
		{"employee numbers", []membership.Key{membership.EmployeeID},
			membership.Lookup{EmployeeNumbers: []string{"e1", "e3"}}, 2},
		{"external ids", []membership.Key{membership.ObjectID},
			membership.Lookup{ExternalIDs: []string{"p1", "p2", "p3"}}, 3},
		{"all", membership.Keys(), membership.Lookup{
			UserNames:       []string{"anna@x", "ben@x", "cleo@x", "info@x"},
			EmployeeNumbers: []string{"e1", "e3"}, ExternalIDs: []string{"p1", "p2", "p3"}}, 9},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := membership.LookupOf(people, test.keys, members)
			want := test.want
			want.IDs = []string{"m1", "m2"}
			for _, list := range []*[]string{&want.UserNames, &want.EmployeeNumbers, &want.ExternalIDs} {
				if *list == nil {
					*list = []string{}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if got.Values() != test.size {
				t.Errorf("Values() = %d, want %d", got.Values(), test.size)
			}
		})
	}
}

func TestNamesThatLookTheSame(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"Sales", "sales", true},
		{"Sаles", "Sales", true}, // a Cyrillic letter
		{"Sales ", "Sales", true},
		{"Sales", "Support", false},
	} {
		if got := membership.LookTheSame(test.a, test.b); got != test.want {
			t.Errorf("LookTheSame(%q, %q) = %v", test.a, test.b, got)
		}
	}
	for name, want := range map[string]bool{"anna@x": false, "аnna@x": true, "\x80": true, "\x7f": false, "": false} {
		if got := membership.MayLookAlike(&membership.Person{UserPrincipalName: name}); got != want {
			t.Errorf("MayLookAlike(%q) = %v", name, got)
		}
		if got := membership.MayLookAlike(&membership.Person{UserPrincipalName: "x", Mail: name}); got != want {
			t.Errorf("MayLookAlike of mail %q = %v", name, got)
		}
	}
}
