package plan

import (
	"cmp"
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

// likes is what is known of the people of a group who find no account, for who may be one of them.
type likes struct {
	people []*membership.Person // sorted by userPrincipalName
	dir    *membership.Directory
}

// like keeps the people without an account, where somebody would be removed.
func (c *comparison) like(matches []membership.Match) {
	if len(c.group.Remove) == 0 {
		return
	}
	l := likes{dir: c.dir}
	for _, m := range matches {
		if m.Reason != "" {
			l.people = append(l.people, m.Person)
		}
	}
	slices.SortFunc(l.people, func(a, b *membership.Person) int {
		byName := strings.Compare(membership.Fold(a.UserPrincipalName), membership.Fold(b.UserPrincipalName))
		return cmp.Or(byName, strings.Compare(a.ID, b.ID))
	})
	c.group.likes = &l
}

// resemble says of a member who is held whom they resemble.
func (g *Group) resemble(id string) {
	i := slices.IndexFunc(g.Keep, func(k Kept) bool { return k.ID == id })
	if g.likes == nil || i < 0 {
		return
	}
	account, _ := g.likes.dir.Account(id)
	byRank := make([][]Resemblance, len(resemblances()))
	for _, p := range g.likes.people {
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
	g.Keep[i].MayBe = alike[:min(len(alike), mostAlike)]
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
