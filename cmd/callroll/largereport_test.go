package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// A large report stays readable, whatever is the matter, and the JSON has everything (incident 57): 60 groups in which nearly everybody
// changes, with 30 people who have no account, and 60 groups for which a permission is missing.
func TestALargeReport(t *testing.T) {
	const groups, size, lacking = 60, 48, 30
	dir := filepath.Join(t.TempDir(), "company")
	s := scale{groups: groups, members: size, people: 300, orgGroups: groups}
	if err := s.write(dir); err != nil {
		t.Fatal(err)
	}
	world, err := sandbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	err = world.Edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
		gone := map[string]bool{}
		for _, u := range org.Users[:lacking] {
			gone[u.ID] = true
		}
		org.Users = org.Users[lacking:]
		for i := range org.Groups {
			members := []sandbox.GenesysMember{}
			for _, m := range org.Groups[i].Members[size/2:] {
				if !gone[m.Value] {
					members = append(members, m)
				}
			}
			org.Groups[i].Members = members
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := world.Close(); err != nil {
		t.Fatal(err)
	}

	got := timed(t.Context(), t, dir, "diff")
	lines := strings.Count(got.stdout, "\n")
	if most := groups*(1+20+1+20+1) + 2*lacking + 2; got.status != report.OK || lines > most || lines < groups*20 {
		t.Errorf("status %d, %d lines; want at most %d", got.status, lines, most)
	}
	for n := range lacking {
		name := fmt.Sprintf("? given%d.family%d@contoso.com ", n%317, n)
		if strings.Count(got.stdout, name) != 1 {
			t.Errorf("%q is there %d times, want once", name, strings.Count(got.stdout, name))
		}
	}
	if brief := timed(t.Context(), t, dir, "diff", "--summary"); strings.Count(brief.stdout, "\n") != groups+1 {
		t.Errorf("--summary:\n%s", brief.stdout)
	}

	added, unresolved := everybody(t, timed(t.Context(), t, dir, "diff", "--output", "json").stdout)
	if added <= groups*20 || unresolved <= 2*lacking {
		t.Errorf("the JSON has %d who come, and %d unresolved", added, unresolved)
	}

	if err := os.WriteFile(filepath.Join(dir, "faults.json"), []byte(`[{"match":"GET /v1.0/groups/*/members/*","status":403}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	denied := timed(t.Context(), t, dir, "diff")
	if n := strings.Count(denied.stdout, "\n"); denied.status != report.Denied || n > 12 || strings.Count(denied.stdout, "hint: ") != 1 {
		t.Errorf("status %d, %d lines:\n%s", denied.status, n, denied.stdout)
	}
}

// everybody counts who comes in a plan, and who is unresolved, in all groups.
func everybody(t *testing.T, text string) (added, unresolved int) {
	t.Helper()
	var p plan.Plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	for _, g := range p.Groups {
		added += len(g.Add)
		unresolved += len(g.Unresolved)
	}
	return added, unresolved
}
