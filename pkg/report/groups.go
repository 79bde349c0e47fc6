package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
)

// GroupName is one group of a listing.
type GroupName struct {
	ID   string `json:"id"`
	Name string `json:"displayName"`
}

// Groups writes a listing: an id and a name a line, sorted by name.
func (t Text) Groups(groups []GroupName) error {
	var b strings.Builder
	for _, g := range sortedNames(groups) {
		fmt.Fprintf(&b, "%s  %s\n", Harmless(g.ID), Harmless(g.Name))
	}
	_, err := io.WriteString(t.W, b.String())
	return err
}

// WriteGroups writes a listing as JSON; side is entra or genesys.
func WriteGroups(w io.Writer, side string, groups []GroupName) error {
	return jsonfile.Write(w, struct {
		Format int         `json:"format"`
		Kind   string      `json:"kind"`
		Side   string      `json:"side"`
		Groups []GroupName `json:"groups"`
	}{Format, "groups", side, sortedNames(groups)})
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
