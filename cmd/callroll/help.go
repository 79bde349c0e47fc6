package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/report"
)

// setHelp makes root print its help texts for the width of the terminal. If stdout is not a terminal, they stay as they are.
func (a *app) setHelp(root *cobra.Command) {
	template := root.UsageTemplate() + "\n" + statusHint + "\n"
	root.SetUsageTemplate(template)
	printHelp := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		columns := width(a.stdout)
		if columns == 0 {
			printHelp(cmd, args)
			return
		}
		root.SetUsageTemplate(strings.ReplaceAll(template, ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", columns)))
		var text bytes.Buffer
		cmd.SetOut(&text)
		printHelp(cmd, args)
		fmt.Fprint(a.stdout, narrowed(text.String(), columns))
	})
}

// narrowed breaks a help text between words to a width. Examples and other lines to copy stay whole.
func narrowed(text string, columns int) string {
	blocks := strings.Split(strings.TrimRight(text, "\n"), "\n\n")
	for i, block := range blocks {
		switch lines := strings.Split(block, "\n"); {
		case strings.HasPrefix(block, "Examples:\n"):
		case regexp.MustCompile(`(?m)^\s`).MatchString(block):
			blocks[i] = narrowedRows(lines, columns)
		case slices.ContainsFunc(lines, func(line string) bool { return len(line) > columns }): // a paragraph is filled anew
			blocks[i] = strings.Join(report.Wrap(strings.Join(lines, " "), "", columns), "\n")
		}
	}
	return strings.Join(blocks, "\n\n") + "\n"
}

// narrowedRows breaks the rows of a table within their last column. It does not break other lines.
func narrowedRows(lines []string, columns int) string {
	row := regexp.MustCompile(`^ .*\S {2,}`)
	var out []string
	for _, line := range lines {
		line = strings.TrimRight(line, " ") // pflag leaves spaces where a usage does not fit beside its flag
		if before := row.FindString(line); before != "" {
			out = append(out, report.Wrap(line, strings.Repeat(" ", len(before)), columns)...)
		} else {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
