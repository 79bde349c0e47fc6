package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// kind is one kind of lines below a group.
type kind struct {
	sign   string
	colour color.Attribute
	most   int // how many lines are written, unless all are asked for
	lines  []line
}

// line is one person: who, and what there is to say.
type line struct{ who, text string }

// people writes the lines below a group.
func (t Text) people(b *strings.Builder, o push.Outcome) {
	kinds := t.kinds(o)
	width := 0
	for _, k := range kinds {
		for _, l := range k.lines {
			width = max(width, min(48, utf8.RuneCountInString(Harmless(l.who))))
		}
	}
	for _, k := range kinds {
		most := k.most
		if t.All {
			most = len(k.lines)
		}
		for _, l := range k.lines[:min(most, len(k.lines))] {
			text := fmt.Sprintf("%s %-*s  %s", k.sign, width, Harmless(l.who), Harmless(strings.TrimSpace(l.text)))
			fmt.Fprintf(b, "  %s\n", t.colour(k.colour)(strings.TrimRight(text, " ")))
		}
		if n := len(k.lines) - most; n > 0 {
			fmt.Fprintf(b, "  %s and %d more; -v lists all\n", k.sign, n)
		}
	}
}

// kinds says which lines a group has. Where nothing came of a change there are none, because they would read as if
// something had; of a group in step there are only those who are not as one might think, and only if all are asked for.
func (t Text) kinds(o push.Outcome) []kind {
	g := o.Group
	changes := func(most int) []kind {
		return []kind{
			{"+", color.FgGreen, most, lines(g.Add, func(e plan.Entry) line { return line{e.UserName, addition(e)} })},
			{"-", color.FgRed, most, lines(g.Remove, func(e plan.Entry) line { return line{name(e), e.DisplayName} })},
		}
	}
	others := []kind{
		{"=", color.FgCyan, few, lines(g.Keep, func(k plan.Kept) line {
			return line{name(k.Entry), k.DisplayName + " (kept: " + keptText(k) + ")"}
		})},
		{"?", color.FgYellow, few, lines(g.Unresolved, func(u plan.Unresolved) line {
			return line{u.UserPrincipalName, u.DisplayName + " (" + unresolvedText(u) + ")"}
		})},
	}
	switch {
	case o.Status == push.ToDo || o.Status == push.Done:
		return append(changes(max(len(g.Add), len(g.Remove))), others...)
	case o.Status == push.Refused:
		return append(changes(few), others...)
	case t.All && (o.Status == push.InStep || o.Status == push.Already):
		return others
	}
	return nil
}

func lines[T any](people []T, describe func(T) line) []line {
	out := make([]line, 0, len(people))
	for _, p := range people {
		out = append(out, describe(p))
	}
	return out
}

// addition says who is added, and for whom the account was found if that is not plain.
func addition(e plan.Entry) string {
	if e.Person == "" {
		return e.DisplayName
	}
	return strings.TrimSpace(e.DisplayName + " (for " + e.Person + ")")
}

// name falls back on the id of a member of whom nothing else is known.
func name(e plan.Entry) string {
	if e.UserName == "" {
		return e.ID
	}
	return e.UserName
}
