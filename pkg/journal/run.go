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
	Digest   string `json:"digest"` // of the mapping
	Host     string `json:"host"`   // API host of the org
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
	id    string
	mu    sync.Mutex
	sent  map[string]plan.Group // the last intent of each group
	quiet []quiet
}

// Begin writes that a run began. IDs sort by time.
func (j *Journal) Begin(info RunInfo) (*Run, error) {
	if info.ID == "" {
		random := make([]byte, 4)
		_, _ = rand.Read(random) // never fails
		info.ID = time.Now().UTC().Format("20060102T150405Z-") + hex.EncodeToString(random)
	}
	r := &Run{j: j, id: info.ID, sent: map[string]plan.Group{}}
	if err := r.add(line{Kind: kindRun, Info: &info}, false); err != nil {
		return nil, err
	}
	return r, nil
}

// ID is the name of the run.
func (r *Run) ID() string { return r.id }

func (r *Run) add(l line, sync bool) error {
	l.Run = r.id
	return r.j.add(l, sync)
}

// Intent writes what a PUT is about to do to a group as it was just read. It is on the disk when Intent returns without
// an error; with one, the PUT must not be sent.
func (r *Run) Intent(before membership.Group, g plan.Group) error {
	r.mu.Lock()
	r.sent[g.ID] = g
	r.mu.Unlock()
	return r.add(line{
		Kind: kindIntent, Group: g.ID, Name: g.Name, DisplayName: before.DisplayName, Version: before.Version,
		Before: rawIDs(before.MemberIDs()), Add: g.Add, Remove: g.Remove, Members: rawIDs(g.MemberIDs()), Key: keyOf(g),
	}, true)
}

// Outcome writes how a group ended. What was changed stands in it where the intent does not say the same. Of a group of
// which there is nothing to tell, End writes it.
func (r *Run) Outcome(o push.Outcome) error {
	g := o.Group
	r.mu.Lock()
	sent, wasSent := r.sent[g.ID]
	silent := !wasSent && o.Detail == "" && (o.Status == push.InStep || o.Status == push.Paused)
	if silent {
		r.quiet = append(r.quiet, quiet{Group: g.ID, Name: g.Name, Outcome: o.Status})
	}
	r.mu.Unlock()
	if silent {
		return nil
	}
	l := line{Kind: kindOutcome, Group: g.ID, Name: g.Name, Outcome: o.Status, Cause: o.Cause, Detail: o.Detail, Key: keyOf(g)}
	if o.Status == push.Done && !sameChange(sent, g) {
		l.Add, l.Remove, l.Members = g.Add, g.Remove, rawIDs(g.MemberIDs())
	}
	return r.add(l, false)
}

func sameChange(a, b plan.Group) bool {
	return slices.Equal(a.Add, b.Add) && slices.Equal(a.Remove, b.Remove) && slices.Equal(a.MemberIDs(), b.MemberIDs())
}

// keyOf is the key of the members to be; of a group that was not found there is none.
func keyOf(g plan.Group) string {
	if g.Key == "" && g.ID != "" {
		return plan.IdempotencyKey(g.ID, g.MemberIDs())
	}
	return g.Key
}

// End writes the exit status of the run. All that the run has written is on the disk when it returns.
func (r *Run) End(status int, counts map[string]int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := line{Kind: kindEnd, Status: &status, Counts: counts, Quiet: r.quiet}
	return r.add(l, true)
}

// Told writes that a person was told about these things just now, whatever a caller calls them. A key that is the name
// of a group is found again in its GroupState.
func (r *Run) Told(keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	return r.add(line{Kind: kindTold, Keys: keys}, false)
}

// Closing is what became of an intent whose run did not get to know it.
type Closing string

// The ends of an intent.
const (
	Applied    Closing = "applied"     // everybody to add is in, and nobody to remove
	NotApplied Closing = "not applied" // nobody to add is in, and everybody to remove
	Mixed      Closing = "mixed"       // some: somebody else has changed the group as well, and nobody knows
	Gone       Closing = "gone"        // there is no such group any more
)

// Close writes what became of an intent of an earlier run, told from who is in the group now, and returns it.
func (r *Run) Close(intent Intent, seen []string) (Closing, error) {
	became := intent.judge(seen)
	return became, r.add(closedLine(intent, became, seen), true)
}

// CloseGone writes that nobody can tell what became of an intent, because the group is gone.
func (r *Run) CloseGone(intent Intent) error {
	return r.add(closedLine(intent, Gone, nil), true)
}

func closedLine(intent Intent, became Closing, seen []string) line {
	l := line{Kind: kindClosed, Of: intent.Run, Group: intent.ID, Name: intent.Name, Became: became}
	if became != Gone {
		l.Seen = rawIDs(seen)
	}
	return l
}

// judge compares the change alone: others may have changed the rest of the group since, and that says nothing.
func (i Intent) judge(seen []string) Closing {
	in := map[string]bool{}
	for _, id := range seen {
		in[id] = true
	}
	did, didNot := 0, 0
	count := func(entries []plan.Entry, want bool) {
		for _, e := range entries {
			if in[e.ID] == want {
				did++
			} else {
				didNot++
			}
		}
	}
	count(i.Add, true)
	count(i.Remove, false)
	switch {
	case didNot == 0:
		return Applied
	case did == 0:
		return NotApplied
	}
	return Mixed
}
