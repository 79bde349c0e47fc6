package plan_test

import (
	"slices"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// Each row is one unusual case: who is in Entra, who is in the group, which accounts exist, what Entra answers about a
// name, and what is planned.
func TestOddPeople(t *testing.T) {
	person := func(id, upn, mail, number string) *membership.Person {
		return &membership.Person{ID: id, UserPrincipalName: upn, Mail: mail, EmployeeID: number}
	}
	account := func(id, userName, number string) membership.Account {
		return membership.Account{ID: "id-" + id, UserName: userName, EmployeeNumber: number, Active: true}
	}
	byNumber := []membership.Key{membership.UserPrincipalName, membership.EmployeeID}
	for _, test := range []struct {
		name     string
		rule     plan.Rule
		keys     []membership.Key
		people   []*membership.Person
		members  string
		accounts []membership.Account
		known    map[string][]string
		want     string
	}{
		{name: "a rehire with the old address is the account of before", people: []*membership.Person{person("new", "ann@x", "", "")},
			members: "", accounts: []membership.Account{account("ann", "ann@x", "")}, want: "+ann"},
		{name: "a rehire with the old address, seen by his number: nobody's account is handed on", keys: byNumber,
			people: []*membership.Person{person("new", "ann@x", "", "2")}, accounts: []membership.Account{account("ann", "ann@x", "1"), account("two", "two@x", "2")},
			members: "ann", want: "=ann(contested) ?ann(ambiguous)"},
		{name: "swapped addresses go unseen by name", people: []*membership.Person{person("1", "bob@x", "", "1")}, members: "ann",
			accounts: []membership.Account{account("ann", "ann@x", "1"), account("bob", "bob@x", "2")}, want: "+bob -ann"},
		{name: "swapped addresses show by number", keys: byNumber, people: []*membership.Person{person("1", "bob@x", "", "1")}, members: "ann",
			accounts: []membership.Account{account("ann", "ann@x", "1"), account("bob", "bob@x", "2")}, want: "=ann(contested) ?bob(ambiguous)"},
		{name: "an admin account with another person's mail, and an account of its own: neither is added",
			people:  []*membership.Person{person("a", "adm@x", "ann@x", "")},
			members: "", accounts: []membership.Account{account("ann", "ann@x", ""), account("adm", "adm@x", "")}, want: "?adm(ambiguous)"},
		{name: "an admin account with another person's mail, and that person: she has the account",
			people:  []*membership.Person{person("a", "adm@x", "ann@x", ""), person("b", "ann@x", "", "")},
			members: "", accounts: []membership.Account{account("ann", "ann@x", "")}, want: "+ann ?adm(shared)"},
		{name: "a guest is found by his mail", people: []*membership.Person{person("g", "ann_x#EXT#@t.onmicrosoft.com", "ann@x", "")},
			members: "ann", accounts: []membership.Account{account("ann", "ann@x", "")}, want: ""},
		{name: "somebody both excluded and protected stays", rule: plan.Rule{Protect: pattern(t, "ann@x")}, people: []*membership.Person{person("b", "bob@x", "", "")},
			members: "ann bob", accounts: accounts("ann bob"), want: "=ann(protected)"},
		{name: "add-only with a rename: he stays, and is not added twice", rule: plan.Rule{Mode: plan.AddOnly}, people: []*membership.Person{person("p", "new@x", "", "")},
			members: "old", accounts: accounts("old"), known: map[string][]string{"old@x": {"p"}}, want: "=old(add-only) ?new(none)"},
		{name: "renamed, and ambiguous under the new name: they stay", people: []*membership.Person{person("a", "adm@x", "ann@x", "")},
			members: "old", accounts: []membership.Account{account("ann", "ann@x", ""), account("adm", "adm@x", ""), account("old", "old@x", "")},
			known: map[string][]string{"old@x": {"a"}}, want: "=old(renamed) ?adm(ambiguous)"},
		{name: "renamed, and the new name is another person's account already: both are told apart",
			people:  []*membership.Person{person("p", "bob@x", "", ""), person("q", "carl@x", "", "")},
			members: "ann", accounts: accounts("ann bob"), known: map[string][]string{"ann@x": {"q"}}, want: "+bob =ann(renamed) ?carl(none)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, keys := policy(), test.keys
			if keys == nil {
				keys = membership.DefaultKeys()
			}
			g := plan.Compare(test.rule, p, test.people, group(test.members), membership.NewDirectory(test.accounts, keys))
			plan.Ask(&g, p, test.known, nil)
			if got := short(g); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

// The accounts of an ambiguous person are listed with their ids and states.
func TestTheAccountsOfSomebodyAmbiguous(t *testing.T) {
	accounts := []membership.Account{{ID: "1", UserName: "a@x"}, {ID: "2", UserName: "b@x", Active: true}}
	p := membership.Person{ID: "p", UserPrincipalName: "a@x", Mail: "b@x"}
	dir := membership.NewDirectory(accounts, membership.DefaultKeys())
	g := plan.Compare(plan.Rule{}, policy(), []*membership.Person{&p}, group(""), dir)
	want := []plan.Found{{ID: "1", UserName: "a@x"}, {ID: "2", UserName: "b@x", Active: true}}
	if len(g.Unresolved) != 1 || !slices.Equal(g.Unresolved[0].Found, want) {
		t.Errorf("%+v, want %+v", g.Unresolved, want)
	}
}
