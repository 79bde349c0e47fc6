package jsonfile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
)

// encoding/json treats names that differ in case as one field, and uses the last one.
func TestTheSameNameTwiceIsRefused(t *testing.T) {
	const head = `"format":1,"kind":"membership","taken":"2026-01-01T00:00:00Z","expires":"2026-01-02T00:00:00Z","tenant":"t"`
	person := `{"id":"p","userPrincipalName":"p@contoso.com"}`
	group := func(more string) string {
		return `{` + head + `,"people":[` + person + `],"groups":[{"name":"A","entra":["e"],"genesys":"g","members":["p"]` + more + `}]}`
	}
	if _, err := membership.DecodeFile([]byte(group(""))); err != nil {
		t.Fatal(err)
	}
	for _, more := range []string{`,"members":[]`, `,"Members":[]`, `,"MEMBERS":[]`, `,"memberſ":[]`, `,"genesyS":"h"`} {
		_, err := membership.DecodeFile([]byte(group(more)))
		if !errors.Is(err, membership.ErrFormat) || !strings.Contains(err.Error(), "twice in one object") {
			t.Errorf("%s: %v", more, err)
		}
	}
	if _, err := jsonfile.ReadHead([]byte(`{"format":1,"kind":"plan","Kind":"membership"}`)); !errors.Is(err, membership.ErrFormat) {
		t.Errorf("a head with two kinds: %v", err)
	}
}
