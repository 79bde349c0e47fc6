package sandbox_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

func TestTheDemoIsSound(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "play")
	w := open(t, dir)
	entra, genesys := w.Entra(), w.Genesys()

	seen := map[string]bool{}
	unique := func(id string) {
		if seen[strings.ToLower(id)] || id == "" {
			t.Errorf("the id %q stands there twice", id)
		}
		seen[strings.ToLower(id)] = true
	}
	known := map[string]bool{}
	for _, u := range entra.Users {
		unique(u.ID)
		known[u.ID] = true
	}
	for _, g := range entra.Groups {
		unique(g.ID)
		known[g.ID] = true
	}
	for _, u := range genesys.Users {
		unique(u.ID)
		known[u.ID] = true
	}
	for _, g := range entra.Groups {
		for _, m := range g.Members {
			if !known[m] {
				t.Errorf("%s has the member %s, who does not exist", g.DisplayName, m)
			}
		}
	}
	for _, g := range genesys.Groups {
		unique(g.ID)
		for _, m := range g.Members {
			if !known[m.Value] {
				t.Errorf("%s has the member %s, who does not exist", g.DisplayName, m.Value)
			}
		}
	}
	if n := len(entra.Users); n < 35 || n > 50 {
		t.Errorf("%d people", n)
	}
}

// TestTheDifferencesOfTheDemo compares the two sides independently: people of a group without a place in it (+), members who
// are not among the people (-), people without an account (?) or with an inactive one (!).
func TestTheDifferencesOfTheDemo(t *testing.T) {
	w := open(t, filepath.Join(t.TempDir(), "play"))
	entra, genesys := w.Entra(), w.Genesys()
	for name, want := range map[string]string{
		"Support Tier 1": "+Hanna Lindqvist +Priya Raman +Tomás Oliveira -Kevin O'Brien -Laura Bianchi",
		"Support Tier 2": "+Noor van Dijk +Vikram Shetty -Beatriz Santos",
		"Billing":        "",
		"Night Shift":    "!Karim Haddad +Lucía Herrera -Break Glass -Night Recorder",
		"Supervisors":    "+Jonas Weber ?Clodagh Ryan",
	} {
		if got := story(entra, genesys, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func story(entra sandbox.Entra, genesys sandbox.Genesys, name string) string {
	wanted, present := map[string]bool{}, map[string]bool{}
	var told []string
	for _, person := range people(entra, name) {
		at := slices.IndexFunc(genesys.Users, func(a sandbox.GenesysUser) bool {
			return strings.EqualFold(a.UserName, person.UserPrincipalName) || strings.EqualFold(a.UserName, person.Mail)
		})
		switch {
		case at < 0:
			told = append(told, "?"+person.DisplayName)
		case !genesys.Users[at].Active:
			told = append(told, "!"+person.DisplayName)
		default:
			wanted[genesys.Users[at].ID] = true
		}
	}
	group := genesys.Groups[slices.IndexFunc(genesys.Groups, func(g sandbox.GenesysGroup) bool { return g.DisplayName == name })]
	for _, m := range group.Members {
		present[m.Value] = true
	}
	for _, account := range genesys.Users {
		switch {
		case wanted[account.ID] && !present[account.ID]:
			told = append(told, "+"+account.DisplayName)
		case !wanted[account.ID] && present[account.ID]:
			told = append(told, "-"+account.DisplayName)
		}
	}
	slices.Sort(told)
	return strings.Join(told, " ")
}

// people returns the members of a group and of its nested groups.
func people(entra sandbox.Entra, name string) (found []sandbox.EntraUser) {
	for _, g := range entra.Groups {
		if g.DisplayName != name {
			continue
		}
		for _, u := range entra.Users {
			if slices.Contains(g.Members, u.ID) {
				found = append(found, u)
			}
		}
		for _, inner := range entra.Groups {
			if slices.Contains(g.Members, inner.ID) {
				found = append(found, people(entra, inner.DisplayName)...)
			}
		}
	}
	return found
}

// TestTheDemoKeepsItsSecrets checks that the files are as callroll.yaml describes them, with restrictive permissions.
func TestTheDemoKeepsItsSecrets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "play")
	w := open(t, dir)
	for name, secret := range map[string]string{"secrets/entra": w.Entra().ClientSecret, "secrets/genesys": w.Genesys().ClientSecret} {
		if got := read(t, dir, name); got != secret+"\n" {
			t.Errorf("%s is %q, want %q", name, got, secret)
		}
	}
	config := read(t, dir, sandbox.DemoConfig)
	for _, want := range []string{w.Entra().ClientID, w.Entra().Domain, w.Genesys().ClientID, w.Genesys().Region} {
		if !strings.Contains(config, want) {
			t.Errorf("%s lacks %s", sandbox.DemoConfig, want)
		}
	}
	for name, want := range map[string]os.FileMode{
		".": 0o700, "secrets": 0o700, "secrets/entra": 0o600, "secrets/genesys": 0o600, "entra.json": 0o600, "genesys.json": 0o600, "callroll.yaml": 0o644,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

// TestTheFaultsOfTheReadmeWork plays every fault in README.txt.
func TestTheFaultsOfTheReadmeWork(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "play")
	w := open(t, dir)
	auth := graphToken(t, w)
	lines := 0
	for line := range strings.Lines(read(t, dir, "README.txt")) {
		if strings.HasPrefix(line, "[") {
			lines++
			write(t, dir, "faults.json", line)
			get(t, w, graphHost+"/v1.0/groups", auth)
		}
	}
	if lines != 4 {
		t.Errorf("%d lines, want 4", lines)
	}
}

// TestTheEmptyPageOfTheReadme plays the second example of the README: Graph answers 200 with an empty list.
func TestTheEmptyPageOfTheReadme(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "play")
	w := open(t, dir)
	tier1 := w.Entra().Groups[0]
	write(t, dir, "faults.json", `[{"match":"GET /v1.0/groups/`+tier1.ID+`/members/*","body":{"@odata.count":0,"value":[]}}]`)
	a := get(t, w, graphHost+"/v1.0/groups/"+tier1.ID+"/members/microsoft.graph.user?$count=true", graphToken(t, w), eventual)
	if tier1.DisplayName != "Support Tier 1" || a.status != 200 || len(a.list("id")) != 0 || a.at("@odata.count") != 0.0 {
		t.Errorf("%s: %d %s", tier1.DisplayName, a.status, a.text)
	}
}
