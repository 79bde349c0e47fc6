package secret

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/callroll/callroll/pkg/internal/guid"
)

// leastLook is the minimum length of text that may be a secret. Secrets of Entra have 40 characters, those of Genesys 43.
const leastLook = 20

// leastPart is the minimum length of a part of a secret that contains white space.
const leastPart = 8

// Looks reports whether a text may be a secret in the wrong place: one long word with lower-case letters, upper-case letters
// and digits. Ids, domains and addresses have no upper-case letters. A secret may have been pasted with white space in it.
// Then one of its parts must look like this, and the kind of character must change more often in it than in an ordinary word.
func Looks(text string) bool {
	parts := strings.Fields(text)
	if len(strings.Join(parts, "")) < leastLook {
		return false
	}
	if len(parts) == 1 {
		return mixed(parts[0]) && !guid.Is(parts[0])
	}
	return slices.ContainsFunc(parts, func(part string) bool {
		return len(part) >= leastPart && mixed(part) && changes(part) >= leastChanges && !guid.Is(part)
	})
}

// leastChanges is how often the kind of character must change in such a part. In Building5 it changes twice.
const leastChanges = 4

// mixed reports whether a word has lower-case letters, upper-case letters and digits, and no @.
func mixed(word string) bool {
	return strings.ContainsFunc(word, unicode.IsLower) && strings.ContainsFunc(word, unicode.IsUpper) &&
		strings.ContainsFunc(word, unicode.IsDigit) && !strings.Contains(word, "@")
}

// changes returns how often the kind of character changes in a word. The kinds are lower-case letters, upper-case letters,
// digits, and all others.
func changes(word string) int {
	type kind struct{ lower, upper, digit bool }
	n, last := -1, kind{true, true, true} // no character is of this kind
	for _, r := range word {
		if this := (kind{unicode.IsLower(r), unicode.IsUpper(r), unicode.IsDigit(r)}); this != last {
			n, last = n+1, this
		}
	}
	return n
}

// NotShown is printed instead of a value that may be a secret.
const NotShown = "[not shown: it may be a secret]"

// Mask returns text, or [NotShown] if text looks like a secret.
func Mask(text string) string {
	if Looks(text) {
		return NotShown
	}
	return text
}

// MaskQuoted returns message with [NotShown] in place of each quoted text that looks like a secret.
func MaskQuoted(message string) string {
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\.)+"|'[^'\s]+'|` + "`[^`]+`")
	return quoted.ReplaceAllStringFunc(message, func(q string) string {
		if Looks(q[1 : len(q)-1]) {
			return NotShown
		}
		return q
	})
}
