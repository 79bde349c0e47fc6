package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// told formats the history.
func told(changes []sandbox.Change) (lines []string) {
	for _, c := range changes {
		line := fmt.Sprintf("%s %s %v %v v%d %s", c.Who, c.Group, c.Before, c.After, c.Version, c.Name)
		if c.Deleted {
			line += " deleted"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestHistory(t *testing.T) {
	dir, w := folderOf(t)
	before := len(w.History())
	edit(t, w, func(g *sandbox.Genesys) { g.Switches.RuleMembers = map[string][]string{"g2": {"a3"}} })
	auth := genesysToken(t, w)
	putGroup(t, w, auth, "g2", `"1"`, `{"value":"a2"},{"value":"a1"}`)
	request := w.Requests()[1].RequestID
	putGroup(t, w, auth, "g2", `"1"`, ``) // refused
	write(t, dir, "faults.json", `[{"match":"GET *","edit":{"group":"Empty Desk","add":["a3"],"remove":["a1"],"rename":"Full Desk"}}]`)
	get(t, w, graphHost+"/v1.0/groups")
	write(t, dir, "faults.json", `[{"match":"GET *","edit":{"group":"g2"}}]`)
	get(t, w, graphHost+"/v1.0/groups")
	edit(t, w, func(g *sandbox.Genesys) {
		g.Groups = append(slices.Delete(g.Groups, 0, 1), sandbox.GenesysGroup{ID: "g3", DisplayName: "New", Version: 4})
	})
	want := []string{
		"put g2 [a3] [a1 a2] v2 Empty Desk",
		"rule g2 [a1 a2] [a1 a2 a3] v2 Empty Desk",
		"edit g2 [a1 a2 a3] [a2 a3] v3 Full Desk",
		"edit g2 [a2 a3] [a2 a3] v4 Full Desk",
		"edit g3 [] [] v4 New",
		"edit g1 [a1 g2] [] v7 Desk deleted",
	}
	history := w.History()[before:]
	if diff := cmp.Diff(want, told(history)); diff != "" {
		t.Error(diff)
	}
	if history[0].RequestID != request || history[0].Time.IsZero() || history[2].RequestID != "" {
		t.Errorf("%+v", history)
	}
	if got := strings.Count(read(t, dir, "history.jsonl"), "\n"); got != len(w.History()) {
		t.Errorf("%d lines in the file, want %d", got, len(w.History()))
	}
	if got := len(small().History()); got != 0 {
		t.Errorf("a new World has a history of %d", got)
	}
}
