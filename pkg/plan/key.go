package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/callroll/callroll/pkg/membership"
)

// IdempotencyKey identifies the state that a PUT asks for. It is the hex SHA-256 of the Genesys group id, a colon, and the
// JSON array of the distinct sorted member ids as Python's json.dumps writes it. The same group with the same members
// always has the same key. Genesys is not known to evaluate the key; it serves to find a state in logs, and nothing
// depends on it.
func IdempotencyKey(groupID string, members []string) string {
	text := make([]byte, 0, len(groupID)+40*len(members)+3) // an id has 36 characters
	text = append(append(text, groupID...), ":["...)
	for i, id := range membership.Distinct(members) {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = appendPythonString(text, id)
	}
	sum := sha256.Sum256(append(text, ']'))
	return hex.EncodeToString(sum[:])
}

// appendPythonString appends a string as json.dumps writes it by default: characters outside printable ASCII as \uXXXX, in
// UTF-16.
func appendPythonString(text []byte, value string) []byte {
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
