package journal

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Cause is one problem: what is the matter, and where.
type Cause struct {
	What  string `json:"what"`
	Where string `json:"where"`
}

// result is how a group ended that was not written.
type result struct {
	Group   string           `json:"group,omitempty"`
	Name    string           `json:"name"`
	Outcome push.Status      `json:"outcome"`
	Cause   membership.Cause `json:"cause,omitempty"`
	Detail  string           `json:"detail,omitempty"`
	Key     string           `json:"key,omitempty"`

	Refusals []plan.Refusal `json:"refusals,omitempty"`
}

// resultOf leaves the key out where there is nothing to tell: it would take a run as long as reading the members.
func resultOf(o push.Outcome) result {
	r := result{Group: o.Group.ID, Name: o.Group.Name, Outcome: o.Status, Cause: o.Cause, Detail: o.Detail}
	if o.Status == push.Refused {
		r.Refusals = o.Group.Refusals
	}
	if !r.quiet() {
		r.Key = keyOf(o.Group)
	}
	return r
}

// quiet says that there is nothing to tell.
func (r result) quiet() bool {
	return r.Detail == "" && (r.Outcome == push.InStep || r.Outcome == push.Paused)
}

// slot tells groups apart. Two entries may mean one Genesys group.
func (r result) slot() string { return r.Group + "\n" + r.Name }

// same says that nothing has changed. The words of a failure that passes by itself are different each time, because they
// have the ids of requests.
func (r result) same(other result) bool {
	if r.Outcome == push.Unavailable || r.Outcome == push.NotStarted || r.Cause == membership.Unavailable {
		r.Detail, r.Key, other.Detail, other.Key = "", "", "", ""
	}
	return reflect.DeepEqual(r, other)
}

// finished is a run that ended, and was written in full: later ones may be like it.
type finished struct {
	Run     string         `json:"run"`
	File    string         `json:"file"` // which has all of its lines
	Info    RunInfo        `json:"info"`
	Status  int            `json:"status"`
	Counts  map[string]int `json:"counts,omitempty"`
	Causes  []Cause        `json:"causes,omitempty"`
	Results []result       `json:"results"`

	bySlot map[string]result
	like   int        // how many runs like it are still to be counted
	last   *RunRecord // the latest of them
	order  int        // of that one's line
}

// index makes it quick to find one group.
func (f *finished) index() {
	f.bySlot = make(map[string]result, len(f.Results))
	for _, r := range f.Results {
		f.bySlot[r.slot()] = r
	}
}

// equals says whether a run that found no group changed was like f.
func (f *finished) equals(info RunInfo, began time.Time, status int, counts map[string]int, causes []Cause) bool {
	mine := f.Info
	if mine.Taken.IsZero() != info.Taken.IsZero() || info.Taken.After(began) || info.Taken.Nanosecond() != 0 {
		return false
	}
	mine.ID, mine.Taken = info.ID, info.Taken
	return mine == info && f.Status == status && maps.Equal(f.Counts, counts) && slices.Equal(f.Causes, causes)
}

// recent are the runs to which the next one of a configuration may be compared: the latest that had groups, and the latest
// that failed before it had any.
type recent struct {
	Groups *finished `json:"groups,omitempty"`
	None   *finished `json:"none,omitempty"`
}

func (r *recent) all() []*finished {
	return slices.DeleteFunc([]*finished{r.Groups, r.None}, func(f *finished) bool { return f == nil })
}

// line is the key of the runs that may be like each other.
func (i RunInfo) line() string { return i.Config + "\n" + org(i.Host, i.ClientID) }

// scope is the key of what a person was told: who looks after a configuration gets the mail of its runs.
func (i RunInfo) scope() string {
	if i.Config != "" {
		return i.Config
	}
	return org(i.Host, i.ClientID)
}
