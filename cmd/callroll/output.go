package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/callroll/callroll/pkg/membership"
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

// maxInput bounds a FILE: a membership of a million people is far below it.
const maxInput = 512 << 20

// readInput reads FILE, or stdin for "-", and finds out what kind of file it is. A failure of an earlier stage comes
// back as the error that it was.
func (a *app) readInput(ctx context.Context, path string) ([]byte, membership.Head, error) {
	data, err := a.readBytes(ctx, path)
	if err != nil {
		return nil, membership.Head{}, err
	}
	head, err := membership.ReadHead(data)
	if err != nil {
		return nil, membership.Head{}, unreadable(path, data, err)
	}
	if head.Kind == report.FailureKind {
		status := head.Status
		if report.Name(status) == "unknown" || status == report.OK || status == report.Changes {
			status = report.Failed
		}
		return nil, membership.Head{}, &statusError{status, fmt.Errorf("the stage before failed: %s", head.Error)}
	}
	return data, head, nil
}

// unreadable says of an input that is no file of ours what it seems to be: most likely the report for people.
func unreadable(path string, data []byte, err error) error {
	text := bytes.TrimSpace(data)
	switch {
	case bytes.HasPrefix(text, []byte("{")), path != stdio && len(text) == 0:
		return fmt.Errorf("%s: %w", inputName(path), err)
	case path != stdio:
		return fmt.Errorf("%s: %w; callroll fetch and callroll diff write JSON with -o FILE or --output json", path, err)
	case len(text) == 0:
		return usage(errors.New("stdin is empty; if the stage before is callroll, give it --output json"))
	}
	return usage(errors.New("stdin is not JSON but text; give the stage before --output json"))
}

// readBytes waits for the stage before no longer than for its context.
func (a *app) readBytes(ctx context.Context, path string) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	read := make(chan result, 1)
	go func() { // to open a pipe takes until somebody opens its other end
		in := a.stdin
		if path != "-" {
			f, err := os.Open(path)
			if err != nil {
				read <- result{err: err}
				return
			}
			defer f.Close()
			in = f
		}
		data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
		read <- result{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case r := <-read:
		if r.err != nil {
			return nil, usage(inputError(path, r.err))
		}
		if len(r.data) > maxInput {
			return nil, usage(fmt.Errorf("%s is larger than %d bytes", inputName(path), maxInput))
		}
		return r.data, nil
	}
}

// inputError names FILE, unless the error does so itself.
func inputError(path string, err error) error {
	if errors.As(err, new(*os.PathError)) {
		return err
	}
	return fmt.Errorf("%s: %w", inputName(path), err)
}

func inputName(path string) string {
	if path == stdio {
		return "stdin"
	}
	return path
}
