package simulation

import (
	"encoding/json"
	"slices"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// report is the JSON output of a run: a result, a plan, a membership or a failure.
type report struct {
	Kind    string
	Status  *int
	Expires string
	Taken   string
	Groups  []groupReport
}

// groupReport is one group of a report.
type groupReport struct {
	Name, ID, Genesys string
	Outcome           string // of a result
	State             string // of a plan
	Cause, Detail     string
	Add, Remove       []entry
	Keep              []keptMember
	Members           []string
	Refusals          []refusal
	Incomplete        *struct{ Cause, Detail string }
	Doubt             *struct{ Cause, Detail string }
}

// refusal is the reason why a group is refused, and the flag that lifts it.
type refusal struct{ Rule, Text, Flag string }

type entry struct{ ID, UserName string }

type keptMember struct {
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

// good says that a group is as it should be, or was changed to be so.
func (g groupReport) good() bool {
	return slices.Contains([]string{"changed", "already", "in step"}, g.Outcome)
}

// outcome returns the outcome of a group for the exit status.
func (g groupReport) outcome() oracle.Outcome {
	o := oracle.Outcome{Word: g.Outcome, Cause: g.Cause}
	if g.Outcome == "" { // a plan, whose changes are not carried out yet
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

func (r report) of(mapping string) (groupReport, bool) {
	i := slices.IndexFunc(r.Groups, func(g groupReport) bool { return g.Name == mapping })
	if i < 0 {
		return groupReport{}, false
	}
	return r.Groups[i], true
}

// unsettled says whether a group is refused because earlier writes did not take effect.
func (r report) unsettled() bool {
	return slices.ContainsFunc(r.Groups, func(g groupReport) bool {
		return slices.ContainsFunc(g.Refusals, func(o refusal) bool { return o.Rule == "unsettled" })
	})
}
