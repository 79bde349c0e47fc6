package main

import (
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// With --quiet a run speaks when a person is needed, and then once: when a group begins to need one, when it no longer
// does, and as a reminder once a day. What the next run may mend by itself (7, 5, 8) is worth a word only after three runs
// in a row. Without a journal nothing is known of earlier runs, and every run speaks.

const (
	reminder  = 24 * time.Hour
	patience  = 3 // runs in a row
	passing   = "passing trouble"
	wholeRun  = "the whole run"
	heldAmong = "held: " // before the name of a group
)

// silent says that there is nothing to say, and writes down what is said.
func (st *state) silent(status int, outcomes []push.Outcome) bool {
	if st.run == nil {
		return false
	}
	now := time.Now()
	keys := st.needs(outcomes)
	news := st.recovered(outcomes)
	if len(outcomes) == 0 && needsPerson(status) {
		keys = append(keys, wholeRun)
	}
	if passes(status) && st.past.InARow(report.Unavailable, report.Locked, report.Conflict) >= patience-1 {
		keys = append(keys, passing)
	}
	for _, key := range keys {
		news = news || now.Sub(st.past.Told[key]) >= reminder
	}
	if !news {
		return true
	}
	if err := st.run.Told(keys...); err != nil {
		st.app.say("the journal: %v", err)
	}
	return false
}

// needs names what needs a person: a group by its name, or those who are held in it.
func (st *state) needs(outcomes []push.Outcome) []string {
	var keys []string
	for _, o := range outcomes {
		if o.Group.Held() > 0 {
			keys = append(keys, heldAmong+o.Group.Name)
		}
		o.Group.Keep = nil // those who are held have a key of their own
		if needsPerson(report.OfOutcomes([]push.Outcome{o}, false)) {
			keys = append(keys, o.Group.Name)
		}
	}
	return keys
}

// recovered says whether a group that a person was told about ends well now, or ends otherwise than he was told.
func (st *state) recovered(outcomes []push.Outcome) bool {
	return slices.ContainsFunc(outcomes, func(o push.Outcome) bool {
		last, known := st.past.Groups[o.Group.Name]
		return known && !last.Told.IsZero() && last.Outcome != o.Status && last.Told.Compare(last.Since) >= 0
	})
}

func needsPerson(status int) bool {
	return slices.Contains([]int{report.Failed, report.Refused, report.Denied, report.Internal, report.Usage, report.Config}, status)
}

func passes(status int) bool {
	return slices.Contains([]int{report.Unavailable, report.Locked, report.Conflict}, status)
}
