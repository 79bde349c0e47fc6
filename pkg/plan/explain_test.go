package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

func TestPlaceOf(t *testing.T) {
	group := plan.Group{
		Name: "Sales", State: plan.Changes, Members: []string{"kept", "new", "other", "stays"},
		Add:    []plan.Entry{{ID: "new"}, {ID: "other", PersonID: "p-other"}},
		Remove: []plan.Entry{{ID: "leaver"}},
		Keep:   []plan.Kept{{Entry: plan.Entry{ID: "kept"}, Reason: plan.KeptProtected}},
		Unresolved: []plan.Unresolved{
			{ID: "p-lost", Reason: string(membership.NoAccount)}, {ID: "p-contested", Reason: string(membership.Shared)},
		},
	}
	unread := plan.Group{Name: "Sales", State: plan.Unreadable, Incomplete: &membership.Reason{Detail: "no answer"}}
	for _, test := range []struct {
		name     string
		group    plan.Group
		person   string
		accounts []string
		want     plan.Place
	}{
		{"to be added", group, "p-new", []string{"new"}, plan.Place{Decision: plan.Adds}},
		{"to be added by another name", group, "p-other", nil, plan.Place{Decision: plan.Adds}},
		{"to be removed", group, "", []string{"leaver"}, plan.Place{Decision: plan.Removes, Member: true}},
		{"protected", group, "", []string{"kept"}, plan.Place{Decision: plan.Keeps, Reason: "protected", Member: true}},
		{"a member", group, "p", []string{"stays"}, plan.Place{Decision: plan.Stays, Member: true}},
		{"without an account", group, "p-lost", nil, plan.Place{Decision: plan.Unresolves, Reason: "none"}},
		{"a shared account that is kept", group, "p-contested", []string{"kept"},
			plan.Place{Decision: plan.Keeps, Reason: "protected", Member: true}},
		{"somebody else", group, "p", []string{"x"}, plan.Place{Decision: plan.Nothing}},
		{"an account without a person is nobody's", group, "", []string{"x"}, plan.Place{Decision: plan.Nothing}},
		{"a group that was not read", unread, "p", []string{"stays"}, plan.Place{Decision: plan.Untold, Detail: "no answer"}},
	} {
		test.want.Group, test.want.State, test.want.Sources = "Sales", test.group.State, []plan.Source{}
		if diff := cmp.Diff(test.want, plan.PlaceOf(test.group, test.person, test.accounts)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

func TestNear(t *testing.T) {
	accounts := []membership.Account{
		{ID: "1", UserName: "ada@contoso.pt", DisplayName: "X Y"}, {ID: "2", UserName: " ada@contoso .com\u200b", DisplayName: "X"},
		{ID: "3", UserName: "lovelace@x.org", DisplayName: "Ada  Lovelace"}, {ID: "4", UserName: "lovelace2@x.org", DisplayName: "Ada Byron"},
		{ID: "5", UserName: "bob@contoso.com", DisplayName: "Bob"},
	}
	names := func(p membership.Person) (out []string) {
		for _, near := range plan.Near(&p, accounts) {
			out = append(out, near.ID+": "+near.By)
		}
		return out
	}
	for _, test := range []struct {
		person membership.Person
		want   []string
	}{
		{membership.Person{UserPrincipalName: "ada@contoso.com", DisplayName: "Ada Lovelace"},
			[]string{"2: same name but for white space", "1: same name before the @", "3: same display name"}},
		{membership.Person{UserPrincipalName: "a.byron@contoso.com", DisplayName: "A. Byron"}, []string{"4: part of the name"}},
		{membership.Person{UserPrincipalName: "zoe@contoso.com", DisplayName: "Zoe"}, nil},
	} {
		if diff := cmp.Diff(test.want, names(test.person)); diff != "" {
			t.Errorf("%s: %s", test.person.UserPrincipalName, diff)
		}
	}
}
