package journal

import (
	"path/filepath"
	"slices"
	"time"
)

// end adds the end of a run, with the outcomes that have no line of their own.
func (h *History) end(run *RunRecord, l line, at place) {
	run.Ended, run.Counts = l.Time, l.Counts
	if l.Status != nil {
		run.Status = *l.Status
	}
	book := h.ledger(run.Info.Host, run.Info.ClientID)
	book.ended(run.Status)
	h.memory(run.Info.scope()).ran(l.Causes, 1)
	f := &finished{Run: l.Run, File: filepath.Base(at.Path), Info: run.Info}
	f.Status, f.Counts, f.Causes = run.Status, l.Counts, l.Causes
	named := map[string]bool{}
	for _, g := range run.Groups {
		if g.Outcome == "" {
			continue
		}
		this := result{
			Group: g.ID, Name: g.Name,
			Outcome: g.Outcome, Cause: g.Cause, Detail: g.Detail, Key: g.Key, Refusals: g.Refusals,
		}
		if this.quiet() {
			this.Key = ""
		}
		named[this.slot()] = true
		f.Results = append(f.Results, this)
	}
	rest := l.Quiet
	for _, this := range l.Quiet {
		named[this.slot()] = true
	}
	if before := h.finished[l.Of]; before != nil {
		for _, this := range before.Results {
			if !named[this.slot()] {
				rest = append(rest, this)
			}
		}
	}
	for _, this := range rest {
		f.Results = append(f.Results, this)
		book.settleResult(run, this, l.Time)
	}
	if run.file == f.File { // otherwise its first line is removed with an older file
		h.remember(f)
	}
}

// remember keeps a run to which later runs may refer because they have the same result.
func (h *History) remember(f *finished) {
	f.index()
	r := h.recent[f.Info.line()]
	place := &r.None
	if len(f.Results) > 0 {
		place = &r.Groups
	}
	if *place != nil {
		delete(h.finished, (*place).Run)
	}
	*place = f
	h.recent[f.Info.line()] = r
	h.finished[f.Run] = f
}

// like adds a run with the same result as an earlier one.
func (h *History) like(l line) {
	f := h.finished[l.Of]
	if f == nil || h.byID[l.Run] != nil {
		return
	}
	run := &RunRecord{Info: f.Info, Began: l.Time, Ended: l.Time, Status: f.Status, Counts: f.Counts, Like: l.Of, file: f.File}
	run.Info.ID = l.Run
	if !run.Info.Taken.IsZero() {
		run.Info.Taken = l.Time.Add(-time.Duration(l.Age) * time.Second)
	}
	h.add(run)
	h.ledger(f.Info.Host, f.Info.ClientID).ended(f.Status)
	for _, other := range h.finished {
		// Runs in a row must be counted in the order of writing.
		if other != f && other.like > 0 && other.Info.scope() == f.Info.scope() {
			h.count()
			break
		}
	}
	f.like, f.last, f.order = f.like+1, run, h.lines
}

// count adds the outcomes of all runs that refer to an earlier one, in one step for each earlier run. Adding them run by
// run would take as long for a year of runs as if each had written all of its groups.
func (h *History) count() {
	var waiting []*finished
	for _, f := range h.finished {
		if f.like > 0 {
			waiting = append(waiting, f)
		}
	}
	slices.SortFunc(waiting, func(a, b *finished) int { return a.order - b.order })
	for _, f := range waiting {
		book := h.ledger(f.Info.Host, f.Info.ClientID)
		for _, this := range f.Results {
			book.settleResult(f.last, this, f.last.Began)
		}
		h.memory(f.Info.scope()).ran(f.Causes, f.like)
		f.like = 0
	}
}
