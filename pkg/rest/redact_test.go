package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// However a service spells what it was sent, it is not shown.
func TestEverySpellingIsRedacted(t *testing.T) {
	const value = `p+q/r=&<>"\ é%z`
	quoted, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	redact := rest.NewRedactor(secret.New(value))
	for _, spelling := range []string{
		value, string(quoted), html.EscapeString(value), url.QueryEscape(value), url.PathEscape(value),
		strings.ReplaceAll(url.QueryEscape(value), "+", "%20"), `p+q/r=&<>\"\\ é%z`,
	} {
		got := redact.Text("you sent "+spelling+" just now", 300)
		if !strings.HasPrefix(got, "you sent ") || strings.Contains(got, "p+q") || strings.Contains(got, "p%2Bq") {
			t.Errorf("%s is shown as %s", spelling, got)
		}
	}
}

// A host has no capitals, and what stands in front of it may be a password.
func TestHostsAreRedacted(t *testing.T) {
	const value = "Abc8Q~dEf.GhI"
	redact := rest.NewRedactor(secret.New(value))
	for host, want := range map[string]string{
		"evil.example":                           "evil.example",
		value + ".evil.example":                  "[secret]",
		strings.ToLower(value) + ".evil.example": "[secret]",
		"x-" + strings.ToUpper(value) + ":8443":  "[secret]",
	} {
		if got := redact.Host(host); got != want {
			t.Errorf("Host(%q) = %q, want %q", host, got, want)
		}
	}
	for text, want := range map[string]string{
		`invalid proxy address "http://joe:s3cret@proxy.example"`: `invalid proxy address "http:[secret]proxy.example"`,
		"mail to joe@example.com about https://proxy.example/x":   "mail to joe@example.com about https://proxy.example/x",
	} {
		if got := redact.Text(text, 300); got != want {
			t.Errorf("Text(%q) = %q, want %q", text, got, want)
		}
	}
}

// In base64 a secret is another text for each of three places where it may begin, as in "client:secret".
func TestBase64IsRedactedWhereverItBegins(t *testing.T) {
	const value = "ent~ra/secret+value"
	redact := rest.NewRedactor(secret.New(value))
	for _, alphabet := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		for _, before := range []string{"", "c", "cl", "cli", "a-client:"} {
			encoded := alphabet.EncodeToString([]byte(before + value + ":behind"))
			got := redact.Text("you sent "+encoded, 300)
			if !strings.Contains(got, "[secret]") || strings.Contains(got, encoded[len(encoded)/3:len(encoded)/2]) {
				t.Errorf("base64 of %q is shown as %s", before+value, got)
			}
		}
	}
}
