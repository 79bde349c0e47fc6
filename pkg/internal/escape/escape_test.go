package escape_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/internal/escape"
)

// What is not printable is the same for reports, for files and for errors.
func TestPrintable(t *testing.T) {
	for _, r := range "aZ0é한字é!☎\u0301 \u00a0\u3000\ufffd" {
		if !escape.Printable(r) {
			t.Errorf("%U is not printable", r)
		}
	}
	for name, r := range map[string]rune{
		"escape": '\x1b', "new line": '\n', "tab": '\t', "delete": 0x7f, "next line": 0x85, "CSI": 0x9b, "line separator": 0x2028,
		"right to left override": 0x202e, "left to right isolate": 0x2066, "zero width space": 0x200b, "zero width joiner": 0x200d,
		"byte order mark": 0xfeff, "soft hyphen": 0xad, "tag": 0xe0001, "private use": 0xe000, "unassigned": 0x0378,
	} {
		if escape.Printable(r) {
			t.Errorf("%s is printable", name)
		}
		text := "a" + string(r) + "b"
		if got := escape.Text(text); strings.ContainsRune(got, r) || !strings.HasPrefix(got, "a<U+") {
			t.Errorf("%s in a text: %q", name, got)
		}
		data, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		if data = escape.JSON(data); strings.ContainsRune(string(data), r) || json.Unmarshal(data, &back) != nil || back != text {
			t.Errorf("%s in JSON: %q", name, data)
		}
	}
	if got := escape.Text("a\u3000b\u00a0c"); got != "a b c" {
		t.Errorf("wide spaces: %q", got)
	}
	if got := string(escape.JSON([]byte("\"a\u3000b\""))); got != "\"a\u3000b\"" {
		t.Errorf("a wide space in JSON: %q", got)
	}
}
