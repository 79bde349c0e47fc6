package plan

import "strings"

const undoneNote = "somebody, or another program, keeps undoing what callroll does with "

// UndoneNote returns the note that somebody else undoes each change to these people.
func UndoneNote(userNames []string) string { return undoneNote + strings.Join(userNames, ", ") }

// IsUndoneNote says whether a note was made by [UndoneNote].
func IsUndoneNote(note string) bool { return strings.HasPrefix(note, undoneNote) }

// HintRefusals gives the hint to the first refusal, unless one of the refusals has a hint already.
func (g *Group) HintRefusals(hint string) {
	for _, r := range g.Refusals {
		if r.Hint != "" {
			return
		}
	}
	if len(g.Refusals) > 0 {
		g.Refusals[0].Hint = hint
	}
}
