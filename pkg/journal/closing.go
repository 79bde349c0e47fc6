package journal

import "github.com/callroll/callroll/pkg/plan"

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
