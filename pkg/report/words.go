package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// head describes the state of a group. A group without changes in which people are held is not in step, because somebody
// has to decide.
func head(o push.Outcome, all bool) string {
	g := o.Group
	switch o.Status {
	case push.ToDo:
		changes := counts(count{len(g.Add), "to add"}, count{len(g.Remove), "to remove"})
		return fmt.Sprintf("%s, %s afterwards", changes, members(len(g.Members)))
	case push.Done:
		changes := counts(count{len(g.Add), "added"}, count{len(g.Remove), "removed"})
		text := fmt.Sprintf("%s, %s now", changes, members(len(g.Members)))
		if o.Detail != "" { // Genesys accepted the change, and it was not read back
			text += ": " + bounded(o.Detail, all)
		}
		return text
	case push.Already:
		return fmt.Sprintf("already as wanted, %s%s", members(len(g.Members)), aside(g))
	case push.InStep:
		return fmt.Sprintf("%s, %s%s", standing(o), members(len(g.Members)), aside(g))
	case push.Paused:
		return string(standing(o))
	}
	return fmt.Sprintf("%s: %s", o.Status, bounded(detailOf(o), all))
}

// short is head in a few words, for reports with one line for each group.
func short(o push.Outcome) string {
	switch o.Status {
	case push.ToDo, push.Done, push.Already, push.InStep, push.Paused:
		return head(o, false)
	case push.Refused:
		rules := list.Map(o.Group.Refusals, func(r plan.Refusal) string { return string(r.Rule) })
		return fmt.Sprintf("%s (%s)%s", o.Status, strings.Join(rules, ", "), aside(o.Group))
	}
	return string(o.Status) + aside(o.Group)
}

// standing returns the status of a group as it is printed.
func standing(o push.Outcome) push.Status {
	if o.Status == push.InStep && o.Group.Held() > 0 {
		return unchanged
	}
	return o.Status
}

// unchanged is the status of a group without changes in which people are held until somebody decides.
const unchanged push.Status = "unchanged"

// aside counts the people who are kept, held or unresolved.
func aside(g plan.Group) string {
	text := counts(count{len(g.Keep) - g.Held(), "kept"}, count{g.Held(), "held"}, count{len(g.Unresolved), "unresolved"})
	if text == "" {
		return ""
	}
	return ", " + text
}

// count is a number with what is counted.
type count struct {
	n    int
	word string
}

// counts lists the numbers that are not zero.
func counts(all ...count) string {
	var parts []string
	for _, c := range all {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	return strings.Join(parts, ", ")
}

func members(n int) string { return counted(n, "member", "members") }
func persons(n int) string { return counted(n, "person", "people") }

func counted(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// keptText says why a person is kept, and what to correct if that is known.
func keptText(k plan.Kept) string {
	switch k.Reason {
	case plan.KeptRenamed:
		return "renamed: is " + k.Person + " now"
	case plan.KeptHeld:
		return keepText(k.Reason) + "; " + resembles(k.MayBe)
	}
	return "kept: " + keepText(k.Reason)
}

func keepText(r plan.KeepReason) string {
	texts := map[plan.KeepReason]string{
		plan.KeptNotUser:    "not a user, so callroll does not remove it",
		plan.KeptUnseen:     "in no list of users: deleted, or in a division that the client cannot see",
		plan.KeptInactive:   "in Entra, and the account is inactive",
		plan.KeptContested:  "somebody without an account of their own matches it",
		plan.KeptAddOnly:    "not in the Entra group, and the mode is add-only",
		plan.KeptNoRemovals: "not in Entra, and this run removes nobody",
		plan.KeptHeld:       "held: nobody in Entra is known by this name",
	}
	return cmp.Or(texts[r], string(r))
}

// resembles names the people who may be the owner of an account that nobody in Entra has. A person has to judge that.
func resembles(mayBe []plan.Resemblance) string {
	if len(mayBe) == 0 {
		return "resembles nobody who finds no account"
	}
	people := list.Map(mayBe, func(r plan.Resemblance) string { return fmt.Sprintf("%s (%s)", r.UserPrincipalName, r.By) })
	return "may be " + strings.Join(people, " or ")
}

func unresolvedText(u plan.Unresolved) string {
	accounts := strings.Join(u.Accounts, " and ")
	switch {
	case u.LookAlike != "":
		return "no account in Genesys; " + u.LookAlike + " looks the same and is spelled with other characters: " +
			unusual(u.LookAlike+u.UserPrincipalName)
	case u.OtherPerson != "":
		return "ambiguous: finds " + accounts + ", which is the userPrincipalName of another person (" + u.OtherPerson + ")"
	}
	switch u.Reason {
	case string(membership.NoAccount):
		return "no account in Genesys"
	case string(membership.Ambiguous):
		return "ambiguous: finds " + foundText(u)
	case string(membership.Shared):
		return "finds " + accounts + ", which somebody else finds too"
	case plan.Inactive:
		return "the account is inactive"
	}
	return u.Reason
}

// foundText names the accounts that were found for an ambiguous person, with their differences.
func foundText(u plan.Unresolved) string {
	if len(u.Found) == 0 { // a plan file of an older version
		return strings.Join(u.Accounts, " and ")
	}
	var parts []string
	for _, f := range u.Found {
		state := "active"
		if !f.Active {
			state = "inactive"
		}
		parts = append(parts, fmt.Sprintf("%s (%s, %s)", f.UserName, f.ID, state))
	}
	return strings.Join(parts, " and ")
}

// unusual names the characters of a text that are not ASCII, each once, as U+XXXX.
func unusual(text string) string {
	var codes []string
	for _, r := range text {
		if code := fmt.Sprintf("U+%04X", r); r >= 0x80 && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return strings.Join(codes, " ")
}

// paint returns the function that colours the name of a group by its status: red if somebody has to act, yellow if
// another run is needed.
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

// colour returns a function that colours a text, or returns it unchanged if t.Color is false.
func (t Text) colour(a color.Attribute) func(string) string {
	if !t.Color {
		return func(s string) string { return s }
	}
	c := color.New(a)
	c.EnableColor()
	return func(s string) string { return c.Sprint(s) }
}
