package sandbox

import (
	"slices"
	"time"
)

// Change is one change of a Genesys group: a line of history.jsonl. Before and After are the members that a GET shows, by
// id, sorted.
type Change struct {
	Time      time.Time `json:"time"`
	Group     string    `json:"group"`
	Name      string    `json:"name"` // displayName after the change
	Who       string    `json:"who"`  // put, edit, late (a PUT that took effect later) or rule (rule_members, after any of them)
	RequestID string    `json:"request_id,omitempty"`
	Before    []string  `json:"before"`
	After     []string  `json:"after"`
	Version   int       `json:"version"` // after the change
	Deleted   bool      `json:"deleted,omitempty"`
}

// History returns the changes that were made through this World, the oldest first. The changes of other processes to the
// same folder are only in history.jsonl.
func (w *World) History() []Change {
	defer w.lockForRead()()
	return slices.Clone(w.history)
}

// recordChange adds a change of a group to the history, and keeps the old group for lists that lag.
func (w *World) recordChange(at time.Time, who, request string, before GenesysGroup, after *GenesysGroup) {
	change := Change{
		Time: at.UTC(), Group: before.ID, Who: who, RequestID: request, Before: ids(w.visibleMembers(before)), After: []string{},
		Version: before.Version,
	}
	if after == nil {
		change.Name, change.Deleted = before.DisplayName, true
	} else {
		change.Group, change.Name, change.After, change.Version = after.ID, after.DisplayName, ids(after.Members), after.Version
	}
	w.history = append(w.history, change)
	if after != nil {
		if shown := ids(w.visibleMembers(*after)); !slices.Equal(shown, change.After) {
			change.Who, change.RequestID, change.Before, change.After = "rule", "", change.After, shown
			w.history = append(w.history, change)
		}
	}
	if lag := w.genesys.Switches.ListLag; lag > 0 && before.ID != "" {
		w.genesys.Past = append(w.genesys.Past, GenesysPast{Until: at.UTC(), Group: before})
	}
	w.changed = true
}

// writeHistory appends the new changes to the file.
func (w *World) writeHistory() error {
	for ; w.written < len(w.history); w.written++ {
		if err := w.folder.appendLine(historyFile, w.history[w.written]); err != nil {
			return err
		}
	}
	return nil
}

// ids returns the ids of members, sorted.
func ids(members []GenesysMember) []string {
	found := make([]string, len(members))
	for i, m := range members {
		found[i] = m.Value
	}
	slices.Sort(found)
	return found
}
