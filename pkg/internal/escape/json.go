package escape

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON escapes characters that JSON allows and that a terminal or a CI system may interpret, such as characters that
// change the writing direction, as \u202e. They occur in strings only, because the rest of JSON is ASCII and has no
// markers.
func JSON(data []byte) []byte {
	data = Markers(data, func(c byte) string { return fmt.Sprintf(`\u%04x`, c) })
	interpreted := func(r rune) bool { return r >= 0x7f && !unicode.IsPrint(r) }
	if !bytes.ContainsFunc(data, interpreted) {
		return data
	}
	out := make([]byte, 0, len(data)+16)
	for _, r := range string(data) {
		if !interpreted(r) {
			out = utf8.AppendRune(out, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			out = fmt.Appendf(out, `\u%04x`, unit)
		}
	}
	return out
}
