package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/callroll/callroll/pkg/membership"
)

// IdempotencyKey names the state that a PUT asks for: the hex SHA-256 of the Genesys group id, a colon, and the JSON
// array of the distinct sorted member ids as Python's json.dumps writes it. The same group with the same members always
// has the same key. Genesys is not known to look at it: it serves to find a state again in logs, and promises nothing.
func IdempotencyKey(groupID string, members []string) string {
	text := make([]byte, 0, len(groupID)+40*len(members)+3) // ids of 36 characters
	text = append(append(text, groupID...), ":["...)
	for i, id := range membership.Distinct(members) {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = appendPython(text, id)
	}
	sum := sha256.Sum256(append(text, ']'))
	return hex.EncodeToString(sum[:])
}

// appendPython writes a string as json.dumps does by default: everything outside printable ASCII as \uXXXX, in UTF-16.
func appendPython(text []byte, value string) []byte {
	const special, letters = "\"\\\n\r\t\b\f", `"\nrtbf`
	text = append(text, '"')
	for _, r := range value {
		if r >= ' ' && r <= '~' && r != '"' && r != '\\' {
			text = append(text, byte(r))
		} else if i := strings.IndexRune(special, r); i >= 0 {
			text = append(text, '\\', letters[i])
		} else {
			for _, unit := range utf16.AppendRune(nil, r) {
				text = fmt.Appendf(text, `\u%04x`, unit)
			}
		}
	}
	return append(text, '"')
}
