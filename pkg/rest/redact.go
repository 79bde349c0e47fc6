package rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/callroll/callroll/pkg/internal/escape"
	"github.com/callroll/callroll/pkg/secret"
)

const (
	maxExcerpt  = 300  // characters of foreign text in an error
	maxTicket   = 2000 // and in a trace, for a support ticket
	minRedacted = 4    // a shorter secret would punch holes into ordinary words
)

// Redactor makes foreign text fit to be shown: without the secrets it knows, without whatever looks like one, on one
// line and short. It is safe for concurrent use.
type Redactor struct {
	looks []look
	mu    sync.Mutex
	known []string
	whole []string // of known: a value, or its base64, of which a service may escape any character
}

// look is what a secret looks like that nobody knows beforehand. No text fits that has none of the words, in lower case.
type look struct {
	*regexp.Regexp
	words []string
}

// NewRedactor returns a redactor that knows secrets.
func NewRedactor(secrets ...secret.String) *Redactor {
	r := &Redactor{looks: []look{
		{regexp.MustCompile(`eyJ[A-Za-z0-9_-]{6,}(\.[A-Za-z0-9_-]*){0,4}`), []string{"eyj"}},                // a JWT, or the beginning of one
		{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{16,}`), []string{"bearer", "basic"}}, // longer than "authentication"
		{regexp.MustCompile(`(?i)(client_secret|client_assertion|assertion|access_token|refresh_token|id_token|password)\\*["']?\s*[=:]\s*\\*["']?[^\s"'&,}<\\]+`),
			[]string{"secret", "assertion", "token", "password"}},
		{regexp.MustCompile(`//[^/\s"'<>]*@`), []string{"@"}}, // the user in front of a host, as in HTTPS_PROXY
	}}
	for _, s := range secrets {
		r.Add(s)
	}
	return r
}

// Add makes one more secret known, in the spellings in which a service may echo it.
func (r *Redactor) Add(s secret.String) {
	value := s.Reveal()
	if len(value) < minRedacted {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.known, value) { // a token goes along with every request
		return
	}
	r.whole = append(append(r.whole, value), encodings(value)...)
	for _, spelling := range spellings(value) {
		if !slices.Contains(r.known, spelling) {
			r.known = append(r.known, spelling)
		}
	}
}

// spellings are the ways in which a service may write back what it was sent: as it is, in a URL, in a header, in JSON, in
// HTML.
func spellings(value string) []string {
	query := url.QueryEscape(value)
	spaced := strings.ReplaceAll(query, "+", "%20")
	out := []string{
		value, query, spaced, strings.ReplaceAll(spaced, "%2F", "/"), url.PathEscape(value),
		base64.StdEncoding.EncodeToString([]byte(value)), html.EscapeString(value), strings.Trim(strconv.QuoteToASCII(value), `"`),
	}
	if quoted, err := json.Marshal(value); err == nil {
		out = append(out, strings.Trim(string(quoted), `"`))
	}
	for _, escaped := range []string{spaced, strings.ReplaceAll(spaced, "~", "%7E"), everyByte(value)} {
		out = append(out, escaped, lowerEscapes(escaped)) // Entra makes secrets with a tilde, which need not be escaped and may be
	}
	out = append(out, encodings(value)...)
	var plain strings.Builder
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) == nil {
		out = append(out, strings.Trim(strings.TrimSpace(plain.String()), `"`))
	}
	return out
}

// everyByte escapes all that is no letter or digit, as in a URL.
func everyByte(value string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// lowerEscapes writes the escapes of a URL with small letters.
func lowerEscapes(escaped string) string {
	return regexp.MustCompile(`%[0-9A-F]{2}`).ReplaceAllStringFunc(escaped, strings.ToLower)
}

// encodings are what a secret looks like in base64 when anything stands before and behind it, as in "client:secret". What
// shares its bits with a neighbour is left out.
func encodings(value string) []string {
	if len(value) < 2*minRedacted {
		return nil // too little would be left of it
	}
	var out []string
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			encoded := alphabet.EncodeToString([]byte(strings.Repeat("\x00", before) + value))
			out = append(out, encoded[(before*8+5)/6:(before+len(value))*8/6])
		}
	}
	return out
}

// Text returns text without secrets, without control characters, and no longer than limit characters.
func (r *Redactor) Text(text string, limit int) string {
	r.mu.Lock()
	for _, s := range r.known {
		text = strings.ReplaceAll(text, s, "[secret]")
	}
	for _, s := range r.whole {
		text = secret.Hide(text, s, "[secret]")
	}
	r.mu.Unlock()
	lower := strings.ToLower(text)
	for _, look := range r.looks {
		// The path of every request comes by here, and hardly any has a word in it that an expression begins with.
		if slices.ContainsFunc(look.words, func(word string) bool { return strings.Contains(lower, word) }) {
			text = look.ReplaceAllString(text, "[secret]")
		}
	}
	return harmless(text, limit)
}

// Host returns a host that a service names. What is in a host may have lost its capitals on the way, so that a secret is found in
// any letter case.
func (r *Redactor) Host(host string) string {
	lower := strings.ToLower(host)
	r.mu.Lock()
	found := slices.ContainsFunc(r.known, func(s string) bool { return strings.Contains(lower, strings.ToLower(s)) })
	r.mu.Unlock()
	if found {
		return "[secret]"
	}
	return r.Text(host, maxExcerpt)
}

// harmless keeps what can be printed on one line, every run of white space one space.
func harmless(text string, limit int) string {
	text = strings.Map(func(c rune) rune {
		if escape.Printable(c) {
			return c
		}
		return ' '
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}
