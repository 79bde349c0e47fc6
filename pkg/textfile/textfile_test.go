package textfile_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/callroll/callroll/pkg/textfile"
)

// encoded returns text in UTF-16 with a byte order mark.
func encoded(order binary.AppendByteOrder, text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

// What PowerShell and other programs write is the same text.
func TestDecode(t *testing.T) {
	const text = "Lucía 😀\r\n\ufffd"
	for name, written := range map[string]string{
		"UTF-8": text, "UTF-8 with a mark": "\ufeff" + text, "with two marks": "\ufeff\ufeff" + text,
		"UTF-16, little endian": encoded(binary.LittleEndian, text), "UTF-16, big endian": encoded(binary.BigEndian, text),
		"UTF-16 with two marks": encoded(binary.LittleEndian, "\ufeff"+text),
	} {
		if got, err := textfile.Decode([]byte(written)); err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	little := encoded(binary.LittleEndian, text)
	for name, written := range map[string]string{
		"half a unit is missing": little[:len(little)-1], "half of a pair": encoded(binary.LittleEndian, "x")[:4] + "\x3d\xd8",
		"UTF-32": "\xff\xfe\x00\x00x\x00\x00\x00", "UTF-32, big endian": "\x00\x00\xfe\xff\x00\x00\x00x",
	} {
		if got, err := textfile.Decode([]byte(written)); err == nil || !strings.Contains(err.Error(), "UTF-") {
			t.Errorf("%s: %q, %v; want an error that names the encoding", name, got, err)
		}
	}
	for _, other := range []string{"", "\xff", "\xfe", "latin\xfc", "0\x82\x01"} {
		if got, err := textfile.Decode([]byte(other)); err != nil || string(got) != other {
			t.Errorf("Decode(%q) = %q, %v; want it as it is", other, got, err)
		}
	}
}

func TestTrim(t *testing.T) {
	for text, want := range map[string]string{
		"x": "x", "x\n": "x", "x\r\n\r\n": "x", "\ufeffx": "x", " \t\ufeff x y\u00a0\n\ufeff": "x y", "\ufeff\n": "",
	} {
		if got := textfile.Trim(text); got != want {
			t.Errorf("Trim(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	data, info, err := textfile.Read(t.Context(), file("fits", encoded(binary.BigEndian, "four")), 10)
	if err != nil || string(data) != "four" || info.Mode() != 0o600 {
		t.Errorf("Read = %q, %v, %v", data, info, err)
	}
	for path, want := range map[string]error{
		file("large", "eleven byte"): nil, file("empty", ""): textfile.ErrEmpty, file("blank", "\ufeff \r\n"): textfile.ErrEmpty,
		dir: textfile.ErrFolder, filepath.Join(dir, "none"): fs.ErrNotExist, file("half", "\xff\xfex"): nil,
	} {
		_, _, err := textfile.Read(t.Context(), path, 10)
		var failed *fs.PathError
		if !errors.As(err, &failed) || failed.Path != path || want != nil && !errors.Is(err, want) {
			t.Errorf("Read(%s): %v; want %v and the path", path, err, want)
		}
	}
}

// A reader that never ends is read up to the limit, and one that never answers is left.
func TestReadFrom(t *testing.T) {
	if data, err := textfile.ReadFrom(t.Context(), strings.NewReader("\ufeffx"), 10); err != nil || string(data) != "x" {
		t.Errorf("ReadFrom = %q, %v", data, err)
	}
	_, err := textfile.ReadFrom(t.Context(), endless{}, 10)
	if err == nil || !strings.Contains(err.Error(), "larger than 10 bytes") {
		t.Errorf("an endless reader: %v", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, err := textfile.ReadFrom(ctx, r, 10); !errors.Is(err, cause) {
		t.Errorf("a silent reader: %v", err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
