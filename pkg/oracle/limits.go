package oracle

import "fmt"

// A Change is the effect of one write on the members of a group.
type Change struct {
	Mapping     string
	Found       int // members before
	Add, Remove []string
}

// left returns how many of the former members are kept.
func (c Change) left() int { return c.Found - len(c.Remove) }

// ForbidsSize says which limit of a group a change exceeds. It is empty if the change is within all limits.
func (c Config) ForbidsSize(m Mapping, change Change, f Flags) string {
	if reason := c.forbidsRemovals(m, change, f); reason != "" {
		return reason
	}
	n, most := len(change.Add), c.Add.Most(change.Found)
	if change.Found == 0 {
		most = c.AddEmpty
	}
	allowed, ok := f.AllowAdditions[m.Name]
	switch {
	case n == 0:
	case ok && n != allowed:
		return fmt.Sprintf("adds %d, and exactly %d were allowed", n, allowed)
	case !ok && n > most:
		return fmt.Sprintf("adds %d to %d members, and the limit is %d", n, change.Found, most)
	}
	return ""
}

func (c Config) forbidsRemovals(m Mapping, change Change, f Flags) string {
	n := len(change.Remove)
	allowed, ok := f.AllowRemovals[m.Name]
	switch {
	case n == 0:
	case ok && n != allowed:
		return fmt.Sprintf("removes %d of %d members, and exactly %d were allowed", n, change.Found, allowed)
	case ok:
	case change.left() == 0 && change.Found >= 2 && !m.AllowEmpty:
		return fmt.Sprintf("keeps nobody of %d members", change.Found)
	case n > c.Remove.Most(change.Found):
		return fmt.Sprintf("removes %d of %d members, and the limit is %d", n, change.Found, c.Remove.Most(change.Found))
	}
	return ""
}
