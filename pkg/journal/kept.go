package journal

import (
	"path/filepath"
	"slices"
)

// keptRun is a run in a checkpoint to which later lines may add something.
type keptRun struct {
	ID     string    `json:"id"`
	File   string    `json:"file"`
	Record RunRecord `json:"record"`
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
			out = append(out, keptRun{ID: r.Info.ID, File: r.file, Record: *r})
		}
	}
	return out
}

// run is the reverse of kept. The folder may have been moved since.
func (k keptRun) run(dir string) *RunRecord {
	r := k.Record
	r.Info.ID, r.file = k.ID, k.File
	for i := range r.Groups {
		for _, at := range []*place{&r.Groups[i].Before, &r.Groups[i].After} {
			if at.Path != "" {
				at.Path = filepath.Join(dir, filepath.Base(at.Path))
			}
		}
	}
	return &r
}
