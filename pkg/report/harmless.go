package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/callroll/callroll/pkg/internal/escape"
)

// Harmless shows as its code what a terminal, a log or a CI system could take for a command: control characters, line
// ends, the marks that turn the direction of writing, and the messages to a CI system: those that it finds anywhere in a line
// (see escape.Markers), and those that begin one, of GitHub Actions (::error::) and Buildkite (---, +++, ~~~, ^^^).
func Harmless(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case unicode.Is(unicode.Zs, r):
			b.WriteByte(' ') // the wide space of Japanese names, for one
		default:
			fmt.Fprintf(&b, "<U+%04X>", r)
		}
	}
	out := string(escape.Markers([]byte(b.String()), func(c byte) string { return code(rune(c)) }))
	if strings.Contains(out, "::") && workflowCommand().MatchString(out) {
		out = regexp.MustCompile(`:{2,}`).ReplaceAllStringFunc(out, func(colons string) string {
			return strings.Repeat(code(':'), len(colons))
		})
	}
	return harmlessStart(out)
}

func code(r rune) string { return fmt.Sprintf("<U+%04X>", r) }

// workflowCommand is a whole message to GitHub Actions, such as ::error file=x::. GitHub looks for it at the beginning of a line
// only, but not every log keeps its lines.
func workflowCommand() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL\pN])::[A-Za-z][A-Za-z-]*(?: [^:]*)?::`)
}

// harmlessStart breaks what would be a message at the beginning of a line. One colon is enough, because another may follow the
// text.
func harmlessStart(s string) string {
	text := strings.TrimLeft(s, " ")
	for _, beginning := range []string{":", "---", "+++", "~~~", "^^^"} {
		if strings.HasPrefix(text, beginning) {
			return s[:len(s)-len(text)] + code(rune(text[0])) + text[1:]
		}
	}
	return s
}
