// Package secret holds a string that cannot print itself, and knows the one file it may be read from; it refuses to
// show what it holds to fmt, encoding/json, encoding and log/slog alike.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

// String is a password or a token. Only Reveal gives it away; whatever prints or encodes it shows a placeholder. The
// zero value is no secret at all.
type String struct {
	// A pointer, because fmt walks into unexported fields of a struct around it without asking Format, and then
	// prints an address.
	value *string
}

const placeholder = "[secret]"

// New wraps value.
func New(value string) String { return String{&value} }

// Reveal returns what is wrapped. Call it where the secret goes on the wire, and nowhere else.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero says whether there is nothing to hide.
func (s String) IsZero() bool { return s.Reveal() == "" }

// String returns a placeholder.
func (s String) String() string { return placeholder }

// Format writes a placeholder, whatever the verb and the flags.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, placeholder) }

// MarshalText returns a placeholder; encoding/json uses it too.
func (s String) MarshalText() ([]byte, error) { return []byte(placeholder), nil }

// LogValue returns a placeholder.
func (s String) LogValue() slog.Value { return slog.StringValue(placeholder) }
