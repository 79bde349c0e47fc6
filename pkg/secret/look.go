package secret

import (
	"regexp"
	"unicode"
)

// leastLook is how long a secret is at least that a vendor makes: Entra's have 40 characters, and those of Genesys 43.
const leastLook = 20

// Looks says whether a text may be a secret that somebody put in the wrong place: one long word with small and capital letters
// and digits. Ids, domains and addresses have no capitals.
func Looks(text string) bool {
	if len(text) < leastLook {
		return false
	}
	var small, capital, digit bool
	for _, r := range text {
		switch {
		case unicode.IsSpace(r) || r == '@':
			return false
		case unicode.IsUpper(r):
			capital = true
		case unicode.IsLower(r):
			small = true
		case unicode.IsDigit(r):
			digit = true
		}
	}
	return small && capital && digit && !isID(text)
}

func isID(text string) bool {
	return regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`).MatchString(text)
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
	quoted := regexp.MustCompile("\"[^\"\\s]+\"|'[^'\\s]+'|`[^`\\s]+`")
	return quoted.ReplaceAllStringFunc(message, func(q string) string {
		if Looks(q[1 : len(q)-1]) {
			return NotShown
		}
		return q
	})
}
