package membership_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/membership"
)

func person(id, upn, mail string) *membership.Person {
	return &membership.Person{ID: id, UserPrincipalName: upn, Mail: mail}
}

func account(id, userName string) membership.Account {
	return membership.Account{ID: id, UserName: userName, Active: true}
}

// matched formats matches as "person -> account" or "person: reason accounts".
func matched(matches []membership.Match) []string {
	var out []string
	for _, m := range matches {
		line := m.Person.ID + " -> " + m.Account.ID
		if m.Reason != "" {
			line = m.Person.ID + ": " + string(m.Reason)
			for _, id := range m.PointsAt {
				line += " " + id
			}
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

func TestMatch(t *testing.T) {
	accounts := []membership.Account{
		account("A", "ann@contoso.com"), account("A", "ann@contoso.com"), account("B", "bob@contoso.com"), account("C", "carol+desk@contoso.com"),
		{ID: "N", UserName: "nora@old.example", EmployeeNumber: "0042", ExternalID: "p-nora"},
		account("T1", "twin@contoso.com"), account("T2", "Twin@contoso.com"),
	}
	upnAndMail := membership.DefaultKeys()
	for _, test := range []struct {
		name   string
		keys   []membership.Key
		people []*membership.Person
		want   []string
	}{
		{"by userPrincipalName, whatever the case (incident 11)", upnAndMail,
			[]*membership.Person{person("ann", "ANN@Contoso.com", "")}, []string{"ann -> A"}},
		{"by mail where the name finds nobody: a guest", upnAndMail,
			[]*membership.Person{person("bob", "bob_contoso.com#EXT#@tenant.onmicrosoft.com", "Bob@contoso.com")}, []string{"bob -> B"}},
		{"a plus address is another address", upnAndMail,
			[]*membership.Person{person("carol", "carol@contoso.com", "")}, []string{"carol: none"}},
		{"the first key counts, though the second finds him too", []membership.Key{membership.Mail, membership.UserPrincipalName},
			[]*membership.Person{person("x", "ann@contoso.com", "ann@contoso.com"), person("y", "ann@contoso.com", "")}, []string{"x -> A", "y: shared A"}},
		{"white space around a value", upnAndMail, []*membership.Person{person("ann", " ann@contoso.com ", "")}, []string{"ann -> A"}},
		{"nobody", upnAndMail, []*membership.Person{person("x", "x@contoso.com", "")}, []string{"x: none"}},
		{"an empty mail finds nobody", upnAndMail, []*membership.Person{person("x", "x@contoso.com", " ")}, []string{"x: none"}},
		{"two keys that find two accounts", upnAndMail,
			[]*membership.Person{person("x", "ann@contoso.com", "bob@contoso.com")}, []string{"x: ambiguous A B"}},
		{"two accounts under one name", upnAndMail,
			[]*membership.Person{person("twin", "twin@contoso.com", "")}, []string{"twin: ambiguous T1 T2"}},
		{"two keys that find one account", upnAndMail,
			[]*membership.Person{person("ann", "ann@contoso.com", "ann@contoso.com")}, []string{"ann -> A"}},
		{"the earlier key has the account", upnAndMail,
			[]*membership.Person{person("adm", "adm-ann@contoso.com", "ann@contoso.com"), person("ann", "ann@contoso.com", "")},
			[]string{"adm: shared A", "ann -> A"}},
		{"the same key shares it", upnAndMail,
			[]*membership.Person{person("x", "x@contoso.com", "ann@contoso.com"), person("y", "y@contoso.com", "ann@contoso.com")},
			[]string{"x: shared A", "y: shared A"}},
		{"a third with an earlier key has it all the same", upnAndMail,
			[]*membership.Person{person("x", "x@contoso.com", "ann@contoso.com"), person("y", "y@contoso.com", "ann@contoso.com"), person("z", "ann@contoso.com", "")},
			[]string{"x: shared A", "y: shared A", "z -> A"}},
		{"what an ambiguous person points at is nobody's", upnAndMail,
			[]*membership.Person{person("x", "ann@contoso.com", "bob@contoso.com"), person("ann", "ann@contoso.com", "")},
			[]string{"ann: shared A", "x: ambiguous A B"}},
		{"also the second account of an ambiguous person", upnAndMail,
			[]*membership.Person{person("x", "ann@contoso.com", "bob@contoso.com"), person("y", "bob@contoso.com", "")},
			[]string{"x: ambiguous A B", "y: shared B"}},
		{"employeeId against employeeNumber", []membership.Key{membership.EmployeeID},
			[]*membership.Person{{ID: "nora", UserPrincipalName: "ann@contoso.com", EmployeeID: "0042"}}, []string{"nora -> N"}},
		{"leading zeros count", []membership.Key{membership.EmployeeID},
			[]*membership.Person{{ID: "nora", EmployeeID: "42"}}, []string{"nora: none"}},
		{"objectId against externalId", []membership.Key{membership.ObjectID},
			[]*membership.Person{{ID: "P-Nora", UserPrincipalName: "ann@contoso.com"}}, []string{"P-Nora -> N"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := matched(membership.NewDirectory(accounts, test.keys).Match(test.people))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Match(%v, %v): -want +got\n%s", test.people, test.keys, diff)
			}
		})
	}
}

// The order of people and accounts does not change a match, and no account is given to two people.
func TestMatchDoesNotDependOnOrder(t *testing.T) {
	names := []string{"a@x", "b@x", "c@x", "d@x", ""}
	rapid.Check(t, func(t *rapid.T) {
		var people []*membership.Person
		for i := range rapid.IntRange(0, 6).Draw(t, "people") {
			people = append(people, person(string(rune('p'+i)), rapid.SampledFrom(names).Draw(t, "upn"), rapid.SampledFrom(names).Draw(t, "mail")))
		}
		var accounts []membership.Account
		for i := range rapid.IntRange(0, 5).Draw(t, "accounts") {
			accounts = append(accounts, account(string(rune('A'+i)), rapid.SampledFrom(names[:4]).Draw(t, "userName")))
		}
		first := membership.NewDirectory(accounts, membership.DefaultKeys()).Match(people)
		owned := map[string]string{}
		for _, m := range first {
			if other, twice := owned[m.Account.ID]; twice && m.Reason == "" {
				t.Fatalf("%s and %s have the same account %s", other, m.Person.ID, m.Account.ID)
			}
			if m.Reason == "" {
				owned[m.Account.ID] = m.Person.ID
			}
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		r.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
		r.Shuffle(len(accounts), func(i, j int) { accounts[i], accounts[j] = accounts[j], accounts[i] })
		again := membership.NewDirectory(accounts, membership.DefaultKeys()).Match(people)
		byPerson := func(a, b membership.Match) int { return membership.ComparePeople(a.Person, b.Person) }
		slices.SortFunc(first, byPerson)
		slices.SortFunc(again, byPerson)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("another order, another match: -first +again\n%s", diff)
		}
	})
}

func TestParseKeys(t *testing.T) {
	for _, test := range []struct {
		names []string
		want  []membership.Key
		fails bool
	}{
		{names: []string{"userPrincipalName", "mail"}, want: membership.DefaultKeys()},
		{names: []string{"EMPLOYEEID"}, want: []membership.Key{membership.EmployeeID}},
		{names: []string{"objectId"}, want: []membership.Key{membership.ObjectID}},
		{names: nil, fails: true},
		{names: []string{"upn"}, fails: true},
		{names: []string{"mail", "Mail"}, fails: true},
	} {
		got, err := membership.ParseKeys(test.names)
		if (err != nil) != test.fails || (err == nil && !slices.Equal(got, test.want)) {
			t.Errorf("ParseKeys(%q) = %v, %v; want %v, fails %v", test.names, got, err, test.want, test.fails)
		}
	}
}

// All mistakes are reported at once.
func TestParseKeysNamesEachMistake(t *testing.T) {
	_, err := membership.ParseKeys([]string{"upn", "mail", "uid", "Mail"})
	want := `"upn", "uid": no key to match by; the keys are userPrincipalName, mail, employeeId and objectId; mail: named more than once`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
