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
	maxExcerpt  = 300  // maximum number of characters of outside text in an error
	maxTicket   = 2000 // maximum number of characters in a trace, for a support ticket
	minRedacted = 4    // minimum length in bytes; shorter secrets also occur in ordinary words
)

// Redactor makes outside text safe to print: it removes known secrets and text that looks like a secret, and shortens the text
// to one line. It is safe for concurrent use.
type Redactor struct {
	looks []look
	mu    sync.Mutex
	known []string
	whole []string // the values in known and their base64 forms, in which a service may escape any character
}

// look is a pattern for secrets that are not known in advance. A text matches only if it contains one of the words, in lower
// case.
type look struct {
	*regexp.Regexp
	words []string
}

// NewRedactor returns a redactor that removes the given secrets.
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

// Add adds a secret, in all spellings in which a service may return it. Secrets shorter than 4 bytes are ignored.
func (r *Redactor) Add(s secret.String) {
	value := s.Reveal()
	if len(value) < minRedacted {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.known, value) { // the token is added again for every request
		return
	}
	r.whole = append(append(r.whole, value), encodings(value)...)
	for _, spelling := range spellings(value) {
		if !slices.Contains(r.known, spelling) {
			r.known = append(r.known, spelling)
		}
	}
}

// spellings returns the forms in which a service may return a value that it was sent: unchanged, and as escaped in a URL, a
// header, JSON and HTML.
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
		out = append(out, escaped, lowerEscapes(escaped)) // secrets of Entra contain tildes, which may be escaped but need not be
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

// everyByte escapes everything except letters and digits, as in a URL.
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

// lowerEscapes converts the escapes of a URL to lower case.
func lowerEscapes(escaped string) string {
	return regexp.MustCompile(`%[0-9A-F]{2}`).ReplaceAllStringFunc(escaped, strings.ToLower)
}

// encodings returns the base64 forms of a secret inside a longer text, as in "client:secret". Characters that also encode bits
// of the text before or after the secret are left out.
func encodings(value string) []string {
	if len(value) < 2*minRedacted {
		return nil // what is left would be too short
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

// Text returns text without secrets and without control characters, cut to at most limit characters.
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
		// Text is called for the path of every request, and few paths contain one of the words. This check is cheaper than the
		// expression.
		if slices.ContainsFunc(look.words, func(word string) bool { return strings.Contains(lower, word) }) {
			text = look.ReplaceAllString(text, "[secret]")
		}
	}
	return harmless(text, limit)
}

// Host returns a host name that a service has sent, or "[secret]" if it contains a known secret in any letter case: host names
// may have been converted to lower case.
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

// harmless returns text on one line, without characters that cannot be printed, and with single spaces as white space.
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
