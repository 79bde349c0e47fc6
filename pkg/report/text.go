package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Text writes reports for people: per group one line, then a line for each person to add (+) or to remove (-), each
// who stays although something speaks against it (=), and each without an account (?), and at the end a line that sums up. Names come from elsewhere, so
// whatever could move a cursor or begin a line is shown as its code.
type Text struct {
	W     io.Writer
	Color bool
	// All lists everybody: those of a group in step too, and more than ten of a kind.
	All bool
}

// few is how many are shown of those to whom nothing happens in this run: a crontab line would else mail thousands of
// them again and again.
const few = 10

// Plan writes what a run would do.
func (t Text) Plan(p plan.Plan) error { return t.Outcomes(planned(p)) }

// Outcomes writes what a run did.
func (t Text) Outcomes(outcomes []push.Outcome) error {
	var b strings.Builder
	for _, o := range outcomes {
		t.group(&b, o)
	}
	b.WriteString(summary(outcomes) + "\n")
	_, err := io.WriteString(t.W, b.String())
	return err
}

// group writes the lines of one group.
func (t Text) group(b *strings.Builder, o push.Outcome) {
	g := o.Group
	paint := t.paint(o.Status)
	fmt.Fprintf(b, "%s: %s\n", paint(Harmless(g.Name)), headline(o))
	if o.Hint != "" {
		fmt.Fprintf(b, "  hint: %s\n", Harmless(o.Hint))
	}
	if flags := wayOut(g); flags != "" {
		fmt.Fprintf(b, "  hint: to let exactly this through, once: %s\n", Harmless(flags))
	}
	for _, note := range g.Notes {
		fmt.Fprintf(b, "  ! %s\n", Harmless(note))
	}
	if flags := releaseFlags(g, g.HeldIDs()); len(flags) > 0 {
		if g.Doubt != nil {
			fmt.Fprintf(b, "  ! %s\n", Harmless(g.Doubt.Detail))
		}
		more := ""
		if len(flags) > few {
			flags, more = flags[:few], " …"
		}
		fmt.Fprintf(b, "  hint: if they have left, and are none of the people with ?, let them go, once: %s%s\n", Harmless(strings.Join(flags, " ")), more)
	}
	t.people(b, o)
}

// wayOut joins the flags of all refusals, because a group that is refused twice needs them both.
func wayOut(g plan.Group) string {
	var flags []string
	for _, r := range g.Refusals {
		if r.Allow == nil {
			return ""
		}
		flags = append(flags, allowanceFlags(g, *r.Allow)...)
	}
	return strings.Join(flags, " ")
}

// headline says in one line how the group stands.
func headline(o push.Outcome) string {
	g := o.Group
	switch o.Status {
	case push.ToDo:
		return fmt.Sprintf("%s, %s afterwards", changes(g, " to add", " to remove"), members(g.Size()))
	case push.Done:
		return fmt.Sprintf("%s, %s now", changes(g, " added", " removed"), members(g.Size()))
	case push.Already:
		return fmt.Sprintf("already as wanted, %s%s", members(g.Size()), aside(g))
	case push.InStep:
		return fmt.Sprintf("in step, %s%s", members(g.Size()), aside(g))
	case push.Paused:
		return "paused"
	}
	return fmt.Sprintf("%s: %s", o.Status, Harmless(o.Detail))
}

// aside counts those whom the one line of a group in step does not name.
func aside(g plan.Group) string {
	text := ""
	if len(g.Keep) > 0 {
		text += fmt.Sprintf(", %d kept", len(g.Keep))
	}
	if len(g.Unresolved) > 0 {
		text += fmt.Sprintf(", %d unresolved", len(g.Unresolved))
	}
	return text
}

// changes counts the additions and removals that there are.
func changes(g plan.Group, added, removed string) string {
	var parts []string
	if len(g.Add) > 0 {
		parts = append(parts, fmt.Sprint(len(g.Add))+added)
	}
	if len(g.Remove) > 0 {
		parts = append(parts, fmt.Sprint(len(g.Remove))+removed)
	}
	return strings.Join(parts, ", ")
}

func members(n int) string {
	if n == 1 {
		return "1 member"
	}
	return fmt.Sprintf("%d members", n)
}

// summary counts the run in one line.
func summary(outcomes []push.Outcome) string {
	counts := map[push.Status]int{}
	var added, removed, unresolved int
	for _, o := range outcomes {
		counts[o.Status]++
		unresolved += len(o.Group.Unresolved)
		if o.Status == push.ToDo || o.Status == push.Done {
			added += len(o.Group.Add)
			removed += len(o.Group.Remove)
		}
	}
	var parts []string
	for _, s := range []push.Status{
		push.ToDo, push.Done, push.Already, push.InStep, push.Paused, push.Refused, push.Incomplete, push.Missing,
		push.Stale, push.Conflict, push.NotApplied, push.Rejected, push.Denied, push.Unavailable, push.NotStarted, push.Internal,
	} {
		if counts[s] == 0 {
			continue
		}
		part := fmt.Sprintf("%d %s", counts[s], s)
		if s == push.ToDo || s == push.Done {
			part += fmt.Sprintf(" (+%d -%d)", added, removed)
		}
		parts = append(parts, part)
	}
	line := "1 group"
	if len(outcomes) != 1 {
		line = fmt.Sprintf("%d groups", len(outcomes))
	}
	if len(parts) > 0 {
		line += ": " + strings.Join(parts, ", ")
	}
	if unresolved > 0 {
		line += fmt.Sprintf("; %d unresolved", unresolved)
	}
	return line
}

// File writes what a fetch read.
func (t Text) File(f membership.File) error {
	var b strings.Builder
	whole := 0
	for _, g := range f.Groups {
		if g.Incomplete != nil {
			fmt.Fprintf(&b, "%s: incomplete: %s\n", t.colour(color.FgRed)(Harmless(g.Name)), Harmless(g.Incomplete.Detail))
			continue
		}
		whole++
		fmt.Fprintf(&b, "%s: %s\n", Harmless(g.Name), members(len(g.Members)))
	}
	fmt.Fprintf(&b, "%d of %d groups read whole, %d people\n", whole, len(f.Groups), len(f.People))
	_, err := io.WriteString(t.W, b.String())
	return err
}
