package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// keptText says in spite of what somebody stays, and what to mend where that is known.
func keptText(k plan.Kept) string {
	if k.Reason == plan.KeptRenamed {
		return "renamed: is " + k.Person + " now; give the Genesys account that userName"
	}
	return keepText(k.Reason)
}

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
	case plan.KeptHeld:
		return "nobody in Entra has this name, while people of this group have no account in Genesys"
	}
	return string(r)
}

func unresolvedText(u plan.Unresolved) string {
	accounts := strings.Join(u.Accounts, " and ")
	switch {
	case u.LookAlike != "":
		return "no account in Genesys; " + u.LookAlike + " looks the same and is spelled with other characters: " + unusual(u.LookAlike+u.UserPrincipalName)
	case u.OtherPerson != "":
		return "ambiguous: finds " + accounts + ", which is the userPrincipalName of another person (" + u.OtherPerson + ")"
	}
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

// unusual names the characters of a text that are not ASCII, each once.
func unusual(text string) string {
	var codes []string
	for _, r := range text {
		if code := fmt.Sprintf("U+%04X", r); r >= 0x80 && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return strings.Join(codes, " ")
}

// paint gives a group's name the colour of how it stands: red needs somebody, yellow another run.
func (t Text) paint(s push.Status) func(string) string {
	switch s {
	case push.Done, push.Already, push.InStep:
		return t.colour(color.FgGreen)
	case push.ToDo, push.Paused:
		return t.colour(color.Bold)
	case push.Stale, push.Conflict, push.NotApplied, push.Unavailable, push.NotStarted:
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
