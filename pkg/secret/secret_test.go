package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/secret"
)

const hidden = "hunter2-swordfish"

// Incident 25: the token stood in the debug log.
func TestNeverPrintsItself(t *testing.T) {
	type holder struct {
		Public  secret.String
		private secret.String
	}
	s := secret.New(hidden)
	h := holder{s, s}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s", "%t"} {
		fmt.Fprintf(&out, verb+"\n", s)
		fmt.Fprintf(&out, verb+"\n", &s)
		fmt.Fprintf(&out, verb+"\n", h)
		fmt.Fprintf(&out, verb+"\n", []any{s, &h})
	}
	fmt.Fprintln(&out, s, s.String(), h)
	if err := json.NewEncoder(&out).Encode(map[string]any{"a": s, "b": h}); err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "s", s, "h", h)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "s", s, "h", h)
	if text := out.String(); strings.Contains(text, hidden) || strings.Contains(text, fmt.Sprintf("%x", hidden)) {
		t.Errorf("the secret is in:\n%s", text)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, s); got != "[secret]" {
			t.Errorf("Sprintf(%q) = %s, want [secret]", verb, got)
		}
	}
}

func TestReveal(t *testing.T) {
	if got := secret.New(hidden).Reveal(); got != hidden {
		t.Errorf("Reveal() = %q, want %q", got, hidden)
	}
	if !(secret.String{}).IsZero() || !secret.New("").IsZero() || secret.New("x").IsZero() {
		t.Error("IsZero is wrong about one of nothing, the empty string, and x")
	}
}

func TestReadFile(t *testing.T) {
	tests := []struct{ name, content, want, wantErr string }{
		{"plain", hidden, hidden, ""},
		{"one newline", hidden + "\n", hidden, ""},
		{"windows", hidden + "\r\n", hidden, ""},
		{"many newlines", "\r\n" + hidden + "\n\n\r\n", hidden, ""},
		{"spaces around it", " \t" + hidden + " ", hidden, ""},
		{"a space in it", "a b", "a b", ""},
		{"UTF-8 as PowerShell writes it", "\ufeff" + hidden + "\r\n", hidden, ""},
		{"UTF-16 as PowerShell writes it", utf16(hidden + "\r\n"), hidden, ""},
		{"UTF-16 without a mark", utf16(hidden)[2:], "", "is not plain text"},
		{"another encoding", "h\xfcnter", "", "is not plain text"},
		{"empty", "", "", "is empty"},
		{"newline only", "\n", "", "is empty"},
		{"a mark only", "\ufeff\n", "", "is empty"},
		{"too large", strings.Repeat(hidden, 10_000), "", "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secret")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := secret.ReadFile(t.Context(), path)
			if got.Reveal() != tt.want {
				t.Errorf("ReadFile = %q, want %q", got.Reveal(), tt.want)
			}
			switch {
			case tt.wantErr == "" && err != nil:
				t.Errorf("ReadFile: %v", err)
			case tt.wantErr != "" && (err == nil || !strings.Contains(err.Error(), tt.wantErr) || !strings.Contains(err.Error(), path)):
				t.Errorf("ReadFile: %v, want %q and the path", err, tt.wantErr)
			case err != nil && strings.Contains(err.Error(), hidden):
				t.Errorf("the error has the content: %v", err)
			}
		})
	}
	folder := t.TempDir()
	if _, err := secret.ReadFile(t.Context(), folder); err == nil || !strings.Contains(err.Error(), folder) {
		t.Errorf("ReadFile of a folder: %v, want its path", err)
	}
}

// utf16 returns ASCII text in UTF-16 with a byte order mark, as a redirection of Windows PowerShell writes it.
func utf16(text string) string {
	out := "\xff\xfe"
	for _, r := range text {
		out += string(r) + "\x00"
	}
	return out
}
