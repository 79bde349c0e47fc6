package pipeline

import (
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/plan"
)

// NobodyError says that a release (Policy.Release) names a person whom this run neither removes nor keeps. It is an
// error, because such a release would have no effect without any message.
type NobodyError struct{ Group, Who string }

func (e *NobodyError) Error() string {
	return fmt.Sprintf("--release names %q, and nobody "+
		"whom this run would remove from group %q, or keeps there without a person in Entra, has that userName or id", e.Who, e.Group)
}

// checkReleases returns a NobodyError if a release names nobody. It adds a note to the group if a release changes
// nothing. It skips groups that could not be read, because their members are not known.
func (s Settings) checkReleases(groups []plan.Group) error {
	for i := range groups {
		g := &groups[i]
		if !g.WasCompared() {
			continue
		}
		for _, who := range s.Policy.Release[g.Name] {
			names := func(e plan.Entry) bool { return who.Matches(e.UserName) || who.Matches(e.ID) }
			if slices.ContainsFunc(g.Remove, names) {
				continue
			}
			j := slices.IndexFunc(g.Keep, func(k plan.Kept) bool { return names(k.Entry) })
			if j < 0 {
				return &NobodyError{g.Name, who.String()}
			}
			g.Notes = append(g.Notes, fmt.Sprintf("the release of %s changes nothing: they are kept (%s)", who, g.Keep[j].Reason))
		}
	}
	return nil
}
