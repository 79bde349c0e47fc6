package report

import (
	"regexp"
	"strings"
	"sync"

	"github.com/mattn/go-runewidth"
)

// listed is the width of lists of names if the output is not a terminal.
const listed = 100

// narrow is the smallest width at which lines are broken. With a smaller one, many lines would have a single word.
const narrow = 40

// noBreak replaces a space within a name or a flag while lines are broken, so that it is not broken there.
const noBreak = "\u00a0"

func unbroken(s string) string { return strings.ReplaceAll(s, " ", noBreak) }

// Wrap breaks a line between words so that it is not wider than width columns, and begins the following lines with
// indent. Text in quotes is not broken. If width is 0, nothing is broken.
func Wrap(line, indent string, width int) []string {
	if width == 0 {
		return []string{line}
	}
	quoted := regexp.MustCompile(`'[^']*'|"[^"]*"`)
	return wrapped(quoted.ReplaceAllStringFunc(line, unbroken), indent, width)
}

// wrapped breaks a line between words so that it is not wider than most columns, and begins the following lines with
// indent. A word that is too wide is not broken. If most is 0, nothing is broken. Each noBreak becomes a space.
func wrapped(line, indent string, most int) []string {
	if most == 0 || columns(line) <= most {
		return []string{strings.ReplaceAll(line, noBreak, " ")}
	}
	most = max(most, narrow)
	margin := line[:len(line)-len(strings.TrimLeft(line, " "))]
	var lines []string
	current, used := margin, 0
	for _, word := range wordForm().FindAllString(line[len(margin):], -1) {
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

// wordForm matches a word with the spaces after it. It is compiled once, because long reports have many lines to break.
var wordForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^ ]+ *`) })

// columns returns the width of a text on a terminal. The language of the environment does not count: a character that is
// wide only in East Asian fonts counts as narrow, so that reports are the same everywhere.
func columns(s string) int { return (&runewidth.Condition{StrictEmojiNeutral: true}).StringWidth(s) }

// padded appends spaces to a text up to a width in columns.
func padded(s string, to int) string { return s + strings.Repeat(" ", max(0, to-columns(s))) }
