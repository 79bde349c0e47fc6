// Package jsonfile reads and writes the files of callroll: JSON with a head that says what it is. It is pure. It refuses
// files that are truncated, of another kind, or ambiguous.
package jsonfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrFormat is wrapped by every error about bytes that are not a file of the expected kind and format.
var ErrFormat = errors.New("not a file that callroll can use")

// Head is the head of every file of callroll, which says how to read the rest. Status is set if an earlier stage of a pipe
// failed (kind "failure").
type Head struct {
	Format int    `json:"format"`
	Kind   string `json:"kind"`
	Status int    `json:"status"`
	Error  string `json:"error"`
}

// ReadHead reads the head of a file of any kind.
func ReadHead(data []byte) (Head, error) {
	var head Head
	if err := decode(data, &head, false); err != nil {
		return Head{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return head, nil
}

// Decode reads a file of one kind and format into a struct that has a field for everything in it. Truncated files, files
// of another kind or format, and unknown fields are [ErrFormat].
func Decode(data []byte, kind string, format int, into any) error {
	head, err := ReadHead(data)
	switch {
	case err != nil:
		return err
	case head.Kind != kind:
		return fmt.Errorf("%w: its kind is %q, not %q", ErrFormat, head.Kind, kind)
	case head.Format != format:
		return fmt.Errorf("%w: it has format %d, and this version reads format %d", ErrFormat, head.Format, format)
	}
	if err := decode(data, into, true); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return nil
}

// decode reads one JSON value. Anything after it is an error.
func decode(data []byte, into any, strict bool) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if strict {
		dec.DisallowUnknownFields()
	}
	err := dec.Decode(into)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("it is empty")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it is cut short")
	case errors.As(err, &wrong):
		return fmt.Errorf("an unexpected JSON %s (%s)", wrong.Value, cmp.Or(wrong.Field, "at the top"))
	case err != nil:
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its end")
	}
	return refuseDuplicates(data)
}
