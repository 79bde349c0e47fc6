package journal

import (
	"path/filepath"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// take adds one line to the history. It ignores lines of runs whose first line was removed, and kinds that only newer
// versions know.
func (h *History) take(l line, at place) error {
	h.lines++
	h.tick(l.Time)
	if l.Kind == kindSame {
		h.like(l)
		return nil
	}
	h.count()
	if l.Kind == kindRun && l.Info != nil && h.byID[l.Run] == nil {
		run := &RunRecord{Info: *l.Info, Began: l.Time, Status: -1, file: filepath.Base(at.Path)}
		run.Info.ID = l.Run
		h.add(run)
		return nil
	}
	run := h.byID[l.Run]
	if run == nil {
		return nil
	}
	book := h.ledger(run.Info.Host, run.Info.ClientID)
	switch l.Kind {
	case kindIntent:
		return run.intent(l, at)
	case kindOutcome:
		g := run.group(l.Group, l.Name)
		g.outcome(l, at)
		book.settle(run, *g, l.Time)
	case kindClosed:
		h.close(l, book)
	case kindTold:
		h.memory(run.Info.scope()).tell(l)
	case kindNoted:
		h.noted = later(h.noted, l.Ahead)
	case kindEnd:
		h.end(run, l, at)
	}
	return nil
}

// tick adds the time of a line. A time in the future counts as now, or as the time of the next line that is not in the
// future, if there is one.
func (h *History) tick(at time.Time) {
	switch {
	case at.After(h.now):
		h.pending = true
		h.ahead = later(h.ahead, at)
	case h.pending:
		h.count()
		h.clamp(at)
		h.pending = false
	}
}

func later(a, b time.Time) time.Time { return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare) }

func (h *History) add(run *RunRecord) {
	h.byID[run.Info.ID] = run
	h.runs = append(h.runs, run)
	book := h.ledger(run.Info.Host, run.Info.ClientID)
	book.Runs, book.Digest = book.Runs+1, run.Info.Digest
}

// group finds or adds a group of the run. It searches from the end, because the lines of a group are near each other.
func (r *RunRecord) group(id, name string) *GroupRecord {
	for i := len(r.Groups) - 1; i >= 0; i-- {
		if g := &r.Groups[i]; g.ID == id && (id != "" || g.Name == name) {
			return g
		}
	}
	r.Groups = append(r.Groups, GroupRecord{ID: id, Name: name})
	return &r.Groups[len(r.Groups)-1]
}

// intent adds a PUT. If it is not the first one of the run for the group, the members before it show what the earlier
// one has changed.
func (r *RunRecord) intent(l line, at place) error {
	before, err := readIDs(l.Before)
	if err != nil {
		return err
	}
	g := r.group(l.Group, l.Name)
	if g.Written {
		if done := showing(change{g.Add, g.Remove}, before); len(done.Add)+len(done.Remove) > 0 {
			g.Earlier = append(g.Earlier, done)
		}
	} else {
		g.Before, g.Found = at, len(before)
	}
	g.Written, g.After, g.AfterSeen = true, at, true
	g.DisplayName, g.Version, g.Key, g.Add, g.Remove = l.DisplayName, l.Version, l.Key, l.Add, l.Remove
	return nil
}

// showing returns the part of a change that a reading of the members shows.
func showing(c change, members []string) change {
	in := list.Set(members)
	return change{
		Add:    slices.DeleteFunc(slices.Clone(c.Add), func(e plan.Entry) bool { return !in[e.ID] }),
		Remove: slices.DeleteFunc(slices.Clone(c.Remove), func(e plan.Entry) bool { return in[e.ID] }),
	}
}

func (g *GroupRecord) outcome(l line, at place) {
	g.Outcome, g.Cause, g.Detail, g.Key, g.Refusals = l.Outcome, l.Cause, l.Detail, l.Key, l.Refusals
	if l.Outcome == push.Done && len(l.Members) > 0 { // the line has all changes of the run
		g.Add, g.Remove, g.Earlier = l.Add, l.Remove, nil
		g.After, g.AfterSeen = at, true
	}
}

// close adds the result of an intent of another run.
func (h *History) close(l line, book *ledger) {
	run := h.byID[l.Of]
	if run == nil {
		return
	}
	g := run.group(l.Group, l.Name)
	g.Became, g.ClosedBy = l.Became, l.Run
	if l.Became == Applied {
		book.made(run, g.ID, l.Time)
		book.changed(*g)
		delete(book.Unsettled, g.ID)
	}
}

// open reports whether the result of a PUT is still not known: the run died, its outcome says that it is not known, or
// the run met an internal error after the intent.
func (g GroupRecord) open() bool {
	return g.Written && g.Became == "" && (g.Outcome == "" || g.Outcome == push.Internal || g.Cause == membership.Unclear)
}

// applied returns what the run is known to have changed in the group.
func (g GroupRecord) applied() change {
	var all change
	for _, c := range g.Earlier {
		all.Add, all.Remove = append(all.Add, c.Add...), append(all.Remove, c.Remove...)
	}
	if g.Outcome == push.Done || g.Became == Applied {
		all.Add, all.Remove = append(all.Add, g.Add...), append(all.Remove, g.Remove...)
	}
	// One PUT may have taken back the change of an earlier one.
	return change{Add: without(all.Add, all.Remove), Remove: without(all.Remove, all.Add)}
}

// without returns the entries that are not in others, each once.
func without(entries, others []plan.Entry) []plan.Entry {
	out, passed := []plan.Entry{}, list.Set(plan.IDs(others))
	for _, e := range entries {
		if !passed[e.ID] {
			passed[e.ID] = true
			out = append(out, e)
		}
	}
	return out
}
