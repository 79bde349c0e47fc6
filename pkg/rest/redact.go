package rest

import (
	"encoding/base64"
	"regexp"
	"slices"
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
	known []string // the secrets and their base64 forms, in which a service may escape any character
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
		// A JWT, or the beginning of one.
		{regexp.MustCompile(`eyJ[A-Za-z0-9_-]{6,}(\.[A-Za-z0-9_-]*){0,4}`), []string{"eyj"}},
		// Longer than "authentication", so that "basic authentication" stays.
		{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{16,}`), []string{"bearer", "basic"}},
		// A value with its name, as in a form or in JSON.
		{
			regexp.MustCompile(`(?i)(client_secret|client_assertion|assertion|access_token|refresh_token|id_token|password)` +
				`\\*["']?\s*[=:]\s*\\*["']?[^\s"'&,}<\\]+`),
			[]string{"secret", "assertion", "token", "password"},
		},
		// The user in front of a host, as in HTTPS_PROXY.
		{regexp.MustCompile(`//[^/\s"'<>]*@`), []string{"@"}},
	}}
	for _, s := range secrets {
		r.Add(s)
	}
	return r
}

// Add adds a secret, in all forms in which a service may return it. Secrets shorter than 4 bytes are ignored.
func (r *Redactor) Add(s secret.String) {
	value := s.Reveal()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(value) >= minRedacted && !slices.Contains(r.known, value) { // the token is added again for every request
		r.known = append(append(r.known, value), encodings(value)...)
	}
}

// encodings returns the base64 forms of a secret: alone, and inside a longer text, as in "client:secret". Characters that also
// encode bits of the text before or after the secret are left out.
func encodings(value string) []string {
	out := []string{base64.StdEncoding.EncodeToString([]byte(value))}
	if len(value) < 2*minRedacted {
		return out // what is left of the others would be too short
	}
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
	found := slices.ContainsFunc(r.known, func(s string) bool { return secret.Hide(lower, strings.ToLower(s), "") != lower })
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
