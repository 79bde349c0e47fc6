package report

import (
	"strings"
	"unicode/utf8"

	"github.com/fatih/color"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

func keepText(r plan.KeepReason) string {
	switch r {
	case plan.KeptNotUser:
		return "not a user, so not ours to remove"
	case plan.KeptUnseen:
		return "in no listing of users: deleted, or of a division that the client does not see"
	case plan.KeptInactive:
		return "in Entra, and the account is inactive"
	case plan.KeptContested:
		return "somebody without an account of his own points at it"
	case plan.KeptAddOnly:
		return "not in Entra, and the mode is add-only"
	case plan.KeptNoRemovals:
		return "not in Entra, and this run removes nobody"
	}
	return string(r)
}

func unresolvedText(u plan.Unresolved) string {
	accounts := strings.Join(u.Accounts, " and ")
	switch u.Reason {
	case string(membership.NoAccount):
		return "no account in Genesys"
	case string(membership.Ambiguous):
		return "ambiguous: finds " + accounts
	case string(membership.Shared):
		return "finds " + accounts + ", which somebody else finds too"
	case plan.Inactive:
		return "the account is inactive"
	}
	return u.Reason
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

// nameWidth is how wide the column of names is: as wide as the longest, within reason.
func nameWidth(g plan.Group) int {
	width := 0
	widen := func(s string) { width = max(width, min(48, utf8.RuneCountInString(Harmless(s)))) }
	for _, e := range g.Add {
		widen(e.UserName)
	}
	for _, e := range g.Remove {
		widen(e.UserName)
	}
	for _, k := range g.Keep {
		widen(name(k.Entry))
	}
	for _, u := range g.Unresolved {
		widen(u.UserPrincipalName)
	}
	return width
}

// paint gives a group's name the colour of how it stands: red needs somebody, yellow another run.
func (t Text) paint(s push.Status) func(string) string {
	switch s {
	case push.Done, push.Already, push.InStep:
		return t.colour(color.FgGreen)
	case push.ToDo, push.Paused:
		return t.colour(color.Bold)
	case push.Stale, push.Conflict, push.Unavailable, push.NotStarted:
		return t.colour(color.FgYellow)
	}
	return t.colour(color.FgRed)
}

// colour returns a function that colours a text, or leaves it alone.
func (t Text) colour(a color.Attribute) func(string) string {
	if !t.Color {
		return func(s string) string { return s }
	}
	c := color.New(a)
	c.EnableColor()
	return func(s string) string { return c.Sprint(s) }
}
