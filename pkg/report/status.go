// Package report prints plans and outcomes, for people and as JSON, and defines the exit statuses. It sends no requests
// and changes nothing.
package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Status is one exit status. It says who or what is needed next; the report says how much was done.
type Status struct {
	Code    int
	Name    string
	Meaning string
	ToDo    string // what is needed next; empty if nothing
}

// The exit statuses. A number is never changed or removed.
const (
	OK          = 0
	Failed      = 1
	Refused     = 4
	Locked      = 5
	Denied      = 6
	Unavailable = 7
	Conflict    = 8
	Changes     = 10
	Usage       = 64
	Internal    = 70
	Config      = 78
	Interrupted = 130
	Terminated  = 143
)

// Statuses returns the table of exit statuses, from which help texts and manuals are printed.
func Statuses() []Status {
	return []Status{
		{OK, "ok", "both sides agree, or were made to agree", ""},
		{Failed, "error", "something failed for which there is no other number", "look"},
		{Refused, "refused", "a limit, an empty source, names that no longer match, people in doubt, a group that one side lacks",
			"a person"},
		{Locked, "locked", "another run is under way", "next run"},
		{Denied, "denied", "the sign-in failed, a permission is missing, or a proxy refuses", "a person"},
		{Unavailable, "unavailable", "nothing to rely on: the network, a failing or throttling service, an answer " +
			"that is not whole, time that ran out", "next run"},
		{Conflict, "conflict", "the plan is stale, somebody else is changing the group, or a write does not show", "plan again"},
		{Changes, "changes", "there are differences, and --exit-code asked to be told", ""},
		{Usage, "usage", "the call is wrong: a flag, an argument, a file", "correct the call"},
		{Internal, "internal", "a bug in callroll", "report it"},
		{Config, "config", "the configuration is wrong, which was found before anything was sent", "correct the configuration"},
		{Interrupted, "interrupted", "SIGINT stopped the run", "next run"},
		{Terminated, "interrupted", "SIGTERM or SIGHUP stopped the run", "next run"},
	}
}

// Name returns the name of an exit status, or "unknown".
func Name(code int) string {
	for _, s := range Statuses() {
		if s.Code == code {
			return s.Name
		}
	}
	return "unknown"
}

// Worst returns the exit status of a run with these statuses: the one that most needs somebody to act. It is OK for
// none.
func Worst(codes ...int) int {
	order := []int{
		Config, Usage, Locked, Internal, Interrupted, Terminated,
		Denied, Refused, Failed, Conflict, Unavailable, Changes, OK,
	}
	for _, code := range order {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return OK
}

// OfCause returns the exit status of a failure with this cause.
func OfCause(cause membership.Cause) int {
	statuses := map[membership.Cause]int{
		membership.Denied: Denied, membership.Missing: Refused, membership.Rejected: Failed, membership.Internal: Internal,
	}
	return cmp.Or(statuses[cause], Unavailable)
}

// Planned returns the outcomes of the groups of a plan in a run that writes nothing.
func Planned(p plan.Plan) []push.Outcome { return list.Map(p.Groups, push.Planned) }

// OfFile returns the exit status of a run that only fetched.
func OfFile(f membership.File) int {
	codes := []int{OK}
	for _, g := range f.Groups {
		if g.Incomplete != nil {
			codes = append(codes, OfCause(g.Incomplete.Cause))
		}
	}
	return Worst(codes...)
}

// ofBug returns Internal if an internal error occurred while a group was read, and otherwise OK.
func ofBug(g plan.Group) int {
	if g.Incomplete != nil && g.Incomplete.Cause == membership.Internal {
		return Internal
	}
	return OK
}

// OfOutcomes returns the exit status of a run from its outcomes. Groups that are still to change do not count, see
// [OfDifferences].
func OfOutcomes(outcomes []push.Outcome) int {
	codes := []int{OK}
	for _, o := range outcomes {
		codes = append(codes, ofHeld(o.Group), ofBug(o.Group))
		if o.Status != push.ToDo {
			codes = append(codes, ofOutcome(o))
		}
	}
	return Worst(codes...)
}

// OfDifferences returns Changes if a group is still to change, for a run with --exit-code, and otherwise OK.
func OfDifferences(outcomes []push.Outcome) int {
	if slices.ContainsFunc(outcomes, func(o push.Outcome) bool { return o.Status == push.ToDo }) {
		return Changes
	}
	return OK
}

// ofHeld returns the exit status for the people who are held in a group: a person has to decide about them, or Entra has
// to answer.
func ofHeld(g plan.Group) int {
	switch {
	case g.Held() == 0:
		return OK
	case g.Doubt == nil || g.Doubt.Cause == "":
		return Refused
	case g.Doubt.Cause == membership.Denied:
		return Denied
	}
	return Unavailable
}

func ofOutcome(o push.Outcome) int {
	switch o.Status {
	case push.Done, push.Already, push.InStep, push.Paused:
		return OK
	case push.Refused:
		return Refused
	case push.Stale, push.Conflict, push.NotApplied:
		return Conflict
	}
	return OfCause(membership.Cause(o.Status))
}

// WriteStatuses prints the table of exit statuses as text.
func WriteStatuses(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range Statuses() {
		line := fmt.Sprintf("  %d\t%s\t%s", s.Code, s.Name, s.Meaning)
		if s.ToDo != "" {
			line += " (" + s.ToDo + ")"
		}
		fmt.Fprintln(tw, line)
	}
	return tw.Flush()
}
