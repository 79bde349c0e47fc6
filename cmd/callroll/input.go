package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/textfile"
)

// maxInput is the maximum size of a FILE in bytes. A membership file with a million people is far smaller.
const maxInput = 512 << 20

// readInput reads FILE, or stdin for "-", and returns its content and its kind. If the file holds the failure of an earlier
// stage, readInput returns that failure as an error with its status.
func (a *app) readInput(ctx context.Context, path string) ([]byte, report.Head, error) {
	data, err := a.readBytes(ctx, path)
	if err != nil {
		return nil, report.Head{}, err
	}
	head, err := report.ReadHead(data)
	if err != nil {
		return nil, report.Head{}, unreadable(path, data, err)
	}
	if head.Kind == report.FailureKind {
		status := head.Status
		if report.Name(status) == "unknown" || status == report.OK || status == report.Changes {
			status = report.Failed
		}
		return nil, report.Head{}, &statusError{status, fmt.Errorf("the stage before failed: %s", head.Error)}
	}
	return data, head, nil
}

// unreadable returns an error for an input that is not a file of callroll. Text on stdin is most likely the report for people.
func unreadable(path string, data []byte, err error) error {
	switch {
	case bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")):
		return fmt.Errorf("%s: %w", inputName(path), err)
	case path != stdio:
		return fmt.Errorf("%s: %w; callroll fetch and callroll diff write JSON with -o FILE or --output json", path, err)
	}
	return usage(errors.New("stdin is not JSON but text; give the stage before --output json"))
}

// readBytes reads FILE or stdin. It stops waiting for the stage before when ctx ends.
func (a *app) readBytes(ctx context.Context, path string) ([]byte, error) {
	var data []byte
	var err error
	if path == stdio {
		data, err = textfile.ReadFrom(ctx, a.stdin, maxInput)
	} else {
		data, _, err = textfile.Read(ctx, path, maxInput)
	}
	switch {
	case err == nil:
		return data, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case path == stdio && errors.Is(err, textfile.ErrEmpty):
		return nil, usage(errors.New("stdin is empty; if the stage before is callroll, give it --output json"))
	case path == stdio:
		return nil, usage(fmt.Errorf("stdin: %w", err))
	}
	return nil, usage(err)
}

func inputName(path string) string {
	if path == stdio {
		return "stdin"
	}
	return path
}
