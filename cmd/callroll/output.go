package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/callroll/callroll/pkg/report"
)

// stdio in place of a FILE is stdin where it is read, and stdout where it is written.
const stdio = "-"

// output is where the result of a verb goes.
type output struct {
	app   *app
	flags *outFlags
	json  bool // stdout gets JSON
	// silent keeps stdout and the last line of talk to itself: --quiet has nothing new to say. A file is written all the
	// same.
	silent bool
}

// output checks the flags, and that the file can be written, before anything is sent: the record of what was done would
// be lost otherwise.
func (a *app) output(flags *outFlags, jsonByDefault bool) (*output, error) {
	if err := flags.check(); err != nil {
		return nil, err
	}
	if flags.file != "" {
		if err := writable(flags.file); err != nil {
			return nil, usage(fmt.Errorf("--out: %w", err))
		}
	}
	return &output{app: a, flags: flags, json: flags.json(jsonByDefault)}, nil
}

// succeed writes a result: JSON to the file, JSON or text to stdout; what is not written is not made. It returns the status as
// an error unless it is 0. A result that could not be written is a status too, and never a failure of the work that was done.
func (o *output) succeed(status int, encode func() ([]byte, error), text func() error) error {
	toStdout := o.json && !o.silent
	var data []byte
	var err error
	if o.flags.file != "" || toStdout {
		data, err = encode()
	}
	if o.flags.file != "" && err == nil {
		err = writeFile(o.flags.file, data)
	}
	switch {
	case toStdout:
		_, writeErr := o.app.stdout.Write(data)
		err = errors.Join(err, writeErr)
	case !o.silent:
		err = errors.Join(err, text())
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

// text returns the writer of reports for people, as the flags want them.
func (o *output) text() report.Text {
	t := o.app.text()
	t.Summary = o.flags.summary
	return t
}

// fail writes a failure where a result was to go, so that the next stage does not take an older file for this one's. A
// mistake in the call leaves the file alone.
func (o *output) fail(ctx context.Context, err error) error {
	status := stopStatus(ctx, statusOf(err))
	data, encodeErr := report.EncodeFailure(status, err)
	if encodeErr != nil {
		return errors.Join(err, encodeErr)
	}
	if o.json && !o.silent {
		if _, writeErr := o.app.stdout.Write(data); writeErr != nil {
			o.app.say("the failure could not be written: %v", writeErr)
		}
	}
	if o.flags.file != "" && status != report.Usage {
		if writeErr := writeFile(o.flags.file, data); writeErr != nil {
			o.app.say("the failure could not be written: %v", writeErr)
		}
	}
	if o.silent {
		return &ended{status}
	}
	return &statusError{status, err}
}

// writable says whether writeFile will be able to.
func writable(path string) error {
	file, err := findOutFile(path)
	if err != nil {
		return err
	}
	defer file.close()
	return file.check()
}

// writeFile puts data in place of the file at once, readable by its owner alone. A device or a pipe is written to. It follows
// no link that another user made, and replaces no file of another user.
func writeFile(path string, data []byte) error {
	file, err := findOutFile(path)
	if err != nil {
		return err
	}
	defer file.close()
	return file.write(data)
}
