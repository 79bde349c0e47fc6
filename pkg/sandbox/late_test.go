package sandbox_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/sandbox"
)

func TestSwitchLateApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := switched(sandbox.Switches{LateApplication: sandbox.Duration(5 * time.Second)})
		auth := genesysToken(t, w)
		a := putGroup(t, w, auth, "g2", `"1"`, `{"value":"a1"}`)
		if a.status != 200 || a.header.Get("ETag") != `"2"` || !strings.Contains(a.text, "users/a1") {
			t.Errorf("PUT: %d %v %s", a.status, a.header, a.text)
		}
		time.Sleep(5*time.Second - time.Nanosecond)
		if got := membersOf(t, w, auth, "g2"); got != "" || w.Genesys().Groups[1].Version != 1 {
			t.Errorf("too early: %q", got)
		}
		if a := putGroup(t, w, auth, "g2", `"1"`, `{"value":"a2"}`); a.status != 200 { // the first PUT has not taken effect yet
			t.Errorf("a second PUT: %d %s", a.status, a.text)
		}
		time.Sleep(time.Nanosecond)
		if got := membersOf(t, w, auth, "g2"); got != "a1" || w.Genesys().Groups[1].Version != 2 {
			t.Errorf("afterwards: %q", got)
		}
		time.Sleep(time.Minute)
		if got := membersOf(t, w, auth, "g2"); got != "a1" || len(w.Genesys().Pending) != 0 {
			t.Errorf("the second PUT wrote on a version that is gone: %q", got)
		}
	})
}

// TestLateApplicationOfAnotherProcess checks that a PUT to one process takes effect in the other.
func TestLateApplicationOfAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, w := folderOf(t)
		edit(t, w, func(g *sandbox.Genesys) { g.Switches.LateApplication = sandbox.Duration(5 * time.Second) })
		other := open(t, dir)
		auth := genesysToken(t, other)
		for range 2 {
			putGroup(t, w, genesysToken(t, w), "g2", `"1"`, `{"value":"a1"}`)
			time.Sleep(time.Second)
		}
		if got := membersOf(t, other, auth, "g2"); got != "" {
			t.Errorf("too early: %q", got)
		}
		time.Sleep(3 * time.Second)
		if got := other.Genesys().Groups[1]; got.Version != 2 || strings.Count(read(t, dir, "genesys.json"), `"due"`) != 1 {
			t.Errorf("afterwards: %+v", got)
		}
		time.Sleep(time.Second)
		if got := membersOf(t, other, auth, "g2"); got != "a1" || strings.Contains(read(t, dir, "genesys.json"), "pending") {
			t.Errorf("after the second, of which nothing came: %q", got)
		}
		if log := read(t, dir, "history.jsonl"); strings.Count(log, `"late"`) != 1 {
			t.Errorf("history: %s", log)
		}
	})
}

func TestSwitchListLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := switched(sandbox.Switches{ListLag: sandbox.Duration(10 * time.Second)})
		auth := genesysToken(t, w)
		list := func() string {
			a := get(t, w, apiHost+"/api/v2/scim/groups", auth)
			names := sorted([][]string{a.list("displayName")})
			return strings.Join(append(names, strings.Repeat("a2", strings.Count(a.text, "users/a2"))), ", ")
		}
		time.Sleep(time.Second)
		putGroup(t, w, auth, "g2", `"1"`, `{"value":"a2"}`)
		time.Sleep(4 * time.Second)
		edit(t, w, func(g *sandbox.Genesys) { g.Groups[1].DisplayName = "Renamed" })
		edit(t, w, func(g *sandbox.Genesys) { g.Groups = g.Groups[1:] })
		if got := list(); got != "Desk, Empty Desk, " {
			t.Errorf("at once: %s", got)
		}
		if got := membersOf(t, w, auth, "g2"); got != "a2" {
			t.Errorf("the group alone: %s", got)
		}
		time.Sleep(6 * time.Second)
		if got := list(); got != "Desk, Empty Desk, a2" {
			t.Errorf("ten seconds after the PUT: %s", got)
		}
		time.Sleep(4 * time.Second)
		if got := list(); got != "Renamed, a2" || len(w.Genesys().Past) != 0 {
			t.Errorf("ten seconds after the edits: %s", got)
		}
	})
}

// TestListLagInAFile checks that new groups are shown at once, that former states are removed, and that lists show the
// present without the switch.
func TestListLagInAFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, w := folderOf(t)
		auth := genesysToken(t, w)
		list := func() string {
			a := get(t, w, apiHost+"/api/v2/scim/groups", auth)
			return strings.Join(sorted([][]string{a.list("displayName")}), ", ")
		}
		change := func() {
			edit(t, w, func(g *sandbox.Genesys) {
				g.Switches.ListLag = sandbox.Duration(10 * time.Second)
				g.Groups[1].DisplayName += "!"
			})
		}
		change()
		edit(t, w, func(g *sandbox.Genesys) {
			g.Groups = append(g.Groups, sandbox.GenesysGroup{ID: "g3", DisplayName: "New", Version: 1})
		})
		if got := list(); got != "Desk, Empty Desk, New" {
			t.Errorf("a new group: %s", got)
		}
		time.Sleep(10 * time.Second)
		if got := list(); got != "Desk, Empty Desk!, New" || strings.Contains(read(t, dir, "genesys.json"), `"past"`) {
			t.Errorf("ten seconds later: %s", got)
		}
		change()
		edit(t, w, func(g *sandbox.Genesys) { g.Switches.ListLag = 0 })
		time.Sleep(time.Nanosecond)
		if got := list(); got != "Desk, Empty Desk!!, New" {
			t.Errorf("without the switch: %s", got)
		}
	})
}

func edit(t *testing.T, w *sandbox.World, change func(*sandbox.Genesys)) {
	t.Helper()
	if err := w.Edit(func(_ *sandbox.Entra, g *sandbox.Genesys) { change(g) }); err != nil {
		t.Fatal(err)
	}
}
