package journal

import (
	"path/filepath"
	"slices"
)

// keptRun is a run in a checkpoint to which later lines may add something.
type keptRun struct {
	ID     string      `json:"id"`
	File   string      `json:"file"`
	Record RunRecord   `json:"record"`
	Groups []keptGroup `json:"groups,omitempty"`
}

type keptGroup struct {
	Record    GroupRecord `json:"record"`
	Earlier   []change    `json:"earlier,omitempty"`
	Before    place       `json:"before"`
	After     place       `json:"after"`
	AfterSeen bool        `json:"afterSeen"`
}

// kept returns the runs to which later lines may add something: those with a PUT whose result is not known, and the last
// run of each org that has not ended, because it may still be at work.
func (h *History) kept() []keptRun {
	working := map[string]*RunRecord{}
	for _, r := range h.runs {
		if r.Ended.IsZero() {
			working[org(r.Info.Host, r.Info.ClientID)] = r
		}
	}
	out := []keptRun{}
	for _, r := range h.runs {
		if working[org(r.Info.Host, r.Info.ClientID)] == r || slices.ContainsFunc(r.Groups, GroupRecord.open) {
			out = append(out, keepRun(r))
		}
	}
	return out
}

// keepRun converts a run for a checkpoint. Paths have no folder, because the folder may be moved.
func keepRun(r *RunRecord) keptRun {
	k := keptRun{ID: r.Info.ID, File: r.file, Record: *r}
	k.Record.Groups = nil
	for _, g := range r.Groups {
		kept := keptGroup{Record: g, Earlier: g.earlier, Before: g.before, After: g.after, AfterSeen: g.afterSeen}
		if g.Written {
			kept.Before.Path = filepath.Base(g.before.Path)
		}
		if g.afterSeen {
			kept.After.Path = filepath.Base(g.after.Path)
		}
		k.Groups = append(k.Groups, kept)
	}
	return k
}

// run is the reverse of keepRun.
func (k keptRun) run(dir string) *RunRecord {
	r := k.Record
	r.Info.ID, r.file = k.ID, k.File
	for _, kept := range k.Groups {
		g := kept.Record
		g.earlier, g.before, g.after, g.afterSeen = kept.Earlier, kept.Before, kept.After, kept.AfterSeen
		if g.Written {
			g.before.Path = filepath.Join(dir, g.before.Path)
		}
		if g.afterSeen {
			g.after.Path = filepath.Join(dir, g.after.Path)
		}
		r.Groups = append(r.Groups, g)
	}
	return &r
}
