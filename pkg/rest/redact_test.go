package rest_test

import (
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
