package report

import (
	"fmt"
	"strings"
	"unicode"
)

// Harmless shows as its code what a terminal, a log or a CI system could take for a command: control characters, line
// ends, the marks that turn the direction of writing, and the beginnings of commands to Azure Pipelines (##vso[ and ##[
// anywhere in a line) and to GitHub Actions (:: where a line begins).
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
	out := strings.NewReplacer("##[", "<U+0023>#[", "##vso[", "<U+0023>#vso[").Replace(b.String())
	if trimmed := strings.TrimLeft(out, " "); strings.HasPrefix(trimmed, "::") {
		out = out[:len(out)-len(trimmed)] + "<U+003A>" + trimmed[1:]
	}
	return out
}
