package secret_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
	unicode16 "unicode/utf16"

	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/secret"
)

// ways are how one character may be written.
func ways(r rune) []string {
	out := []string{
		string(r), html.EscapeString(string(r)), url.QueryEscape(string(r)),
		fmt.Sprintf("&#%d;", r), fmt.Sprintf("&#x%X;", r), fmt.Sprintf("&#X%x;", r), fmt.Sprintf("&#x000%x;", r), fmt.Sprintf("&amp;#x%X;", r),
		fmt.Sprintf(`\u%04x`, r), fmt.Sprintf(`\u%04X`, r), fmt.Sprintf(`\\u%04X`, r), fmt.Sprintf(`\u{%x}`, r),
	}
	if r > 0xFFFF {
		high, low := unicode16.EncodeRune(r)
		out = append(out[:8], fmt.Sprintf(`\u%04x\u%04X`, high, low), fmt.Sprintf(`\U%08x`, r))
	}
	var percent, lower, twice, quoted string
	for _, c := range []byte(string(r)) {
		percent, lower = percent+fmt.Sprintf("%%%02X", c), lower+fmt.Sprintf("%%%02x", c)
		twice, quoted = twice+fmt.Sprintf("%%25%02x", c), quoted+fmt.Sprintf("=%02X", c)
	}
	return append(out, percent, lower, twice, quoted)
}

// Whatever characters are escaped, and in whatever way, nothing of the secret is left.
func TestHideEverySpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringOfN(rapid.RuneFrom([]rune(`AZaz09~._-+/=&<>"'\ %#;é€😀xu25`)), 4, 24, -1).Draw(t, "value")
		var b strings.Builder
		for _, r := range value {
			b.WriteString(rapid.SampledFrom(ways(r)).Draw(t, "way"))
		}
		if got := secret.Hide("it said "+b.String()+"|there", value, "*"); got != "it said *|there" {
			t.Fatalf("%q as %q is shown as %q", value, b.String(), got)
		}
	})
}

// The escape of its first character ends with that character, so that the value itself stands in the text.
func TestHideAValueWithinItsSpelling(t *testing.T) {
	if got := secret.Hide(`it said \u0030AAA`, "0AAA", "*"); got != "it said *" {
		t.Errorf("%q", got)
	}
}

// A variable of the environment may have bytes that are not UTF-8.
func TestHideBytesThatAreNotUTF8(t *testing.T) {
	const value = "pa\xdfwort-Gehe1m~XyZ"
	for _, text := range []string{value, value + " (100%)", "x=" + value, `pa\xdfwort-Gehe1m~XyZ`, "pa%DFwort-Gehe1m%7EXyZ", "pa=dfwort-Gehe1m~XyZ"} {
		if got := secret.Hide("it said "+text, value, "*"); !strings.HasPrefix(got, "it said *") && got != "it said x=*" {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

// HTML does not need the semicolon of a number, and some programs write the x in upper case.
func TestHideUnusualEscapes(t *testing.T) {
	for _, text := range []string{`\X41bcd`, "&#65bcd", "&#x41;bcd", `\u{41}bcd`, `\U00000041bcd`} {
		if got := secret.Hide("it said "+text, "Abcd", "*"); got != "it said *" {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

// A form writes only the space of this one in another way.
func TestHideASpaceAsPlus(t *testing.T) {
	if got := secret.Hide("client_secret: correct+horse", "correct horse", "*"); got != "client_secret: *" {
		t.Errorf("%q", got)
	}
}

// The whole of it in the one way that each encoder has.
func TestHideWholeSpellings(t *testing.T) {
	const value = `aB1~&<"é\/+ z`
	quoted, _ := json.Marshal(value)
	twice, _ := json.Marshal(string(quoted))
	for _, text := range []string{
		value, strings.Trim(string(quoted), `"`), strings.Trim(string(twice), `"\`), html.EscapeString(value), url.QueryEscape(value), url.PathEscape(value),
		strings.ToLower(url.QueryEscape("~&<>")) + value, strconv.QuoteToASCII(value), html.EscapeString(html.EscapeString(value)),
		url.QueryEscape(url.QueryEscape(value)), "&#x61;&#66;&#x31;&#126;&amp;&lt;&quot;&eacute;&bsol;&sol;&plus;&#32;&#122;",
	} {
		if got := secret.Hide(text, value, "*"); strings.Count(got, "*") != 1 || strings.ContainsAny(got, "zB") {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
}

// Line breaks and tabs have letters of their own in JSON and in Go.
func TestHideControlCharacters(t *testing.T) {
	const value = "aB1\n\t\r\b\fz"
	quoted, _ := json.Marshal(value)
	for _, text := range []string{string(quoted), strconv.Quote(value), strconv.Quote(string(quoted))} {
		if got := secret.Hide(text, value, "*"); strings.Trim(got, `"\`) != "*" {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
	if got := secret.Hide(strconv.Quote("aB1\a\vz"), "aB1\a\vz", "*"); got != `"*"` {
		t.Errorf("the letters of Go are shown as %s", got)
	}
}

// Other text stays as it is.
func TestHideNothingElse(t *testing.T) {
	for _, text := range []string{"", "a plain text", `100% & more \ = %zz &#; &#x; &nosuch; \u00 \x`, "%41%42", "secre", "&#115;ecre"} {
		if got := secret.Hide(text, "secret", "*"); got != text {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
	if got := secret.Hide("x", "", "*"); got != "x" {
		t.Errorf("no secret: %q", got)
	}
}
