package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Membership implements Printer.
func (t Text) Membership(f membership.File) error {
	var b strings.Builder
	whole := 0
	for _, g := range f.Groups {
		if g.Incomplete == nil {
			whole++
			fmt.Fprintf(&b, "%s: %s\n", Harmless(g.Name), members(len(g.Members)))
		}
	}
	b.WriteString(t.Unread(f))
	fmt.Fprintf(&b, "%d of %d groups read whole, %s\n", whole, len(f.Groups), persons(len(f.People)))
	_, err := io.WriteString(t.W, b.String())
	return err
}

// Unread returns the lines that say which groups a fetch could not read completely, and why.
func (t Text) Unread(f membership.File) string {
	var outcomes []push.Outcome
	for _, g := range f.Groups {
		if r := g.Incomplete; r != nil {
			group := plan.Group{Name: g.Name, Genesys: g.Genesys}
			outcomes = append(outcomes, push.Outcome{Group: group, Status: push.Incomplete, Detail: r.Detail, Hint: r.Hint})
		}
	}
	var b strings.Builder
	p := newPage(outcomes, t.All)
	for _, s := range slices.Concat(p.groups, p.shared) {
		t.section(&b, s)
	}
	return b.String()
}

// Groups implements Printer: one line with id and name for each group, sorted by name.
func (t Text) Groups(l Listing) error {
	var b strings.Builder
	for _, g := range sortedNames(l.Groups) {
		fmt.Fprintf(&b, "%s  %s\n", Harmless(g.ID), Harmless(g.Name))
	}
	_, err := io.WriteString(t.W, b.String())
	return err
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
