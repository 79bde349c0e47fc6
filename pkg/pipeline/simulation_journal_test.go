package pipeline_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"slices"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/sandbox"
)

// changesOf are the changes of a group that a run has sent, and whether somebody else has changed it since the run began.
func (s *sim) changesOf(run *simRun, group string) (own []sandbox.Change, others bool) {
	for _, c := range s.world.History() {
		switch {
		case c.Group != group:
		case (c.Who == "put" || c.Who == "late") && s.sender(c.RequestID) == run:
			own = append(own, c)
		case !c.Time.Before(run.began):
			others = true
		}
	}
	return own, others
}

// judgeJournal holds what the journal says of a run against the World's history.
func (s *sim) judgeJournal(run *simRun) {
	for _, g := range s.record(run).Groups {
		own, _ := s.changesOf(run, g.ID)
		switch {
		case len(own) > 0 && !g.Written:
			s.fail("the journal has no intent for %s, which was changed", g.Name)
		case g.Outcome == push.NotStarted && len(own) > 0:
			s.fail("the journal has %s as not started, and it was changed", g.Name)
		case g.Outcome == push.Done && len(own) == 1 && !s.foreign(run, g.ID):
			if add, remove := without(own[0].After, own[0].Before), without(own[0].Before, own[0].After); !same(g.Add, add) || !same(g.Remove, remove) && len(g.Remove) > len(remove) {
				s.fail("the journal has %v and %v for %s, and the history %v and %v", g.Add, g.Remove, g.Name, add, remove)
			}
		}
	}
	s.judgeClosed()
}

func same(entries []plan.Entry, ids []string) bool {
	have := entryIDs(entries)
	slices.Sort(have)
	return slices.Equal(have, ids)
}

// judgeClosed holds what later runs found out about what earlier ones had left open against the history.
func (s *sim) judgeClosed() {
	if s.spec.org.Switches.LateApplication > 0 {
		return // whoever closes an intent cannot know what comes later
	}
	for _, run := range s.runs {
		for _, g := range s.record(run).Groups {
			own, others := s.changesOf(run, g.ID)
			if others {
				continue
			}
			switch {
			case g.Became == journal.Applied && len(own) == 0 && len(g.Add)+len(g.Remove) > 0:
				s.fail("the journal has the intent for %s as applied, and nothing was changed", g.Name)
			case g.Became == journal.NotApplied && len(own) == 1: // of several the last intent alone is closed
				s.fail("the journal has the intent for %s as not applied, and it was", g.Name)
			}
		}
	}
}

// judgeInverse wants what the journal would take back to be the contrary of what a run has changed, no more and no less. It
// is asked in the end, when later runs have closed what was open.
func (s *sim) judgeInverse(run *simRun) {
	if s.spec.org.Switches.LateApplication > 0 {
		return // as for judgeClosed
	}
	mixed := map[string]bool{} // of which a later run could only say that it was in part as it was written
	for _, g := range s.record(run).Groups {
		mixed[g.ID] = g.Became == journal.Mixed
	}
	inverse := map[string]journal.Undo{}
	for _, u := range s.record(run).Inverse() {
		inverse[u.GroupID] = u
	}
	now := s.world.Genesys()
	nobodys := func(who string) bool {
		return !slices.ContainsFunc(now.Users, func(u sandbox.GenesysUser) bool { return u.ID == who })
	}
	for _, group := range s.groups() {
		own, others := s.changesOf(run, group)
		if others || len(own) == 0 || mixed[group] {
			continue
		}
		first, last := own[0].Before, own[len(own)-1].After
		added, removed := slices.DeleteFunc(without(last, first), nobodys), slices.DeleteFunc(without(first, last), nobodys)
		back := inverse[group]
		if missing := append(without(removed, entryIDs(back.Add)), without(added, entryIDs(back.Remove))...); len(missing) > 0 {
			s.fail("the journal would not take back what run %s has done with %v in %s", run.journalID, missing, group)
		}
		if more := slices.DeleteFunc(append(without(entryIDs(back.Add), removed), without(entryIDs(back.Remove), added)...), nobodys); len(more) > 0 {
			s.fail("the journal would take back what run %s has not done with %v in %s", run.journalID, more, group)
		}
	}
}

// groups are all Genesys groups that were ever changed.
func (s *sim) groups() []string {
	var out []string
	for _, c := range s.world.History() {
		out = append(out, c.Group)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// entryIDs are those of entries.
func entryIDs(entries []plan.Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.ID)
	}
	return out
}

// checkIntent wants the intent of a PUT on the disk before the PUT leaves.
func (w simWire) checkIntent(r *http.Request, group string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.fail("a PUT without a body: %v", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var sent struct {
		Members []struct{ Value string }
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		w.fail("a PUT: %v", err)
	}
	var ids []string
	for _, m := range sent.Members {
		ids = append(ids, m.Value)
	}
	slices.Sort(ids)
	for _, g := range w.record(w.run).Groups {
		if g.ID == group && g.Written {
			if _, after, err := g.Members(); err == nil && slices.Equal(after, ids) {
				return
			}
		}
	}
	w.fail("a PUT to %s left without its intent on the disk", group)
}

func (s *sim) record(run *simRun) journal.RunRecord {
	history, err := journal.ReadDir(filepath.Join(s.dir, run.machine))
	if err != nil {
		s.fail("reading the journal: %v", err)
		return journal.RunRecord{}
	}
	record, _ := history.Run(run.journalID)
	return record
}
