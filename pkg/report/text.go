package report

import (
	"io"
	"strings"

	"github.com/callroll/callroll/pkg/internal/escape"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Text prints for people: per group one line, then a line for each person to add (+) or to remove (-), each who stays
// although something speaks against it (=), and each without an account (?). Then comes what several groups have in common, and
// who is the same in several groups, and at the end a line that sums up. Names come from elsewhere, so that whatever could move a
// cursor or begin a line is shown as its code.
type Text struct {
	W     io.Writer
	Color bool
	// All leaves nothing out and puts nothing together: those who are kept in a group in step, and more than twenty of a kind.
	All bool
	// Summary writes one line for each group, and nothing else but the line that sums up.
	Summary bool
	// Width is that of the terminal. Where it is 0 nobody looks at a terminal, and messages stay on one line, so that grep finds
	// them whole. They are shorter than the 998 characters that a line of a mail may have (RFC 5322 §2.1.1). Lists of names are
	// filled to a hundred columns in any case.
	Width int
}

// Plan implements Printer.
func (t Text) Plan(p plan.Plan) error { return t.outcomes(Planned(p)) }

// Run implements Printer.
func (t Text) Run(r Run) error { return t.outcomes(r.Outcomes) }

// Failure implements Printer. A report for people has nothing of a failure: it is a message, and stdout is data.
func (t Text) Failure(int, error) error { return nil }

func (t Text) outcomes(outcomes []push.Outcome) error {
	p := newPage(outcomes, t.All || t.Summary)
	var b strings.Builder
	for _, s := range p.groups {
		if t.Summary {
			t.head(&b, s.title, s.short, s.status)
		} else {
			t.section(&b, s)
		}
	}
	if !t.Summary {
		for _, s := range p.shared {
			t.section(&b, s)
		}
		t.several(&b, p)
	}
	t.lines(&b, p.total, "  ", nil)
	_, err := io.WriteString(t.W, b.String())
	return err
}

// section writes one group, or what several have in common.
func (t Text) section(b *strings.Builder, s section) {
	t.head(b, s.title, s.head, s.status)
	for _, m := range s.messages {
		t.message(b, m)
	}
	t.kinds(b, s.kinds)
	if len(s.groups) > 0 {
		t.names(b, s.groups, "  ")
	}
}

// head writes the line of a group, with its name in the colour of how it stands.
func (t Text) head(b *strings.Builder, title, text string, status push.Status) {
	title = Harmless(title)
	t.lines(b, unbroken(title)+": "+Harmless(text), "    ", func(line string) string {
		if rest, ok := strings.CutPrefix(line, title); ok {
			return t.paint(status)(title) + rest
		}
		return line
	})
}

// message writes a note, or a way out. A flag stays whole, and one that goes on in the next line says so to the shell.
func (t Text) message(b *strings.Builder, m message) {
	mark := "! "
	if m.hint {
		mark = "hint: "
	}
	line := "  " + mark + Harmless(m.text)
	for _, flag := range m.flags {
		line += " " + unbroken(Harmless(flag))
	}
	most := t.Width
	if len(m.flags) > 0 && most > 0 {
		most -= len(goesOn)
	}
	all := wrapped(line, "      ", most)
	for i, line := range all {
		if line = Harmless(line); i < len(all)-1 && isFlag(line) && isFlag(all[i+1]) {
			line += goesOn
		}
		b.WriteString(line + "\n")
	}
}

// goesOn tells a shell that a line goes on.
const goesOn = ` \`

// isFlag says whether a line begins with a flag.
func isFlag(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " "), "--") }

// names writes a list of names.
func (t Text) names(b *strings.Builder, names []string, indent string) {
	var shown []string
	for _, name := range names {
		shown = append(shown, unbroken(Harmless(name)))
	}
	most := t.Width
	if most == 0 {
		most = listed
	}
	for _, line := range wrapped(indent+strings.Join(shown, ", "), indent, most) {
		b.WriteString(Harmless(line) + "\n")
	}
}

// lines writes a line, in several lines on a terminal that is too narrow.
func (t Text) lines(b *strings.Builder, line, indent string, paint func(string) string) {
	for _, one := range wrapped(line, indent, t.Width) {
		if one = Harmless(one); paint != nil {
			one = paint(one)
		}
		b.WriteString(one + "\n")
	}
}

// Harmless shows as its code what a terminal, a log or a CI system could take for a command: control characters, line
// ends, the marks that turn the direction of writing, and the messages to a CI system.
func Harmless(s string) string { return escape.Text(s) }
