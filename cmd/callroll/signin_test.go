package main

import (
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
)

// Flags that name a group by its id, which the configuration has by its name, ask for it once, and share the sign-in with the work.
func TestFlagsShareOneSignIn(t *testing.T) {
	dir, id := play(t, "[]"), "afa7949b-a174-45ef-874a-2522af77ee26"
	got := timed(t.Context(), t, dir, "diff", "--group", id, "--allow-removals", id+"=2", "--allow-additions", id+"=3")
	log := file(t, dir, "requests.jsonl")
	signIns, looks := strings.Count(log, `"path":"/oauth/token"`), strings.Count(log, `"path":"/api/v2/scim/v2/groups/`+id+`"`)
	if got.status != report.OK || signIns != 1 || looks != 1 {
		t.Errorf("status %d with %d sign-ins to Genesys and %d readings of the group: %s", got.status, signIns, looks, got.stderr)
	}
}
