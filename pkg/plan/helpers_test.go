package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// accounts returns active accounts, one for each word. A word that ends in ! is inactive. The id of ann@x is id-ann.
func accounts(words string) []membership.Account {
	var out []membership.Account
	for _, word := range strings.Fields(words) {
		name, inactive := strings.CutSuffix(word, "!")
		out = append(out, membership.Account{ID: "id-" + name, UserName: name + "@x", Active: !inactive})
	}
	return out
}

// people returns people whose userPrincipalName is the userName of the account of the same word.
func people(words string) []*membership.Person {
	var out []*membership.Person
	for _, name := range strings.Fields(words) {
		out = append(out, &membership.Person{ID: "p-" + name, UserPrincipalName: name + "@x"})
	}
	return out
}

// group returns a group of users, one for each word. group:NAME is not a user.
func group(words string) membership.Group {
	g := membership.Group{ID: "g", DisplayName: "Sales", Version: `"7"`}
	for _, word := range strings.Fields(words) {
		name, other := strings.CutPrefix(word, "group:")
		g.Members = append(g.Members, "id-"+name)
		if other {
			g.NotUsers = append(g.NotUsers, "id-"+name)
		}
	}
	return g
}

// present returns the present readings of a group and of the accounts.
func present(members, all string) plan.Present {
	return plan.Present{Group: group(members), Accounts: membership.NewDirectory(accounts(all), membership.DefaultKeys())}
}

// many returns n words: a1 a2 …
func many(prefix string, n int) string {
	var words []string
	for i := range n {
		words = append(words, fmt.Sprintf("%s%d", prefix, i+1))
	}
	return strings.Join(words, " ")
}

func policy() plan.Policy {
	return plan.Policy{Limits: plan.DefaultLimits()}
}

// short formats the decisions of a plan: "+ann -bob =carl(protected) ?dora(none)".
func short(g plan.Group) string {
	var out []string
	trim := func(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, "id-"), "@x") }
	for _, e := range g.Add {
		out = append(out, "+"+trim(e.ID))
	}
	for _, e := range g.Remove {
		out = append(out, "-"+trim(e.ID))
	}
	for _, k := range g.Keep {
		out = append(out, fmt.Sprintf("=%s(%s)", trim(k.ID), k.Reason))
	}
	for _, u := range g.Unresolved {
		out = append(out, fmt.Sprintf("?%s(%s)", trim(u.UserPrincipalName), u.Reason))
	}
	return strings.Join(out, " ")
}

// rules returns the names of the rules that refuse a group.
func rules(g plan.Group) string {
	var out []string
	for _, r := range g.Refusals {
		out = append(out, string(r.Rule))
	}
	return strings.Join(out, ", ")
}

func pattern(t *testing.T, texts ...string) []plan.Pattern {
	t.Helper()
	var out []plan.Pattern
	for _, text := range texts {
		p, err := plan.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// compare plans one group, without limits.
func compare(rule plan.Rule, p plan.Policy, wanted, members, all string) plan.Group {
	return plan.Compare(rule, p, people(wanted), group(members), membership.NewDirectory(accounts(all), membership.DefaultKeys()))
}

func sortedWords(s string) []string {
	words := strings.Fields(s)
	slices.Sort(words)
	return words
}
