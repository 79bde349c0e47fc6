// Package escape escapes text from outside, so that terminals and CI systems do not interpret parts of it as commands.
package escape

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Printable reports whether a character may be printed unchanged: letters with their marks, numbers, punctuation, symbols and
// spaces. All others are control characters, line ends, characters without width or that change the direction of writing, and
// code points that are not assigned in Unicode.
func Printable(r rune) bool { return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) }

// Text replaces characters that are not printable with their code, such as <U+202E>. It also breaks commands to CI systems:
// those that markers finds anywhere in a line, and those of GitHub Actions (::error::) and Buildkite (---, +++, ~~~, ^^^) at
// the beginning of a line. Every space becomes an ASCII space.
func Text(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case !Printable(r):
			b.WriteString(code(r))
		case unicode.IsSpace(r):
			b.WriteByte(' ') // for example the wide space in Japanese names
		default:
			b.WriteRune(r)
		}
	}
	out := string(markers([]byte(b.String()), func(c byte) string { return code(rune(c)) }))
	if strings.Contains(out, "::") && workflowCommand().MatchString(out) {
		out = regexp.MustCompile(`:{2,}`).ReplaceAllStringFunc(out, func(colons string) string {
			return strings.Repeat(code(':'), len(colons))
		})
	}
	return escapeStart(out)
}

func code(r rune) string { return fmt.Sprintf("<U+%04X>", r) }

// workflowCommand matches a complete command to GitHub Actions, such as ::error file=x::. GitHub looks for it only at the
// beginning of a line, but some logs change the line breaks.
var workflowCommand = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL\pN])::[A-Za-z][A-Za-z-]*(?: [^:]*)?::`)
})

// escapeStart breaks a command at the beginning of a line. It escapes even a single colon, because another one may follow the
// text.
func escapeStart(s string) string {
	text := strings.TrimLeft(s, " ")
	for _, beginning := range []string{":", "---", "+++", "~~~", "^^^"} {
		if strings.HasPrefix(text, beginning) {
			return s[:len(s)-len(text)] + code(rune(text[0])) + text[1:]
		}
	}
	return s
}

// JSON escapes characters in JSON that an encoder may leave unescaped and that a terminal or a CI system may interpret. For
// example, characters that change the direction of writing become \u202e. Such characters occur only in strings, because the
// rest of JSON is ASCII and contains no command.
func JSON(data []byte) []byte {
	data = markers(data, func(c byte) string { return fmt.Sprintf(`\u%04x`, c) })
	escaped := func(r rune) bool { return r >= 0x7f && !Printable(r) }
	if !bytes.ContainsFunc(data, escaped) {
		return data
	}
	out := make([]byte, 0, len(data)+16)
	for _, r := range string(data) {
		if !escaped(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}

// markers breaks commands that CI systems recognize anywhere in a line: it replaces one character of each by its code. These
// are
//
//	##vso[ and ##[              Azure Pipelines ("Logging commands"), and ##[ of older runners of GitHub
//	##teamcity[                 TeamCity ("Service Messages")
//	##bamboo[                   scripts around Bamboo, and ${bamboo.x}, which Bamboo replaces by a variable
//	@@continua[                 Continua CI
//	travis_fold:, travis_time:  Travis CI
//	section_start:              GitLab ("CI/CD job logs"), and section_end:
//
// Commands that are recognized only at the beginning of a line are left to the caller, who knows where lines begin.
func markers(text []byte, code func(c byte) string) []byte {
	if !mayHaveMarker(text) {
		return text
	}
	return marker().ReplaceAllFunc(text, func(m []byte) []byte {
		at := 0
		switch m[0] {
		case '$':
			at = 1
		case 't', 's':
			at = len(m) - 1
		}
		out := append(make([]byte, 0, len(m)+8), m[:at]...)
		out = append(out, code(m[at])...)
		return append(out, m[at+1:]...)
	})
}

var marker = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`##[0-9A-Za-z_.-]*\[|@@[0-9A-Za-z_.-]+\[|\$\{bamboo[._]|travis_[a-z_]+:|section_(?:start|end):`)
})

// mayHaveMarker looks for the beginnings of commands. It is faster than the expression, and even files of tens of megabytes
// rarely have one.
func mayHaveMarker(text []byte) bool {
	return slices.ContainsFunc([]string{"##", "@@", "${bamboo", "travis_", "section_"}, func(beginning string) bool {
		return bytes.Contains(text, []byte(beginning))
	})
}
