package report

import (
	"io"
	"strings"
)

// Table prints rows, which went through [Harmless], in aligned columns. head has the names of the columns, which are the first
// line if headed is set. If a line would be wider than the terminal, each row takes several lines instead: the first cell, and
// below it each other cell that is not empty, with the name of its column.
func (t Text) Table(head []string, rows [][]string, headed bool) error {
	lines := rows
	if headed {
		lines = append([][]string{head}, rows...)
	}
	text, wide := table(lines)
	if t.tooNarrow(wide) {
		text = t.records(head, rows)
	}
	_, err := io.WriteString(t.W, text)
	return err
}

// tooNarrow reports whether a line would be wider than the terminal.
func (t Text) tooNarrow(wide int) bool { return t.Width > 0 && wide > t.Width }

// table returns rows whose columns are aligned, and the width of the widest line. A cell that is wider than widest does not widen
// its column.
func table(rows [][]string) (text string, wide int) {
	var to []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(to) {
				to = append(to, 0)
			}
			to[i] = max(to[i], min(widest, columns(cell)))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += padded(cell, to[i]) + "  "
		}
		line = strings.TrimRight(line, " ")
		wide = max(wide, columns(line))
		b.WriteString(line + "\n")
	}
	return b.String(), wide
}

// records returns rows of which each takes several lines.
func (t Text) records(head []string, rows [][]string) string {
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(row[0] + "\n")
		for i, cell := range row {
			if i > 0 && cell != "" {
				t.lines(&b, "  "+head[i]+": "+cell, "    ", nil)
			}
		}
	}
	return b.String()
}
