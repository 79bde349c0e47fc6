package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/report"
)

// statusError is an error with an exit status.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

// usage returns err as a usage error.
func usage(err error) error { return &statusError{report.Usage, err} }

// ended is the exit status of a run whose report is complete: nothing more is printed about it.
type ended struct{ status int }

func (e *ended) Error() string { return "ends with " + report.Name(e.status) }

// signalError is the cause of a context that a signal has cancelled.
type signalError struct{ signal os.Signal }

func (e *signalError) Error() string { return fmt.Sprintf("stopped by %v", e.signal) }

func (e *signalError) status() int {
	if e.signal == syscall.SIGTERM || e.signal == syscall.SIGHUP {
		return report.Terminated
	}
	return report.Interrupted
}

// timeoutError is the cause of a context that has reached its time limit.
type timeoutError struct{ limit time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("out of time: --timeout is %s", e.limit) }

// statusOf returns the exit status of an error.
func statusOf(err error) int {
	var (
		known   *statusError
		done    *ended
		stopped *signalError
		left    *probe.LeftError
		failure *membership.Error
	)
	switch {
	case errors.As(err, &done):
		return done.status
	case errors.As(err, &known):
		return known.status
	case errors.As(err, new(*journal.LockedError)):
		return report.Locked
	case errors.As(err, &stopped): // also while a file of the configuration was read
		return stopped.status()
	case errors.As(err, new(*timeoutError)):
		return report.Unavailable
	case errors.As(err, new(*config.Error)), errors.As(err, new(*pipeline.MismatchError)):
		return report.Config
	case errors.Is(err, membership.ErrFormat), errors.Is(err, plan.ErrEdited),
		errors.As(err, new(*pipeline.NobodyError)), errors.As(err, new(*pipeline.AbsentError)):
		return report.Usage
	case errors.Is(err, pipeline.ErrExpired):
		return report.Conflict
	case errors.As(err, new(*probe.RefusedError)):
		return report.Refused
	case errors.As(err, new(*probe.ForeignError)), errors.As(err, &left) && !errors.As(left.Err, new(*membership.Error)):
		return report.Conflict
	case errors.As(err, &failure):
		return report.OfCause(failure.Cause)
	}
	return report.Failed
}

// stopStatus returns status, or the status of the signal or timeout that ended ctx if that is worse.
func stopStatus(ctx context.Context, status int) int {
	if ctx.Err() == nil {
		return status
	}
	return report.Worst(status, statusOf(context.Cause(ctx)))
}

// statusHint is the last line of each help text.
const statusHint = "callroll help exit-status says what the exit status means"

// statusTopic is the help topic about exit statuses.
func (a *app) statusTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-status",
		Short: "What the exit statuses mean",
		Long:  "The exit status tells a scheduler what is needed next. The report says what was done.\n\n" + statusTable(),
	}
}

func statusTable() string {
	var b strings.Builder
	_ = report.WriteStatuses(&b) // a Builder never fails
	return strings.TrimRight(b.String(), "\n")
}
