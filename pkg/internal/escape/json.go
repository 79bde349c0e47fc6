package escape

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON writes what JSON leaves as it is and a terminal or a CI system may obey, as marks that turn the direction of
// reading, as \u202e. It stands in strings only, because the rest is ASCII and no marker.
func JSON(data []byte) []byte {
	data = Markers(data, func(c byte) string { return fmt.Sprintf(`\u%04x`, c) })
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
