package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
)

// Groups implements Printer: an id and a name a line, sorted by name.
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
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out
}
