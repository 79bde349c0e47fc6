package plan

import "strings"

const undoneNote = "somebody, or another program, keeps undoing what callroll does with "

// UndoneNote names people of whom each change is taken back by others.
func UndoneNote(userNames []string) string { return undoneNote + strings.Join(userNames, ", ") }

// IsUndoneNote says whether a note is an UndoneNote.
func IsUndoneNote(note string) bool { return strings.HasPrefix(note, undoneNote) }

// HintRefusals gives a hint to the first refusal if none of them has one.
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
