package report

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// listed is the width that lists of names are filled to where nobody looks at a terminal.
const listed = 100

// narrow is the width below which lines are not broken: every other word would stand alone.
const narrow = 40

// kept together: a space within a name, or within a flag, is written as noBreak while lines are broken.
const noBreak = "\u00a0"

func unbroken(s string) string { return strings.ReplaceAll(s, " ", noBreak) }

// Wrap breaks a line of talk between words where it would become wider than width columns, and indents what follows. What is in quotes
// stays whole. Nothing is broken if width is 0.
func Wrap(line, indent string, width int) []string {
	if width == 0 {
		return []string{line}
	}
	quoted := regexp.MustCompile(`'[^']*'|"[^"]*"`)
	return wrapped(quoted.ReplaceAllStringFunc(line, unbroken), indent, width)
}

// wrapped breaks a line between words where it would become wider than most columns, and indents what follows. A word that is too
// wide stays whole. Nothing is broken if most is 0.
func wrapped(line, indent string, most int) []string {
	if most == 0 || columns(line) <= most {
		return []string{strings.ReplaceAll(line, noBreak, " ")}
	}
	most = max(most, narrow)
	margin := line[:len(line)-len(strings.TrimLeft(line, " "))]
	var lines []string
	current, used := margin, 0
	for _, word := range words(line[len(margin):]) {
		if used > 0 && columns(current)+columns(strings.TrimRight(word, " ")) > most {
			lines = append(lines, strings.TrimRight(current, " "+noBreak))
			current, used = indent, 0
		}
		current += word
		used++
	}
	lines = append(lines, strings.TrimRight(current, " "+noBreak))
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], noBreak, " ")
	}
	return lines
}

// words cuts a text after its spaces, which stay with the word before them.
func words(text string) []string {
	var out []string
	for text != "" {
		end := strings.IndexByte(text, ' ')
		if end < 0 {
			return append(out, text)
		}
		for end < len(text) && text[end] == ' ' {
			end++
		}
		out, text = append(out, text[:end]), text[end:]
	}
	return out
}

// columns is how wide a text is on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

func wide(r rune) bool {
	kind := width.LookupRune(r).Kind()
	return kind == width.EastAsianWide || kind == width.EastAsianFullwidth
}

// padded fills a text with spaces up to a width.
func padded(s string, to int) string { return s + strings.Repeat(" ", max(0, to-columns(s))) }
