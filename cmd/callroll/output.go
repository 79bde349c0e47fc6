package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/callroll/callroll/pkg/report"
)

// stdio stands for stdin where a FILE is read, and for stdout where it is written.
const stdio = "-"

// The names of formats.
const (
	textFormat = "text" // for people
	jsonFormat = "json" // also the format of files

	markdownFormat = "markdown"
	htmlFormat     = "html"
)

func formatNames() []string { return []string{textFormat, jsonFormat, markdownFormat, htmlFormat} }

// printer returns the printer for the format of stdout, with the options that the flags and the environment set.
func (o *output) printer(w io.Writer) report.Printer {
	a := o.app
	all := a.flags.verbose > 0
	switch o.format {
	case jsonFormat:
		return report.JSON{W: w}
	case markdownFormat:
		return report.Document{W: w, All: all, Format: report.Markdown}
	case htmlFormat:
		return report.Document{W: w, All: all, Format: report.HTML}
	}
	colour := isTerminal(a.stdout) && !a.flags.noColor && a.env["NO_COLOR"] == "" && a.env["TERM"] != "dumb"
	return report.Text{W: w, Color: colour, All: all, Width: width(a.stdout), Summary: o.flags.summary}
}

// output writes the result of a verb to stdout and to the file of -o.
type output struct {
	app    *app
	flags  *outFlags
	format string // of stdout
	// silent suppresses the output on stdout and the last line on stderr: --quiet has nothing new to print. The file is still
	// written.
	silent bool
}

// output checks the flags, and that the file can be written, before any request is sent. Otherwise the record of what was done
// could be lost.
func (a *app) output(flags *outFlags) (*output, error) {
	if err := flags.check(); err != nil {
		return nil, err
	}
	if flags.file != "" {
		if err := writable(flags.file); err != nil {
			return nil, usage(fmt.Errorf("--out: %w", err))
		}
	}
	return &output{app: a, flags: flags, format: flags.format()}, nil
}

// succeed writes the result as JSON to the file, and in the chosen format to stdout. It returns the status as an error unless
// it is 0. If the result cannot be written, the status is at least report.Failed; the changes that were made stay valid.
func (o *output) succeed(status int, result func(report.Printer) error) error {
	o.app.progress.stop()
	var err error
	if o.flags.file != "" {
		err = writeFile(o.flags.file, func(w io.Writer) error { return result(report.JSON{W: w}) })
	}
	if !o.silent {
		err = errors.Join(err, buffered(func(w io.Writer) error { return result(o.printer(w)) })(o.app.stdout))
	}
	if err != nil {
		o.app.say("the result could not be written: %v", err)
		status = report.Worst(status, report.Failed)
	}
	if status == report.OK {
		return nil
	}
	if status != report.Changes && !o.silent {
		o.app.say("exit status %d (%s)", status, report.Name(status))
	}
	return &ended{status}
}

// fail writes a failure in place of the result, so that the next stage does not use an older file. After a usage error the
// file is not changed.
func (o *output) fail(ctx context.Context, err error) error {
	o.app.progress.stop()
	status := stopStatus(ctx, statusOf(err))
	if !o.silent {
		if writeErr := o.printer(o.app.stdout).Failure(status, err); writeErr != nil {
			o.app.say("the failure could not be written: %v", writeErr)
		}
	}
	if o.flags.file != "" && status != report.Usage {
		failure := func(w io.Writer) error { return report.JSON{W: w}.Failure(status, err) }
		if writeErr := writeFile(o.flags.file, failure); writeErr != nil {
			o.app.say("the failure could not be written: %v", writeErr)
		}
	}
	if o.silent {
		return &ended{status}
	}
	return &statusError{status, err}
}

// writable returns an error if writeFile would fail.
func writable(path string) error {
	file, err := findOutFile(path)
	if err != nil {
		return err
	}
	defer file.close()
	return file.check()
}

// buffered returns a function that writes through a buffer of 64 KiB, because a JSON encoder makes small writes.
func buffered(write func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 64<<10)
		return errors.Join(write(out), out.Flush())
	}
}

// writeFile writes as [outFile.write] does. It follows no links of other users, and replaces no files of other users.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := findOutFile(path)
	if err != nil {
		return err
	}
	defer file.close()
	return file.write(buffered(write))
}

// overwrite writes to a device or a pipe.
func overwrite(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
