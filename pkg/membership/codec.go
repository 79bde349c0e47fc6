package membership

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrFormat is wrapped by every error about bytes that are not a file of the kind and format that was asked for.
var ErrFormat = errors.New("not a file that callroll can use")

// EncodeJSON writes a value as every file of callroll stands on disk: indented, names as they are, a final newline.
func EncodeJSON(value any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return EscapeJSON(buf.Bytes()), nil
}

// EscapeJSON writes what JSON leaves as it is and a terminal or a CI system may obey, as marks that turn the direction of
// reading, as \u202e. It stands in strings only, because the rest is ASCII and no marker.
func EscapeJSON(data []byte) []byte {
	data = EscapeMarkers(data, func(c byte) string { return fmt.Sprintf(`\u%04x`, c) })
	obeyed := func(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }
	if !bytes.ContainsFunc(data, obeyed) {
		return data
	}
	out := make([]byte, 0, len(data)+16)
	for _, r := range string(data) {
		if !obeyed(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}

// Head is what every file of callroll begins with: it says how to read the rest. Status is set where an earlier stage of
// a pipe failed (kind "failure").
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

// Decode reads a file of one kind and format into a struct that has a field for everything in it. Bytes that are cut
// short, of another kind or format, or that hold unknown fields are ErrFormat.
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

// decode reads one JSON value and nothing after it.
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
