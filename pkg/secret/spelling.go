package secret

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// A service, a proxy or a library may return what it was sent with any of its characters escaped: as in a URL (RFC 3986 §2.1),
// in HTML, in JSON (RFC 8259 §7), in a Go or C string, or in quoted-printable text (RFC 2045 §6.7). It may escape them several
// times.

// Hide returns text with placeholder in place of value. It also finds value if some or all of its characters are escaped.
func Hide(text, value, placeholder string) string {
	switch {
	case value == "":
		return text
	case !strings.ContainsAny(text, `%&\=+`): // nothing is escaped
		return strings.ReplaceAll(text, value, placeholder)
	}
	var out strings.Builder
	for at := 0; at < len(text); {
		if end := spelled(text, at, value); end > at {
			out.WriteString(placeholder)
			at = end
			continue
		}
		out.WriteByte(text[at])
		at++
	}
	return out.String()
}

// spelled returns where value ends in text if it begins at the offset at, or -1 if it does not begin there. Some characters
// can be read in several ways, so spelled follows all of them.
func spelled(text string, at int, value string) int {
	ends := []int{at}
	for i, r := range value {
		literal := string(r)
		if r == utf8.RuneError && !strings.HasPrefix(value[i:], literal) { // a byte that is not UTF-8
			r, literal = rune(value[i]), value[i:i+1]
		}
		var next []int
		for _, at := range ends {
			next = append(next, spellings(text[at:], at, r, literal)...)
		}
		slices.Sort(next)
		if ends = slices.Compact(next); len(ends) == 0 {
			return -1
		}
	}
	return ends[len(ends)-1]
}

// spellings returns the offsets where r may end if text, which begins at the offset at, begins with r. literal is r as it is
// in the value.
func spellings(text string, at int, r rune, literal string) (ends []int) {
	if text == "" {
		return nil
	}
	if strings.HasPrefix(text, literal) {
		ends = append(ends, at+len(literal))
	}
	add := func(n int) {
		if n > 0 {
			ends = append(ends, at+n)
		}
	}
	switch text[0] {
	case '+':
		if r == ' ' {
			add(1)
		}
	case '%', '=':
		for n := range escapedBytes(text, literal) {
			add(n)
		}
		if r == ' ' { // a space may be a plus sign, which is escaped here
			for n := range escapedBytes(text, "+") {
				add(n)
			}
		}
	case '&':
		add(entity(text, r))
	case '\\':
		add(backslash(text, r))
	}
	return ends
}

// escapedBytes returns the possible lengths of a character whose bytes are written as %41 or =41. A percent sign may itself be
// escaped, as in %2541.
func escapedBytes(text, literal string) map[int]bool {
	ends := map[int]bool{0: true}
	for _, c := range []byte(literal) {
		next := map[int]bool{}
		for n := range ends {
			rest := text[n:]
			if rest == "" || rest[0] != text[0] {
				continue
			}
			for skip := 1; ; skip += 2 {
				if hexByte(rest[skip:], c) {
					next[n+skip+2] = true
				}
				if !strings.HasPrefix(rest[skip:], "25") {
					break
				}
			}
		}
		ends = next
	}
	return ends
}

func hexByte(text string, c byte) bool {
	if len(text) < 2 {
		return false
	}
	n, err := strconv.ParseUint(text[:2], 16, 8)
	return err == nil && byte(n) == c
}

// entityForm matches one entity. The semicolon of a number is optional in HTML.
var entityForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[a-zA-Z][a-zA-Z0-9]*;)`)
})

// entity returns the length of the entity for r in HTML, such as &#65;, &#x41; or &amp;. The ampersand may itself be escaped,
// as in &amp;#65;. It returns 0 if text does not begin with such an entity.
func entity(text string, r rune) int {
	if rest, ok := strings.CutPrefix(text, "&amp;"); ok {
		if inner := entity("&"+rest, r); inner > 0 {
			return len("amp;") + inner
		}
	}
	found := entityForm().FindString(text)
	if found != "" && html.UnescapeString(strings.TrimSuffix(found, ";")+";") == string(r) {
		return len(found)
	}
	return 0
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// backslash returns the length of a character after backslashes, such as \", \u0041 or \x41. There are several backslashes if
// JSON is inside JSON. It returns 0 if text does not begin with r in such a form.
func backslash(text string, r rune) int {
	n := len(text) - len(strings.TrimLeft(text, `\`))
	rest := text[n:]
	if code := hexRune(rest, r); code > 0 {
		return n + code
	}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		if first := hexRune(rest, high); first > 0 {
			behind := strings.TrimLeft(rest[first:], `\`)
			if second := hexRune(behind, low); second > 0 && len(behind) < len(rest[first:]) {
				return len(text) - len(behind) + second
			}
		}
	}
	letter := strings.IndexRune("\a\b\f\n\r\t\v", r)
	switch {
	case letter >= 0 && strings.HasPrefix(rest, "abfnrtv"[letter:letter+1]):
		return n + 1
	case r == '\\':
		return n
	case !isLetter(byte(min(r, utf8.RuneSelf-1))) && strings.HasPrefix(rest, string(r)):
		return n + len(string(r))
	}
	return 0
}

// hexForm matches a character as hexRune reads it.
var hexForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[xX]([0-9a-fA-F]{2})|u\{([0-9a-fA-F]+)\})`)
})

// hexRune returns the length of a character that is written as u0041, U00000041, u{41} or x41, or 0.
func hexRune(text string, r rune) int {
	found := hexForm().FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	if code, err := strconv.ParseUint(strings.Join(found[1:], ""), 16, 32); err != nil || rune(code) != r {
		return 0
	}
	return len(found[0])
}
