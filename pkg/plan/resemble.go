package plan

import (
	"slices"
	"strings"
	"unicode"

	"github.com/callroll/callroll/pkg/membership"
)

// Resemblance is a person without an account who may be the owner of a held member's account. It is shown to an admin, who
// decides. No other decision may depend on it.
type Resemblance struct {
	UserPrincipalName string `json:"userPrincipalName"`
	By                string `json:"by"` // what is the same, as a report says it
}

// maxResemblances is how many people are named for one member.
const maxResemblances = 3

// Resemble sets MayBe of each held member to the people who have no account and resemble the member. people are all who
// should be members.
func Resemble(g *Group, people []*membership.Person, dir *membership.Directory) {
	if g.Held() == 0 {
		return
	}
	unresolved := map[string]bool{}
	for _, u := range g.Unresolved {
		unresolved[u.ID] = u.Reason != Inactive && u.OtherPerson == ""
	}
	people = slices.DeleteFunc(slices.Clone(people), func(p *membership.Person) bool { return !unresolved[p.ID] })
	slices.SortFunc(people, membership.ComparePeople)
	for i, k := range g.Keep {
		if account, _ := dir.Account(k.ID); k.Reason == KeptHeld {
			g.Keep[i].MayBe = mostSimilar(account, people)
		}
	}
}

// mostSimilar returns the people that an account resembles most.
func mostSimilar(account membership.Account, people []*membership.Person) []Resemblance {
	rules := resemblanceRules()
	byRank, last := make([][]Resemblance, len(rules)), len(rules)-1
	for _, p := range people {
		if rank := slices.IndexFunc(rules, func(r resemblanceRule) bool { return r.is(account, *p) }); rank >= 0 {
			byRank[rank] = append(byRank[rank], Resemblance{p.UserPrincipalName, rules[rank].by})
		}
	}
	similar := slices.Concat(byRank[:last]...)
	if len(similar) == 0 { // a part of the name counts only if there is no better resemblance
		similar = byRank[last]
	}
	return similar[:min(len(similar), maxResemblances)]
}

// resemblanceRule is one way to compare an account with a person.
type resemblanceRule struct {
	by string
	is func(membership.Account, membership.Person) bool
}

// partOfName is the weakest resemblance.
const partOfName = "part of the name"

// resemblanceRules returns the rules, the strongest first.
func resemblanceRules() []resemblanceRule {
	return []resemblanceRule{
		{"same employee id", func(a membership.Account, p membership.Person) bool {
			return a.EmployeeNumber != "" && membership.SameName(a.EmployeeNumber, p.EmployeeID)
		}},
		{"same name before the @", func(a membership.Account, p membership.Person) bool {
			local := localPart(a.UserName)
			return local != "" && (local == localPart(p.UserPrincipalName) || local == localPart(p.Mail))
		}},
		{"same display name", func(a membership.Account, p membership.Person) bool {
			name := strings.Join(strings.Fields(a.DisplayName), " ")
			return name != "" && strings.EqualFold(name, strings.Join(strings.Fields(p.DisplayName), " "))
		}},
		{partOfName, func(a membership.Account, p membership.Person) bool {
			theirs := nameWords(localPart(p.UserPrincipalName), localPart(p.Mail), p.DisplayName)
			ours := nameWords(localPart(a.UserName), a.DisplayName)
			return slices.ContainsFunc(ours, func(word string) bool { return slices.Contains(theirs, word) })
		}},
	}
}

// localPart returns the part of a name before the @, folded.
func localPart(name string) string {
	local, _, _ := strings.Cut(membership.Fold(name), "@")
	return local
}

// nameWords returns the words of names that have at least three letters.
func nameWords(names ...string) []string {
	words := strings.FieldsFunc(strings.ToLower(strings.Join(names, " ")), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.DeleteFunc(words, func(word string) bool { return len(word) < 3 })
}
