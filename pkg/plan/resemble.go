package plan

import (
	"slices"
	"strings"
	"unicode"

	"github.com/callroll/callroll/pkg/membership"
)

// Resemblance is a person without an account who may be meant by a member whom nobody knows. It is shown to a person, who
// decides; nothing else may read it.
type Resemblance struct {
	UserPrincipalName string `json:"userPrincipalName"`
	By                string `json:"by"` // what is the same, as a report says it
}

// mostAlike is how many people are named who may be meant.
const mostAlike = 3

// Resemble names for each member who is held whom they may be, of those people who find no account of their own. people are all who
// should belong.
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
			g.Keep[i].MayBe = alike(account, people)
		}
	}
}

// alike returns the people whom an account resembles most.
func alike(account membership.Account, people []*membership.Person) []Resemblance {
	byRank := make([][]Resemblance, len(resemblances()))
	for _, p := range people {
		for rank, one := range resemblances() {
			if one.is(account, *p) {
				byRank[rank] = append(byRank[rank], Resemblance{p.UserPrincipalName, one.by})
				break
			}
		}
	}
	alike := slices.Concat(byRank...)
	if len(alike) > len(byRank[len(byRank)-1]) { // a part of a name says nothing where more is the same
		alike = alike[:len(alike)-len(byRank[len(byRank)-1])]
	}
	return alike[:min(len(alike), mostAlike)]
}

// resemblance is one way to be alike.
type resemblance struct {
	by string
	is func(membership.Account, membership.Person) bool
}

// resemblances are the ways to be alike, the strongest first.
func resemblances() []resemblance {
	return []resemblance{
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
		{"part of the name", func(a membership.Account, p membership.Person) bool {
			theirs := nameWords(localPart(p.UserPrincipalName), localPart(p.Mail), p.DisplayName)
			ours := nameWords(localPart(a.UserName), a.DisplayName)
			return slices.ContainsFunc(ours, func(word string) bool { return slices.Contains(theirs, word) })
		}},
	}
}

// localPart is what stands before the @ of a name, folded.
func localPart(name string) string {
	local, _, _ := strings.Cut(membership.Fold(name), "@")
	return local
}

// nameWords are the words of names, of three letters or more.
func nameWords(names ...string) []string {
	words := strings.FieldsFunc(strings.ToLower(strings.Join(names, " ")), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.DeleteFunc(words, func(word string) bool { return len(word) < 3 })
}
