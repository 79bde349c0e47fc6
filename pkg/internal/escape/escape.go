// Package escape writes foreign text so that neither a terminal nor a CI system takes a part of it for a command.
package escape

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Printable says whether a character may be shown as it is: letters with their marks, numbers, signs and spaces. All others
// are control characters, line ends, marks that have no width or turn the direction of writing, and code points that no
// standard assigns.
func Printable(r rune) bool { return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) }

// Text writes as its code what is not printable, and what a CI system takes for a message to it: what markers finds anywhere in
// a line, and what begins one, of GitHub Actions (::error::) and Buildkite (---, +++, ~~~, ^^^). Every space becomes an ASCII
// space.
func Text(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case !Printable(r):
			b.WriteString(code(r))
		case unicode.IsSpace(r):
			b.WriteByte(' ') // the wide space of Japanese names, for one
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

// workflowCommand is a whole message to GitHub Actions, such as ::error file=x::. GitHub looks for it at the beginning of a line
// only, but not every log keeps its lines.
func workflowCommand() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL\pN])::[A-Za-z][A-Za-z-]*(?: [^:]*)?::`)
}

// escapeStart breaks what would be a message at the beginning of a line. One colon is enough, because another may follow the
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

// JSON writes what JSON leaves as it is and a terminal or a CI system may obey, as marks that turn the direction of
// reading, as \u202e. It stands in strings only, because the rest is ASCII and no marker.
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

// markers breaks what a CI system takes for a message to it wherever it stands in a line: one character of it is replaced
// by its code. These are
//
//	##vso[ and ##[              Azure Pipelines ("Logging commands"), and ##[ of older runners of GitHub
//	##teamcity[                 TeamCity ("Service Messages")
//	##bamboo[                   scripts around Bamboo, and ${bamboo.x}, which Bamboo replaces by a variable
//	@@continua[                 Continua CI
//	travis_fold:, travis_time:  Travis CI
//	section_start:              GitLab ("CI/CD job logs"), and section_end:
//
// What begins a message at the beginning of a line only is the affair of whoever knows where lines begin.
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

func marker() *regexp.Regexp {
	return regexp.MustCompile(`##[0-9A-Za-z_.-]*\[|@@[0-9A-Za-z_.-]+\[|\$\{bamboo[._]|travis_[a-z_]+:|section_(?:start|end):`)
}

// mayHaveMarker looks for the beginnings, because a file of tens of megabytes has hardly ever one.
func mayHaveMarker(text []byte) bool {
	for _, beginning := range []string{"##", "@@", "${bamboo", "travis_", "section_"} {
		if bytes.Contains(text, []byte(beginning)) {
			return true
		}
	}
	return false
}
