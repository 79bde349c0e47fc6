package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// alike plans a group with one held member, and with people who have no account.
func alike(t *testing.T, member membership.Account, people ...*membership.Person) plan.Group {
	t.Helper()
	p := policy()
	stays := membership.Account{ID: "id-stays", UserName: "stays@x", Active: true}
	member.ID, member.Active = "id-held", true
	dir := membership.NewDirectory([]membership.Account{member, stays}, []membership.Key{membership.UserPrincipalName})
	people = append(people, &membership.Person{ID: "p-stays", UserPrincipalName: "stays@x"})
	current := membership.Group{ID: "g", DisplayName: "a", Version: `"1"`, Members: []string{"id-held", "id-stays"}}
	g := plan.Compare(plan.Rule{Name: "a", Genesys: "g"}, p, people, current, dir)
	plan.Ask(&g, p, nil, nil)
	plan.Resemble(&g, people, dir)
	if g.Held() != 1 || len(g.Add)+len(g.Remove) != 0 {
		t.Fatalf("held %d, +%d -%d; want one who is held, and no change", g.Held(), len(g.Add), len(g.Remove))
	}
	return g
}

// The strongest resemblances come first, at most three are named, and a part of the name counts only if there is no better
// one.
func TestWhoMayBeMeant(t *testing.T) {
	person := func(id, upn, mail, name, number string) *membership.Person {
		return &membership.Person{ID: id, UserPrincipalName: upn, Mail: mail, DisplayName: name, EmployeeID: number}
	}
	for name, test := range map[string]struct {
		member membership.Account
		people []*membership.Person
		want   []plan.Resemblance
	}{
		"nobody": {membership.Account{UserName: "ann.lee@x", DisplayName: "Ann Lee"}, []*membership.Person{person("1", "bob@x", "", "Bob Ray", "7")}, nil},
		"the employee id before all else": {
			membership.Account{UserName: "ann.lee@x", DisplayName: "Ann Lee", EmployeeNumber: "7"},
			[]*membership.Person{person("1", "ann.lee@y", "", "", ""), person("2", "zoe@x", "", "Zoe", "7")},
			[]plan.Resemblance{{UserPrincipalName: "zoe@x", By: "same employee id"}, {UserPrincipalName: "ann.lee@y", By: "same name before the @"}},
		},
		"another domain, in the mail as well": {
			membership.Account{UserName: "Ann.Lee@x"}, []*membership.Person{person("1", "al@y", "ann.lee@y", "", "")},
			[]plan.Resemblance{{UserPrincipalName: "al@y", By: "same name before the @"}},
		},
		"the display name": {
			membership.Account{UserName: "a1@x", DisplayName: "Ann  Lee"}, []*membership.Person{person("1", "b2@x", "", "ann lee", ""), person("2", "ann@x", "", "Ann Ray", "")},
			[]plan.Resemblance{{UserPrincipalName: "b2@x", By: "same display name"}},
		},
		"married": {
			membership.Account{UserName: "ann.lee@x", DisplayName: "Ann Lee"}, []*membership.Person{person("1", "ann.ray@x", "", "Ann Ray", ""), person("2", "bob@x", "", "Bob", "")},
			[]plan.Resemblance{{UserPrincipalName: "ann.ray@x", By: "part of the name"}},
		},
		"many": {
			membership.Account{UserName: "ann.lee@x"},
			[]*membership.Person{person("1", "ann.d@x", "", "", ""), person("2", "ann.c@x", "", "", ""), person("3", "ann.b@x", "", "", ""), person("4", "ann.a@x", "", "", "")},
			[]plan.Resemblance{{UserPrincipalName: "ann.a@x", By: "part of the name"}, {UserPrincipalName: "ann.b@x", By: "part of the name"}, {UserPrincipalName: "ann.c@x", By: "part of the name"}},
		},
		"empty names are not the same": {membership.Account{UserName: "@x"}, []*membership.Person{person("1", "@y", "", "", "")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			g := alike(t, test.member, test.people...)
			for _, k := range g.Keep {
				if diff := cmp.Diff(test.want, k.MayBe); k.Reason == plan.KeptHeld && diff != "" && len(test.want)+len(k.MayBe) > 0 {
					t.Errorf("-want +got\n%s", diff)
				}
			}
		})
	}
}

// A resemblance is information for an admin. It changes no decision.
func TestAResemblanceDecidesNothing(t *testing.T) {
	like := &membership.Person{ID: "1", UserPrincipalName: "ann.lee@y", DisplayName: "Ann Lee", EmployeeID: "7"}
	unlike := &membership.Person{ID: "1", UserPrincipalName: "zzz@y"}
	member := membership.Account{UserName: "ann.lee@x", DisplayName: "Ann Lee", EmployeeNumber: "7"}
	one, other := alike(t, member, like), alike(t, member, unlike)
	for _, g := range []plan.Group{one, other} {
		groups := []plan.Group{g}
		plan.Judge(groups, nil, policy())
		if groups[0].Held() != 1 || groups[0].State != plan.InStep {
			t.Errorf("%s: %s", groups[0].State, short(groups[0]))
		}
	}
	if diff := cmp.Diff(one.Members, other.Members); diff != "" || one.Key != other.Key {
		t.Errorf("the members to be differ\n%s", diff)
	}
}
