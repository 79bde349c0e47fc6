package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/callroll/callroll/pkg/internal/list"
)

// writeMarkdown writes GitHub Flavored Markdown, for example for the comment of a pull request. Names of people and groups are
// code, in which nothing is a link or a mention.
func writeMarkdown(w io.Writer, d document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", d.Title)
	for _, fact := range d.Facts {
		fmt.Fprintf(&b, "\n%s\n", line(fact))
	}
	bullets(&b, d.Notes)
	if len(d.Groups) > 0 {
		tableHead(&b, "group", "what")
		for _, g := range d.Groups {
			tableRow(&b, code(g.Title), inline(g.Head))
		}
	}
	for _, g := range d.Groups {
		groupDetails(&b, g)
	}
	if len(d.People) > 0 {
		b.WriteString("\n## People in several groups\n")
		people(&b, d.People, true)
		bullets(&b, nonEmpty(d.Left))
	}
	if len(d.Table) > 0 {
		tableHead(&b, d.Header...)
		for _, row := range d.Table {
			tableRow(&b, codes(row)...)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", line(d.Total))
	_, err := io.WriteString(w, b.String())
	return err
}

// groupDetails writes what is known of a group in addition to its line in the first table, if there is anything.
func groupDetails(b *strings.Builder, g documentGroup) {
	if len(g.Messages) == 0 && len(g.People) == 0 && len(g.Left) == 0 && len(g.Names) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n", code(g.Title))
	bullets(b, g.Messages)
	if len(g.Names) > 0 {
		fmt.Fprintf(b, "\n%s\n", strings.Join(codes(g.Names), ", "))
	}
	people(b, g.People, false)
	bullets(b, g.Left)
}

// people writes a table of people, with the groups of each if they are in several.
func people(b *strings.Builder, all []documentPerson, several bool) {
	if len(all) == 0 {
		return
	}
	header := []string{"", "userName", "name", "note"}
	if several {
		header = append(header, "groups")
	}
	tableHead(b, header...)
	for _, p := range all {
		cells := []string{p.Sign, code(p.Who), code(p.Name), inline(p.Note)}
		if several {
			cells = append(cells, strings.Join(codes(p.Groups), ", "))
		}
		tableRow(b, cells...)
	}
}

func tableHead(b *strings.Builder, cells ...string) {
	b.WriteString("\n")
	tableRow(b, cells...)
	b.WriteString(strings.Repeat("|---", len(cells)) + "|\n")
}

// tableRow writes a row. A table may not have a | in a cell, not even in code (GitHub Flavored Markdown Spec, section 4.10).
func tableRow(b *strings.Builder, cells ...string) {
	for _, cell := range cells {
		b.WriteString("| " + cell + " ")
	}
	b.WriteString("|\n")
}

func bullets(b *strings.Builder, lines []string) {
	for i, text := range lines {
		if i == 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "- %s\n", line(text))
	}
}

func nonEmpty(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func codes(texts []string) []string { return list.Map(texts, code) }

// code returns a code span. Its fence is longer than every run of backticks in the text (CommonMark, section 6.1).
func code(text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	text = strings.ReplaceAll(text, "|", `\|`)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}

// inline returns text in which no character means anything to Markdown within a line: each of them may have a backslash before
// it (CommonMark, section 2.4).
func inline(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune("\\`*_{}[]<>#|~!&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// line is inline for text at the beginning of a line, where it must not begin a list, a heading or a rule.
func line(text string) string {
	text = inline(text)
	rest := strings.TrimLeft(text, "0123456789")
	if rest == "" || !strings.Contains("-+=.)", rest[:1]) {
		return text
	}
	return text[:len(text)-len(rest)] + `\` + rest
}
