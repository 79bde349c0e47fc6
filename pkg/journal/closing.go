package journal

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
	return became, r.close(intent, line{Became: became, Seen: rawIDs(seen)})
}

// CloseGone writes that the result of an intent cannot be found out, because the group does not exist any more.
func (r *Run) CloseGone(intent Intent) error {
	return r.close(intent, line{Became: Gone})
}

func (r *Run) close(intent Intent, l line) error {
	l.Kind, l.Of, l.Group, l.Name = kindClosed, intent.Run, intent.ID, intent.Name
	return r.add(l, true)
}

// judge compares only the people whom the intent adds or removes. Others may have changed the rest of the group since
// then, and that says nothing about the intent.
func (i Intent) judge(seen []string) Closing {
	done := showing(change{i.Add, i.Remove}, seen)
	switch len(done.Add) + len(done.Remove) {
	case len(i.Add) + len(i.Remove):
		return Applied
	case 0:
		return NotApplied
	}
	return Mixed
}
