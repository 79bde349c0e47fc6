package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// A first run writes every group. It takes hardly longer than the requests must, and hardly any of them is turned away, although
// the service counts exactly; so it is where the service allows less than is configured, or another process takes a part.
func TestThePaceOfAFirstRun(t *testing.T) {
	t.Parallel()
	company := scale{groups: 300, members: 3, people: 60, orgGroups: 300, inactive: 1, changed: 300}
	for _, test := range []struct {
		name                string
		configured, allowed int
	}{
		{"as configured", 300, 300},
		{"less than is configured", 600, 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "company")
				if err := company.write(dir); err != nil {
					t.Fatal(err)
				}
				edit(t, dir, "genesys.json", `"seed":1`, `"seed":1,"requests_per_minute":`+strconv.Itoa(test.allowed))
				edit(t, dir, sandbox.DemoConfig, "requests_per_minute: 100000000", "requests_per_minute: "+strconv.Itoa(test.configured))
				edit(t, dir, sandbox.DemoConfig, "groups:", "limits: {remove_total: 100%}\ngroups:")
				got := timed(t.Context(), t, dir, "sync", "--timeout", "1h")
				asked, turnedAway := 0, 0
				for line := range strings.Lines(file(t, dir, "requests.jsonl")) {
					var r sandbox.Request
					if err := json.Unmarshal([]byte(line), &r); err != nil {
						t.Fatal(err)
					}
					if strings.HasPrefix(r.Path, "/api/") {
						if asked++; r.Status == 429 {
							turnedAway++
						}
					}
				}
				least := time.Duration(asked) * time.Minute / time.Duration(test.allowed)
				t.Logf("%d requests, %d turned away, %s; at this rate %s", asked, turnedAway, got.took, least)
				if got.status != report.OK || asked < 600 || turnedAway*100 >= asked || got.took > least*11/10 {
					t.Errorf("%d requests, %d turned away, in %s; want at most %s; status %d %.300s", asked, turnedAway, got.took, least*11/10, got.status, got.stderr)
				}
			})
		})
	}
}

// edit replaces one text in a file.
func edit(t *testing.T, dir, name, from, to string) {
	t.Helper()
	text := file(t, dir, name)
	if !strings.Contains(text, from) {
		t.Fatalf("%s has no %q", name, from)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(text, from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}
