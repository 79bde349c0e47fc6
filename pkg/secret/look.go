package secret

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/callroll/callroll/pkg/internal/guid"
)

// leastLook is how long a secret is at least that a vendor makes: Entra's have 40 characters, and those of Genesys 43.
const leastLook = 20

// leastPart is how long a part of a secret is at least that was pasted with white space in it.
const leastPart = 8

// Looks says whether a text may be a secret that somebody put in the wrong place: one long word with small and capital letters
// and digits. Ids, domains and addresses have no capitals. White space may have come into it on the way; then it is a part of
// it that has all of that, which a word of a language has not.
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

// leastChanges is how often the kind of character changes in such a part at least. In Building5 it changes twice.
const leastChanges = 4

// mixed says whether a word has small and capital letters and digits.
func mixed(word string) bool {
	has := map[charKind]bool{}
	for _, r := range word {
		if r == '@' {
			return false
		}
		has[kindOf(r)] = true
	}
	return has[small] && has[capital] && has[digit]
}

// changes counts how often the kind of character changes in a word.
func changes(word string) int {
	n, last := 0, charKind(-1)
	for _, r := range word {
		if kind := kindOf(r); kind != last {
			n, last = n+1, kind
		}
	}
	return n - 1
}

// charKind is a kind of character.
type charKind int

const (
	other charKind = iota
	small
	capital
	digit
)

func kindOf(r rune) charKind {
	switch {
	case unicode.IsUpper(r):
		return capital
	case unicode.IsLower(r):
		return small
	case unicode.IsDigit(r):
		return digit
	}
	return other
}

// NotShown stands in place of a value that may be a secret.
const NotShown = "[not shown: it may be a secret]"

// Mask returns a text that is to be shown, or NotShown.
func Mask(text string) string {
	if Looks(text) {
		return NotShown
	}
	return text
}

// MaskQuoted masks what stands in quotes in a message.
func MaskQuoted(message string) string {
	quoted := regexp.MustCompile(`"(?:[^"\\]|\\.)+"|'[^'\s]+'|` + "`[^`]+`")
	return quoted.ReplaceAllStringFunc(message, func(q string) string {
		if Looks(q[1 : len(q)-1]) {
			return NotShown
		}
		return q
	})
}
