package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Membership implements Printer.
func (t Text) Membership(f membership.File) error { return t.page(membershipPage(f, t.All)) }

// membershipPage returns the page about a membership file: how many people belong to each group, with all also who they are,
// and which groups could not be read.
func membershipPage(f membership.File, all bool) page {
	people := map[string]person{}
	if all {
		for _, p := range f.People {
			people[p.ID] = person{id: p.ID, who: p.UserPrincipalName, name: p.DisplayName}
		}
	}
	var whole []section
	for _, g := range f.Groups {
		if g.Incomplete != nil {
			continue
		}
		s := section{title: g.Name, head: members(len(g.Members))}
		if all {
			belongs := kind{people: list.Map(g.Members, func(id string) person { return people[id] })}
			slices.SortFunc(belongs.people, func(a, b person) int {
				return cmp.Compare(membership.Fold(a.who), membership.Fold(b.who))
			})
			s.kinds = append(s.kinds, belongs)
		}
		whole = append(whole, s)
	}
	p := newPage(unread(f), all)
	p.groups = append(whole, p.groups...)
	p.total = fmt.Sprintf("%d of %d groups read whole, %s", len(whole), len(f.Groups), persons(len(f.People)))
	return p
}

// Unread returns the lines that say which groups a fetch could not read completely, and why.
func (t Text) Unread(f membership.File) string {
	var b strings.Builder
	p := newPage(unread(f), t.All)
	for _, s := range slices.Concat(p.groups, p.shared) {
		t.section(&b, s)
	}
	return b.String()
}

// unread returns an outcome for each group that could not be read completely.
func unread(f membership.File) []push.Outcome {
	var outcomes []push.Outcome
	for _, g := range f.Groups {
		if r := g.Incomplete; r != nil {
			group := plan.Group{Name: g.Name, Genesys: g.Genesys}
			outcomes = append(outcomes, push.Outcome{Group: group, Status: push.Incomplete, Detail: r.Detail, Hint: r.Hint})
		}
	}
	return outcomes
}

// Groups implements Printer: a line with the names of the columns, and one line for each group, sorted by name. A terminal that is
// too narrow gets two lines for each group, of which the first one has its name. Without groups it prints nothing.
func (t Text) Groups(l Listing) error {
	header, rows := listingTable(l)
	if len(rows) == 0 {
		return nil
	}
	text, wide := table(append([][]string{header}, rows...))
	if t.tooNarrow(wide) {
		text = t.narrowGroups(l)
	}
	_, err := io.WriteString(t.W, text)
	return err
}

// narrowGroups returns two lines for each group.
func (t Text) narrowGroups(l Listing) string {
	var b strings.Builder
	for _, g := range sortedNames(l.Groups) {
		first := cmp.Or(g.Name, "(no name)")
		if len(g.Mappings) > 0 {
			first += "  mapping: " + strings.Join(g.Mappings, ", ")
		}
		t.lines(&b, Harmless(first), "    ", nil)
		t.lines(&b, Harmless("  "+g.ID+"  "+g.kind()+"  "+g.membersText()), "    ", nil)
	}
	return b.String()
}

// listingTable returns the columns of a listing and a row for each group.
func listingTable(l Listing) (header []string, rows [][]string) {
	header = []string{"id", "kind", "members", "name"}
	if l.Mapped {
		header = append(header, "mapping")
	}
	for _, g := range sortedNames(l.Groups) {
		row := []string{g.ID, g.kind(), g.members(), g.Name}
		if l.Mapped {
			row = append(row, strings.Join(g.Mappings, ", "))
		}
		rows = append(rows, harmlessAll(row))
	}
	return header, rows
}

// kind returns what the kind of a group is made of, or a question mark if it is not known.
func (g GroupName) kind() string { return cmp.Or(strings.Join(g.Kinds, ", "), "?") }

// membersText is members with the word, where that makes sense.
func (g GroupName) membersText() string {
	switch number := g.members(); {
	case number == "1":
		return members(1)
	case strings.Contains(number, " "):
		return number
	default:
		return number + " members"
	}
}

// members returns the number of members for people, or a question mark if it is not known.
func (g GroupName) members() string {
	switch {
	case g.Members != nil:
		return strconv.Itoa(*g.Members)
	case g.MembersOutsideSCIM != nil && *g.MembersOutsideSCIM == 0: // nobody, whoever is asked
		return "0"
	case g.MembersOutsideSCIM != nil:
		return strconv.Itoa(*g.MembersOutsideSCIM) + " outside SCIM"
	}
	return "?"
}

// Groups implements Printer.
func (j JSON) Groups(l Listing) error {
	return jsonfile.Write(j.W, struct {
		Format int         `json:"format"`
		Kind   string      `json:"kind"`
		Side   string      `json:"side"`
		Groups []GroupName `json:"groups"`
	}{Format, "groups", l.Side, sortedNames(l.Groups)})
}

func sortedNames(groups []GroupName) []GroupName {
	out := append([]GroupName{}, groups...)
	slices.SortFunc(out, func(a, b GroupName) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.ID, b.ID))
	})
	return out
}
