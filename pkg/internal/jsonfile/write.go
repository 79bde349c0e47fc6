package jsonfile

import (
	"bytes"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/callroll/callroll/pkg/internal/escape"
)

// Write writes a value in the form of every file of callroll: as encoding/json does, indented, without HTML escapes, with
// a final newline. It writes while it encodes: a plan of 500 groups with 1,000 members is a file of 25 MB, and this takes
// 70 MiB less than encoding it first.
func Write(w io.Writer, value any) error {
	lines := &lineWriter{w: w}
	err := json.MarshalWrite(lines, value, jsonv1.DefaultOptionsV1(), jsontext.EscapeForHTML(false), jsontext.WithIndent("  "))
	if err == nil {
		_, err = lines.Write([]byte("\n"))
	}
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// Hash writes a value to a hash, as json.Marshal of encoding/json writes it.
func Hash(sum io.Writer, value any) error {
	return json.MarshalWrite(sum, value, jsonv1.DefaultOptionsV1())
}

// Encode returns what Write writes.
func Encode(value any) ([]byte, error) {
	var buf bytes.Buffer
	err := Write(&buf, value)
	return buf.Bytes(), err
}

// lineWriter writes complete lines, escaped. A sequence to escape never extends beyond the end of a line.
type lineWriter struct {
	w    io.Writer
	rest []byte // the beginning of the last line, if it is not complete
}

func (l *lineWriter) Write(p []byte) (int, error) {
	end := bytes.LastIndexByte(p, '\n') + 1
	if end == 0 {
		l.rest = append(l.rest, p...)
		return len(p), nil
	}
	lines := append(l.rest, p[:end]...)
	_, err := l.w.Write(escape.JSON(lines))
	l.rest = append(lines[:0], p[end:]...)
	return len(p), err
}
