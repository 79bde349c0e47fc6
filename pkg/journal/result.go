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

// Cause is one problem of a run.
type Cause struct {
	What  string `json:"what"`  // kind of the problem
	Where string `json:"where"` // for example the name of the group or the userName
}

// result is the outcome of a group that was not written.
type result struct {
	Group   string           `json:"group,omitempty"`
	Name    string           `json:"name"`
	Outcome push.Status      `json:"outcome"`
	Cause   membership.Cause `json:"cause,omitempty"`
	Detail  string           `json:"detail,omitempty"`
	Key     string           `json:"key,omitempty"`

	Refusals []plan.Refusal `json:"refusals,omitempty"`
}

// resultOf returns the result of an outcome. It leaves out the key of a quiet one, because computing all keys would take
// a run as long as reading the members.
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

// keyOf returns the idempotency key of the members that a group should have; empty if the group was not found.
func keyOf(g plan.Group) string {
	if g.Key == "" && g.ID != "" {
		return plan.IdempotencyKey(g.ID, g.Members)
	}
	return g.Key
}

func (r result) line() line {
	return line{
		Kind: kindOutcome, Group: r.Group, Name: r.Name,
		Outcome: r.Outcome, Cause: r.Cause, Detail: r.Detail, Key: r.Key, Refusals: r.Refusals,
	}
}

// quiet reports whether the group was in step or paused and there is nothing else to record.
func (r result) quiet() bool {
	return r.Detail == "" && (r.Outcome == push.InStep || r.Outcome == push.Paused)
}

// slot returns a key for an entry of the configuration. The group id is not enough, because two entries may have the
// same group.
func (r result) slot() string { return r.Group + "\n" + r.Name }

// same reports whether two results are equal. It ignores the details of temporary failures, because they have the ids of
// requests and so are different each time.
func (r result) same(other result) bool {
	if r.Outcome == push.Unavailable || r.Outcome == push.NotStarted || r.Cause == membership.Unavailable {
		r.Detail, r.Key, other.Detail, other.Key = "", "", "", ""
	}
	return reflect.DeepEqual(r, other)
}

// finished is a run that ended and whose outcomes are all known. Later runs with the same result may refer to it.
type finished struct {
	Run     string         `json:"run"`
	File    string         `json:"file"` // that has all of its lines
	Info    RunInfo        `json:"info"`
	Status  int            `json:"status"`
	Counts  map[string]int `json:"counts,omitempty"`
	Causes  []Cause        `json:"causes,omitempty"`
	Results []result       `json:"results"`

	bySlot map[string]result
	like   int        // number of runs that refer to it and are not counted yet
	last   *RunRecord // the latest of these runs
	order  int        // position of its line in the order of writing
}

// index fills bySlot.
func (f *finished) index() {
	f.bySlot = make(map[string]result, len(f.Results))
	for _, r := range f.Results {
		f.bySlot[r.slot()] = r
	}
}

// equals reports whether a run in which no group changed had the same result as f.
func (f *finished) equals(info RunInfo, began time.Time, status int, counts map[string]int, causes []Cause) bool {
	mine := f.Info
	if mine.Taken.IsZero() != info.Taken.IsZero() || info.Taken.After(began) || info.Taken.Nanosecond() != 0 {
		return false
	}
	mine.ID, mine.Taken = info.ID, info.Taken
	return mine == info && f.Status == status && maps.Equal(f.Counts, counts) && slices.Equal(f.Causes, causes)
}

// recent has the runs to which the next run of a configuration is compared: the latest that had groups, and the latest
// that failed before it had any.
type recent struct {
	Groups *finished `json:"groups,omitempty"`
	None   *finished `json:"none,omitempty"`
}

func (r *recent) all() []*finished {
	return slices.DeleteFunc([]*finished{r.Groups, r.None}, func(f *finished) bool { return f == nil })
}

// line returns the key of runs that may refer to each other.
func (i RunInfo) line() string { return i.Config + "\n" + org(i.Host, i.ClientID) }

// scope returns the key for what a person was told. One person gets the mail of all runs of a configuration.
func (i RunInfo) scope() string {
	if i.Config != "" {
		return i.Config
	}
	return org(i.Host, i.ClientID)
}
