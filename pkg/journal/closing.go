package journal

import "github.com/callroll/callroll/pkg/plan"

// Closing is the result of an intent whose run did not find it out.
type Closing string

// The results of an intent.
const (
	Applied    Closing = "applied"     // all additions and removals show in the group
	NotApplied Closing = "not applied" // no addition and no removal shows in the group
	Mixed      Closing = "mixed"       // only a part shows: somebody else has changed the group too, and the result is not known
	Gone       Closing = "gone"        // the group does not exist any more
)

// Close finds out the result of an intent of an earlier run, writes it and returns it. seen has the ids of the present
// members of the group.
func (r *Run) Close(intent Intent, seen []string) (Closing, error) {
	became := intent.judge(seen)
	return became, r.add(closedLine(intent, became, seen), true)
}

// CloseGone writes that the result of an intent cannot be found out, because the group does not exist any more.
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

// judge compares only the people whom the intent adds or removes. Others may have changed the rest of the group since
// then, and that says nothing about the intent.
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
