package simulation

import (
	"encoding/json"
	"slices"

	"github.com/callroll/callroll/pkg/oracle"
)

// report is what a run prints for programs: a result, a plan, a membership or a failure.
type report struct {
	Kind    string
	Status  *int
	Expires string
	Taken   string
	Groups  []reported
}

// reported is one group of a report.
type reported struct {
	Name, ID, Genesys string
	Outcome           string // of a result
	State             string // of a plan
	Cause, Detail     string
	Add, Remove       []entry
	Keep              []kept
	Members           []string
	Refusals          []reason
	Incomplete        *struct{ Cause, Detail string }
	Doubt             *struct{ Cause, Detail string }
}

// reason is why a group is refused, and what lifts that.
type reason struct{ Rule, Text, Flag string }

type entry struct{ ID, UserName string }

type kept struct {
	entry
	Reason string
}

func readReport(data []byte) (r report) {
	if json.Unmarshal(data, &r) != nil {
		return report{}
	}
	return r
}

func ids(entries []entry) []string {
	out := []string{}
	for _, e := range entries {
		out = append(out, e.ID)
	}
	slices.Sort(out)
	return out
}

// good says that a group is as it should be, or was made so.
func (g reported) good() bool {
	return slices.Contains([]string{"changed", "already", "in step"}, g.Outcome)
}

// outcome is how a group has ended, as far as the exit status is about it.
func (g reported) outcome() oracle.Outcome {
	o := oracle.Outcome{Word: g.Outcome, Cause: g.Cause}
	if g.Outcome == "" { // a plan, and what it makes of it is not yet done
		o.Word = map[string]string{"changes": "to change"}[g.State]
		if o.Word == "" {
			o.Word = g.State
		}
	}
	if g.Incomplete != nil && (g.Outcome != "" || g.State == "incomplete" || g.Incomplete.Cause == "internal") {
		o.Cause = g.Incomplete.Cause
	}
	for _, k := range g.Keep {
		if k.Reason == "held" {
			o.Held++
		}
	}
	if g.Doubt != nil {
		o.Doubt = g.Doubt.Cause
	}
	return o
}

func (r report) of(mapping string) (reported, bool) {
	i := slices.IndexFunc(r.Groups, func(g reported) bool { return g.Name == mapping })
	if i < 0 {
		return reported{}, false
	}
	return r.Groups[i], true
}

// unsettled says whether a group is refused because earlier writes to it did not show.
func (r report) unsettled() bool {
	return slices.ContainsFunc(r.Groups, func(g reported) bool {
		return slices.ContainsFunc(g.Refusals, func(o reason) bool { return o.Rule == "unsettled" })
	})
}
