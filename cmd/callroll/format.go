package main

import (
	"io"

	"github.com/callroll/callroll/pkg/report"
)

// The names of formats.
const (
	textFormat = "text" // for people
	jsonFormat = "json" // of files too
)

// format is a format of the report on stdout.
type format struct {
	name    string
	printer func(*output, io.Writer) report.Printer
}

// formats are all there are. A new one is a report.Printer, and a line here.
func formats() []format {
	return []format{
		{textFormat, func(o *output, w io.Writer) report.Printer { return o.text(w) }},
		{jsonFormat, func(_ *output, w io.Writer) report.Printer { return report.JSON{W: w} }},
	}
}

func formatNames() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// printer prints in the format of stdout.
func (o *output) printer(w io.Writer) report.Printer {
	for _, f := range formats() {
		if f.name == o.format {
			return f.printer(o, w)
		}
	}
	return o.text(w)
}

// text prints for people, as the flags want it.
func (o *output) text(w io.Writer) report.Text {
	a := o.app
	colour := isTerminal(a.stdout) && !a.flags.noColor && a.env["NO_COLOR"] == "" && a.env["TERM"] != "dumb"
	return report.Text{W: w, Color: colour, All: a.flags.verbose > 0, Width: width(a.stdout), Summary: o.flags.summary}
}
