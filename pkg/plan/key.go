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
	sum := sha256.Sum256([]byte(groupID + ":" + pythonArray(membership.Distinct(members))))
	return hex.EncodeToString(sum[:])
}

// pythonArray writes strings as json.dumps does by default: ", " between them and everything outside printable ASCII
// as \uXXXX, in UTF-16.
func pythonArray(values []string) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, value := range values {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteByte('"')
		for _, r := range value {
			writePythonRune(&b, r)
		}
		b.WriteByte('"')
	}
	b.WriteByte(']')
	return b.String()
}

func writePythonRune(b *strings.Builder, r rune) {
	switch {
	case r == '"' || r == '\\':
		b.WriteByte('\\')
		b.WriteRune(r)
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\b':
		b.WriteString(`\b`)
	case r == '\f':
		b.WriteString(`\f`)
	case r >= ' ' && r <= '~':
		b.WriteRune(r)
	default:
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(b, `\u%04x`, unit)
		}
	}
}
