package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf16"

	"github.com/callroll/callroll/pkg/membership"
)

// IdempotencyKey names the state that a PUT asks for: the hex SHA-256 of the Genesys group id, a colon, and the JSON
// array of the distinct sorted member ids as Python's json.dumps writes it. The same group with the same members always
// has the same key. Genesys is not known to look at it: it serves to find a state again in logs, and promises nothing.
func IdempotencyKey(groupID string, members []string) string {
	sum := sha256.New()
	text := append(make([]byte, 0, 4096), groupID...) // written out in pieces: a group has thousands of members
	text = append(text, ":["...)
	for i, id := range membership.Distinct(members) {
		if i > 0 {
			text = append(text, ", "...)
		}
		if text = appendPython(text, id); len(text) > 4000 {
			sum.Write(text)
			text = text[:0]
		}
	}
	sum.Write(append(text, ']'))
	return hex.EncodeToString(sum.Sum(nil))
}

// appendPython writes a string as json.dumps does by default: everything outside printable ASCII as \uXXXX, in UTF-16.
func appendPython(text []byte, value string) []byte {
	text = append(text, '"')
	if isPlain(value) {
		text = append(text, value...)
	} else {
		for _, r := range value {
			text = appendPythonRune(text, r)
		}
	}
	return append(text, '"')
}

// isPlain says whether a string stands in JSON as it is, as every id does.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendPythonRune(text []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(text, '\\', byte(r))
	case r == '\n':
		return append(text, `\n`...)
	case r == '\r':
		return append(text, `\r`...)
	case r == '\t':
		return append(text, `\t`...)
	case r == '\b':
		return append(text, `\b`...)
	case r == '\f':
		return append(text, `\f`...)
	case r >= ' ' && r <= '~':
		return append(text, byte(r))
	}
	for _, unit := range utf16.Encode([]rune{r}) {
		text = fmt.Appendf(text, `\u%04x`, unit)
	}
	return text
}
