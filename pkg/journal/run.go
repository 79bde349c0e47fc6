package journal

import (
	"crypto/rand"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// RunInfo is what is known of a run when it begins.
type RunInfo struct {
	ID       string `json:"-"` // given by Begin where it is empty
	Version  string `json:"version"`
	Command  string `json:"command"`
	Config   string `json:"config,omitempty"` // the path of the configuration
	Digest   string `json:"digest"`           // of the mapping
	Host     string `json:"host"`             // API host of the org
	ClientID string `json:"client_id"`
	Tenant   string `json:"tenant"`
	// Taken is when the memberships were read that the run works on. It is zero where they are read in its course, or where there
	// are none, as in an undo.
	Taken time.Time `json:"taken,omitzero"`
	Live  bool      `json:"live,omitempty"` // the memberships are read in the course of the run
}

// Run writes the lines of one run. Its methods may be called by several goroutines.
type Run struct {
	j     *Journal
	info  RunInfo
	began time.Time
	past  recent // the runs before it, to which it is compared

	mu     sync.Mutex
	begun  bool                  // a line is on the disk
	sent   map[string]plan.Group // the last intent of each group
	quiet  []result
	named  map[string]bool   // the slots that a line of this run names
	same   map[string]result // the slots that ended as in the run before
	causes []Cause
}

// Begin begins a run. Nothing is written before there is something to tell. IDs sort by time.
func (j *Journal) Begin(info RunInfo) (*Run, error) {
	now := time.Now()
	if info.ID == "" {
		random := make([]byte, 4)
		_, _ = rand.Read(random) // never fails
		info.ID = now.UTC().Format(stamp) + "-" + hex.EncodeToString(random)
	}
	info.Taken = info.Taken.UTC()
	r := &Run{j: j, info: info, began: now, sent: map[string]plan.Group{}, named: map[string]bool{}, same: map[string]result{}}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.past != nil {
		r.past = j.past.recent[info.line()]
	}
	return r, nil
}

// ID is the name of the run.
func (r *Run) ID() string { return r.info.ID }

// add appends a line, after the one that says that the run began.
func (r *Run) add(l line, sync bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.append(sync, func(string) []line { return []line{l} })
}

// append is add for several lines. r.mu is held.
func (r *Run) append(sync bool, lines func(file string) []line) error {
	err := r.j.add(sync, func(file string) []line {
		all := lines(file)
		if !r.begun && all[0].Kind != kindSame {
			all = append([]line{{Kind: kindRun, Time: r.began, Info: &r.info}}, all...)
		}
		for i := range all {
			all[i].Run = r.info.ID
		}
		return all
	})
	r.begun = r.begun || err == nil
	return err
}

// Intent writes what a PUT is about to do to a group as it was just read. It is on the disk when Intent returns without
// an error; with one, the PUT must not be sent.
func (r *Run) Intent(before membership.Group, g plan.Group) error {
	r.mu.Lock()
	r.sent[g.ID] = g
	r.named[result{Group: g.ID, Name: g.Name}.slot()] = true
	r.mu.Unlock()
	return r.add(line{
		Kind: kindIntent, Group: g.ID, Name: g.Name, DisplayName: before.DisplayName, Version: before.Version,
		Before: rawIDs(before.Members), Add: g.Add, Remove: g.Remove, Members: rawIDs(g.Members), Key: keyOf(g),
	}, true)
}

// Outcome writes how a group ended. What was changed stands in it where the intent does not say the same. Of a group of
// which there is nothing to tell, and of one that ended as in the run before, End writes it.
func (r *Run) Outcome(o push.Outcome) error {
	g, this := o.Group, resultOf(o)
	r.mu.Lock()
	sent, wasSent := r.sent[g.ID]
	waits := !wasSent && r.wait(this)
	r.mu.Unlock()
	if waits {
		return nil
	}
	l := this.line()
	l.Key = keyOf(g)
	if o.Status == push.Done && !sameChange(sent, g) {
		l.Add, l.Remove, l.Members = g.Add, g.Remove, rawIDs(g.Members)
	}
	return r.add(l, false)
}

// wait keeps a result for End, unless it has to be written now.
func (r *Run) wait(this result) bool {
	slot := this.slot()
	if before, ok := r.before(slot); ok && !r.named[slot] && before.same(this) {
		r.same[slot] = before
		return true
	}
	delete(r.same, slot)
	r.named[slot] = true
	if this.quiet() {
		r.quiet = append(r.quiet, this)
	}
	return this.quiet()
}

// before is how a group ended in the run before.
func (r *Run) before(slot string) (result, bool) {
	if r.past.Groups == nil {
		return result{}, false
	}
	before, ok := r.past.Groups.bySlot[slot]
	return before, ok
}

func (r result) line() line {
	return line{Kind: kindOutcome, Group: r.Group, Name: r.Name, Outcome: r.Outcome, Cause: r.Cause, Detail: r.Detail, Key: r.Key, Refusals: r.Refusals}
}

func sameChange(a, b plan.Group) bool {
	return slices.Equal(a.Add, b.Add) && slices.Equal(a.Remove, b.Remove) && slices.Equal(a.Members, b.Members)
}

// keyOf is the key of the members to be; of a group that was not found there is none.
func keyOf(g plan.Group) string {
	if g.Key == "" && g.ID != "" {
		return plan.IdempotencyKey(g.ID, g.Members)
	}
	return g.Key
}

// Causes says what was the matter in the run, for the runs after it. End writes it.
func (r *Run) Causes(causes []Cause) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.causes = causes
}

