package report

import (
	"io"
	"strings"

	"github.com/callroll/callroll/pkg/internal/escape"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Text is a Printer for people. It prints one line for each group, then one line for each person to add (+) or to remove
// (-), each who is kept for a special reason (=), and each without an account (?). After the groups it prints the
// messages that several groups share and the people in several groups, and at the end a line with the totals. Names are
// from other systems, and so characters that could control a terminal are printed as codes.
type Text struct {
	W     io.Writer
	Color bool
	// All prints everything and combines nothing: also the people who are kept in a group in step, and more than twenty
	// people of a kind.
	All bool
	// Summary prints only one line for each group, and the line with the totals.
	Summary bool
	// Width is the width of the terminal in columns. It is 0 if the output is not a terminal; then messages stay on one
	// line, so that grep finds them as a whole. They are shorter than the 998 characters that a line of a mail may have
	// (RFC 5322 §2.1.1). Lists of names are wrapped at 100 columns in that case.
	Width int
}

// Plan implements Printer.
func (t Text) Plan(p plan.Plan) error { return t.page(newPage(Planned(p), t.All || t.Summary)) }

// Run implements Printer.
func (t Text) Run(r Run) error { return t.page(newPage(r.Outcomes, t.All || t.Summary)) }

// Failure implements Printer. It prints nothing: for people the error is a message on stderr, and stdout is for data.
func (t Text) Failure(int, error) error { return nil }

func (t Text) page(p page) error {
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

// section writes one group, or a message that several groups share.
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

// head writes the first line of a group. The name has the colour of the status.
func (t Text) head(b *strings.Builder, title, text string, status push.Status) {
	title = Harmless(title)
	t.lines(b, unbroken(title)+": "+Harmless(text), "    ", func(line string) string {
		if rest, ok := strings.CutPrefix(line, title); ok {
			return t.paint(status)(title) + rest
		}
		return line
	})
}

// message writes a note or a hint. A flag is not broken, and a line whose flags continue on the next line ends with a
// backslash for the shell.
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

// goesOn ends a line of a shell command that continues on the next line.
const goesOn = ` \`

// isFlag reports whether a line begins with a flag.
func isFlag(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " "), "--") }

func (t Text) names(b *strings.Builder, names []string, indent string) {
	shown := list.Map(names, func(name string) string { return unbroken(Harmless(name)) })
	most := t.Width
	if most == 0 {
		most = listed
	}
	for _, line := range wrapped(indent+strings.Join(shown, ", "), indent, most) {
		b.WriteString(Harmless(line) + "\n")
	}
}

// lines writes a line, broken into several lines if the terminal is too narrow.
func (t Text) lines(b *strings.Builder, line, indent string, paint func(string) string) {
	for _, one := range wrapped(line, indent, t.Width) {
		if one = Harmless(one); paint != nil {
			one = paint(one)
		}
		b.WriteString(one + "\n")
	}
}

// Harmless replaces characters that a terminal, a log or a CI system could interpret as a command by their codes:
// control characters, line ends, marks that change the direction of writing, and commands to a CI system.
func Harmless(s string) string { return escape.Text(s) }
