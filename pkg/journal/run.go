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

// RunInfo is what is known about a run when it begins.
type RunInfo struct {
	ID       string `json:"-"` // set by Begin if it is empty
	Version  string `json:"version"`
	Command  string `json:"command"`
	Config   string `json:"config,omitempty"` // the path of the configuration
	Digest   string `json:"digest"`           // of the mappings
	Host     string `json:"host"`             // API host of the org
	ClientID string `json:"client_id"`
	Tenant   string `json:"tenant"`
	// Taken is when the memberships were read that the run works on. It is zero if the run reads them itself (Live), or
	// if there are none, as in an undo.
	Taken time.Time `json:"taken,omitzero"`
	Live  bool      `json:"live,omitempty"` // the run reads the memberships itself
}

// Run writes the lines of one run. It is safe for concurrent use.
type Run struct {
	j     *Journal
	info  RunInfo
	began time.Time
	past  recent // earlier runs to which it is compared

	mu     sync.Mutex
	begun  bool                  // a line is on the disk
	sent   map[string]plan.Group // the last intent of each group, by its id
	quiet  []result
	named  map[string]bool   // the slots that have an outcome or intent of this run
	same   map[string]result // the slots with the same result as in the run before
	causes []Cause
}

// Begin begins a run. It writes nothing yet. If info.ID is empty, the run gets a new ID. IDs sort by time.
func (j *Journal) Begin(info RunInfo) *Run {
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
	return r
}

// ID returns the ID of the run.
func (r *Run) ID() string { return r.info.ID }

// add appends a line. The first line of a run is preceded by the line of kind run.
func (r *Run) add(l line, sync bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.append(sync, func(string) []line { return []line{l} })
}

// append is add for several lines. The caller holds r.mu.
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

// Intent records what a PUT is about to change in a group that was just read. The line is on the disk when Intent
// returns nil. After an error the PUT must not be sent.
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

// Outcome records how a group ended. The line has the changes only if they are not those of the intent. A group without
// a PUT that is quiet, or that has the same result as in the run before, is written by End.
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

// wait keeps a result for End and returns true, or returns false if the result has to be written now.
func (r *Run) wait(this result) bool {
	slot := this.slot()
	var past map[string]result
	if r.past.Groups != nil {
		past = r.past.Groups.bySlot
	}
	if before, ok := past[slot]; ok && !r.named[slot] && before.same(this) {
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

func sameChange(a, b plan.Group) bool {
	return slices.Equal(a.Add, b.Add) && slices.Equal(a.Remove, b.Remove) && slices.Equal(a.Members, b.Members)
}

// Causes sets the problems of the run, for later runs. End writes them.
func (r *Run) Causes(causes []Cause) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.causes = causes
}

// End records the exit status of the run and the number of outcomes of each kind. If the result is the same as that of
// an earlier run, it is one short line. All lines of the run are on the disk when End returns nil. Then it may write a
// checkpoint, and if status is 0, it removes months that are older than Options.Keep.
func (r *Run) End(status int, counts map[string]int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(counts) == 0 {
		counts = nil // as it is after reading
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

// likeBefore returns the line of a run with the same result as an earlier one. Its time is when the run began, because
// that is the earliest time when it may have read the memberships.
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

// namesAll reports whether each group of the run before has a result in this one.
func (r *Run) namesAll() bool {
	for slot := range r.past.Groups.bySlot {
		if _, same := r.same[slot]; !same && !r.named[slot] {
			return false
		}
	}
	return true
}

// mostTold is the largest number of causes in each list of one line. There may be a cause for each of 100,000 people.
const mostTold = 1000

// Told records what a person was told just now: causes are problems, and over are problems that have ended.
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

// Noted records that a person was told of times in the future; ahead is the latest of them.
func (r *Run) Noted(ahead time.Time) error {
	return r.add(line{Kind: kindNoted, Ahead: ahead.UTC()}, false)
}