// End writes the exit status of the run: one short line if it went as an earlier one. All that the run has written is on
// the disk when End returns. Then it clears up: if the status is 0, months that are older than Options.Keep are removed.
func (r *Run) End(status int, counts map[string]int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(counts) == 0 {
		counts = nil // as it is read again
	}
	err := r.append(true, func(file string) []line {
		if l, ok := r.likeBefore(file, status, counts); ok {
			return []line{l}
		}
		end := line{Kind: kindEnd, Status: &status, Counts: counts, Quiet: r.quiet, Causes: r.causes}
		lines := []line{}
		switch {
		case len(r.same) == 0:
		case r.past.Groups.File == file && r.namesAll():
			end.Of = r.past.Groups.Run
		default:
			for _, this := range r.past.Groups.Results {
				if _, waits := r.same[this.slot()]; !waits {
					continue
				}
				if this.quiet() {
					end.Quiet = append(end.Quiet, this)
				} else {
					lines = append(lines, this.line())
				}
			}
		}
		return append(lines, end)
	})
	if err == nil {
		r.j.clearUp(status)
	}
	return err
}

// likeBefore returns the line of a run in which nothing has changed. Its time is when the run began, because that is when
// it read the memberships at the earliest.
func (r *Run) likeBefore(file string, status int, counts map[string]int) (line, bool) {
	if r.begun || len(r.named) > 0 {
		return line{}, false
	}
	for _, f := range r.past.all() {
		if f.File == file && len(f.Results) == len(r.same) && f.equals(r.info, r.began, status, counts, r.causes) {
			l := line{Kind: kindSame, Time: r.began.Truncate(time.Second), Of: f.Run}
			if !r.info.Taken.IsZero() {
				l.Age = int64(l.Time.Sub(r.info.Taken) / time.Second)
			}
			return l, true
		}
	}
	return line{}, false
}

// namesAll says whether each group of the run before has a result in this one.
func (r *Run) namesAll() bool {
	for slot := range r.past.Groups.bySlot {
		if _, same := r.same[slot]; !same && !r.named[slot] {
			return false
		}
	}
	return true
}

// mostTold is how many causes of a kind one line takes: there may be one for each of a hundred thousand people.
const mostTold = 1000

// Told writes what a person was told just now: what is the matter, and what is over.
func (r *Run) Told(causes, over []Cause) error {
	for len(causes)+len(over) > 0 {
		c, o := min(len(causes), mostTold), min(len(over), mostTold)
		if err := r.add(line{Kind: kindTold, Causes: causes[:c], Over: over[:o]}, false); err != nil {
			return err
		}
		causes, over = causes[c:], over[o:]
	}
	return nil
}

// Noted writes that a person was told of times up to this one that are in the future.
func (r *Run) Noted(ahead time.Time) error {
	return r.add(line{Kind: kindNoted, Ahead: ahead.UTC()}, false)
}
