// Package report shows plans and outcomes to people and to programs, and holds the table of exit statuses; it asks
// nobody anything and changes nothing.
package report

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Status is one exit status. It says what to do next, not how much was done.
type Status struct {
	Code    int
	Name    string
	Meaning string
	ToDo    string
}

// Exit statuses. Numbers are only ever added.
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

// Statuses returns the table from which every help text and manual is printed.
func Statuses() []Status {
	return []Status{
		{OK, "ok", "everything is as it should be, or was made so", ""},
		{Failed, "error", "a failure that has no number of its own", "look"},
		{Refused, "refused", "a limit, an empty source, a broken match, a group that is missing on either side", "a person"},
		{Locked, "locked", "another run holds the lock", "next run"},
		{Denied, "denied", "sign-in or a permission", "a person"},
		{Unavailable, "unavailable", "no usable answer: network, 5xx, throttling, out of time, or an answer that is not whole", "next run"},
		{Conflict, "conflict", "a stale plan, or somebody else's change", "plan again"},
		{Changes, "changes", "only with --exit-code: a diff or a dry run found differences", ""},
		{Usage, "usage", "flags or arguments", "correct the call"},
		{Internal, "internal", "a bug", "report it"},
		{Config, "config", "known to be wrong before the first request", "correct the configuration"},
		{Interrupted, "interrupted", "SIGINT", "next run"},
		{Terminated, "interrupted", "SIGTERM", "next run"},
	}
}

// Name returns the name of an exit status.
func Name(code int) string {
	for _, s := range Statuses() {
		if s.Code == code {
			return s.Name
		}
	}
	return "unknown"
}

// Worst returns the status that a run ends in which met several: the one that most needs somebody.
func Worst(codes ...int) int {
	order := []int{Config, Usage, Locked, Internal, Interrupted, Terminated, Denied, Refused, Failed, Conflict, Unavailable, Changes, OK}
	for _, code := range order {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return OK
}

// OfCause returns the status of a failure with a cause.
func OfCause(cause membership.Cause) int {
	switch cause {
	case membership.Denied:
		return Denied
	case membership.Missing:
		return Refused
	case membership.Rejected:
		return Failed
	}
	return Unavailable
}

// OfPlan returns the status of a run that only planned. With exitCode, differences are a status too.
func OfPlan(p plan.Plan, exitCode bool) int {
	outcomes := make([]push.Outcome, 0, len(p.Groups))
	for _, g := range p.Groups {
		outcomes = append(outcomes, push.Planned(g))
	}
	return OfOutcomes(outcomes, exitCode)
}

// OfFile returns the status of a run that only fetched.
func OfFile(f membership.File) int {
	codes := []int{OK}
	for _, g := range f.Groups {
		if g.Incomplete != nil {
			codes = append(codes, OfCause(g.Incomplete.Cause))
		}
	}
	return Worst(codes...)
}

// OfOutcomes returns the status of a run that wrote, or would have. With exitCode, what is still to do is a status too.
func OfOutcomes(outcomes []push.Outcome, exitCode bool) int {
	codes := []int{OK}
	for _, o := range outcomes {
		if o.Status != push.ToDo {
			codes = append(codes, ofOutcome(o))
		} else if exitCode {
			codes = append(codes, Changes)
		}
	}
	return Worst(codes...)
}

func ofOutcome(o push.Outcome) int {
	switch o.Status {
	case push.Done, push.Already, push.InStep, push.Paused:
		return OK
	case push.Refused, push.Missing:
		return Refused
	case push.Stale, push.Conflict:
		return Conflict
	case push.Rejected:
		return Failed
	case push.Denied:
		return Denied
	case push.Incomplete:
		return OfCause(o.Cause)
	}
	return Unavailable
}

// WriteStatuses prints the table.
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
