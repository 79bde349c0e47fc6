package journal

import (
	"slices"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// take puts one line into the history. Lines of runs whose beginning is not there any more, and kinds that a newer
// version writes, are passed over.
func (h *History) take(l line, at place) error {
	if l.Kind == kindRun && l.Info != nil && h.byID[l.Run] == nil {
		h.begin(l)
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
		book.settle(l, *g, run.Info, run.Began)
	case kindClosed:
		h.close(l, book)
	case kindTold:
		for _, key := range l.Keys {
			book.told[key] = l.Time
		}
	case kindEnd:
		run.end(l)
		book.statuses = append(book.statuses, run.Status)
		for _, q := range l.Quiet {
			told := line{Time: l.Time, Group: q.Group, Name: q.Name, Outcome: q.Outcome}
			book.settle(told, GroupRecord{ID: q.Group, Name: q.Name, Outcome: q.Outcome}, run.Info, run.Began)
		}
	}
	return nil
}

func (h *History) begin(l line) {
	run := &RunRecord{Info: *l.Info, Began: l.Time, Status: -1}
	run.Info.ID = l.Run
	h.byID[l.Run] = run
	h.runs = append(h.runs, run)
}

func (r *RunRecord) end(l line) {
	r.Ended, r.Counts = l.Time, l.Counts
	if l.Status != nil {
		r.Status = *l.Status
	}
}

// group finds a group of the run, from the end because the lines of one group follow each other.
func (r *RunRecord) group(id, name string) *GroupRecord {
	for i := len(r.Groups) - 1; i >= 0; i-- {
		if g := &r.Groups[i]; g.ID == id && (id != "" || g.Name == name) {
			return g
		}
	}
	r.Groups = append(r.Groups, GroupRecord{ID: id, Name: name})
	return &r.Groups[len(r.Groups)-1]
}

// intent takes a PUT in. A second one in a run follows a reading, which shows what the first one has changed after all.
func (r *RunRecord) intent(l line, at place) error {
	before, err := readIDs(l.Before)
	if err != nil {
		return err
	}
	g := r.group(l.Group, l.Name)
	if g.Written {
		if done := showing(change{g.Add, g.Remove}, before); len(done.add)+len(done.remove) > 0 {
			g.earlier = append(g.earlier, done)
		}
	} else {
		g.before, g.Found = at, len(before)
	}
	g.Written, g.after, g.afterSeen = true, at, true
	g.DisplayName, g.Version, g.Key, g.Add, g.Remove = l.DisplayName, l.Version, l.Key, l.Add, l.Remove
	return nil
}

// showing is the part of a change that a reading shows.
func showing(c change, members []string) change {
	in := map[string]bool{}
	for _, id := range members {
		in[id] = true
	}
	return change{
		add:    slices.DeleteFunc(slices.Clone(c.add), func(e plan.Entry) bool { return !in[e.ID] }),
		remove: slices.DeleteFunc(slices.Clone(c.remove), func(e plan.Entry) bool { return in[e.ID] }),
	}
}

func (g *GroupRecord) outcome(l line, at place) {
	g.Outcome, g.Cause, g.Detail, g.Key = l.Outcome, l.Cause, l.Detail, l.Key
	if l.Outcome == push.Done && len(l.Members) > 0 { // it says itself what the whole run has changed
		g.Add, g.Remove, g.earlier = l.Add, l.Remove, nil
		g.after, g.afterSeen = at, true
	}
}

// close takes in what became of another run's intent.
func (h *History) close(l line, book *ledger) {
	run := h.byID[l.Of]
	if run == nil {
		return
	}
	g := run.group(l.Group, l.Name)
	g.Became, g.ClosedBy = l.Became, l.Run
	if l.Became == Applied {
		book.known[g.ID] = true
		book.made(g.ID, run.Info, run.Began, l.Time)
		book.changed(*g)
		delete(book.unsettled, g.ID)
	}
}

// open says whether nobody knows yet what became of a PUT: the run died, it said itself that it does not know, or it met a
// bug of its own on the way.
func (g GroupRecord) open() bool {
	return g.Written && g.Became == "" && (g.Outcome == "" || g.Outcome == push.Internal || g.Cause == membership.Unclear)
}

// applied returns what the run is known to have changed in the group.
func (g GroupRecord) applied() change {
	var all change
	for _, c := range g.earlier {
		all.add, all.remove = append(all.add, c.add...), append(all.remove, c.remove...)
	}
	if g.Outcome == push.Done || g.Became == Applied {
		all.add, all.remove = append(all.add, g.Add...), append(all.remove, g.Remove...)
	}
	// One PUT may have taken back what an earlier one did.
	return change{add: without(all.add, all.remove), remove: without(all.remove, all.add)}
}

// without returns entries, each once, but for those who are in others.
func without(entries, others []plan.Entry) []plan.Entry {
	out, passed := []plan.Entry{}, map[string]bool{}
	for _, e := range others {
		passed[e.ID] = true
	}
	for _, e := range entries {
		if !passed[e.ID] {
			passed[e.ID] = true
			out = append(out, e)
		}
	}
	return out
}
