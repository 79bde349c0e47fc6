package jsonfile_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
)

type document struct {
	Text   string            `json:"text"`
	Maybe  string            `json:"maybe,omitempty"`
	List   []string          `json:"list"`
	Number float64           `json:"number"`
	Time   time.Time         `json:"time,omitzero"`
	More   *document         `json:"more"`
	Map    map[string]string `json:"map,omitempty"`
}

// The streamed output has the bytes that encoding/json produces, except for what is escaped. A fingerprint is computed from
// these bytes.
func TestWriteIsEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("a<>&\"\\\n\t\u2028é😀/ ")))
		d := document{
			Text: text.Draw(t, "text"), Maybe: text.Draw(t, "maybe"), Number: rapid.Float64().Draw(t, "number"),
			List: rapid.SliceOfN(text, 0, 400).Draw(t, "list"), Time: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "time"), 0).UTC(),
			Map: rapid.MapOf(text, text).Draw(t, "map"),
		}
		if rapid.Bool().Draw(t, "nested") {
			d.More = &document{Text: "within"}
		}
		var want, got, summed bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(d); err != nil {
			t.Fatal(err)
		}
		if err := jsonfile.Write(&got, d); err != nil || got.String() != want.String() {
			t.Fatalf("Write: %v\n%s\nwant\n%s", err, got.String(), want.String())
		}
		whole, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := jsonfile.Hash(&summed, d); err != nil || summed.String() != string(whole) {
			t.Fatalf("Hash: %v\n%s\nwant\n%s", err, summed.String(), whole)
		}
	})
}

// Text that a terminal or a CI system may interpret is escaped, wherever a write ends.
func TestWriteEscapes(t *testing.T) {
	for n := range 1500 {
		data, err := jsonfile.Encode([]string{strings.Repeat("x", n), "##vso[task]\u202e", "end"})
		if err != nil || strings.Contains(string(data), "##vso[") || strings.Contains(string(data), "\u202e") {
			t.Fatalf("after %d bytes: %s, %v", n, data[max(0, len(data)-80):], err)
		}
		var back []string
		if err := json.Unmarshal(data, &back); err != nil || back[1] != "##vso[task]\u202e" || data[len(data)-1] != '\n' {
			t.Fatalf("after %d bytes it comes back as %q, %v", n, back[1:], err)
		}
	}
}
