package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// What a run has learned about the sizes of pages serves the runs of a day, and is learned again after that.
func TestPageSizesAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := play(t, "[]")
		edit(t, dir, "genesys.json", "{", `{"switches":{"large_page":"429"},"max_page":25,`)
		edit(t, dir, sandbox.DemoConfig, "match: [userPrincipalName, mail]", "match: [userPrincipalName, mail, objectId]")
		throttled := 0
		for i, want := range []int{1, 0, 0, 1} { // the list of users
			got := timed(t.Context(), t, dir, "sync")
			before := throttled
			throttled = strings.Count(file(t, dir, "requests.jsonl"), `"status":429`)
			if got.status != report.OK || throttled-before != want || got.took > time.Minute {
				t.Errorf("run %d: status %d in %v, %d pages were throttled, want %d: %s", i+1, got.status, got.took, throttled-before, want, got.stderr)
			}
			time.Sleep(9 * time.Hour)
		}
		kept := filepath.Join(dir, "state", "page-sizes.json")
		if err := os.WriteFile(kept, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := timed(t.Context(), t, dir, "sync", "--quiet"); got.status != report.OK || strings.Contains(got.stderr, "page") {
			t.Errorf("with a damaged file: status %d: %s", got.status, got.stderr)
		}
	})
}
