// Package pipeline is callroll as a library. [Fetch] reads the members that the groups should have, [Diff] plans the
// changes, [Push] carries out a plan, and [Sync] does all three. A program that writes starts with [Defaults], or with
// package setup, which creates [Settings] from a configuration, and takes the lock and opens the journal with [Begin].
// The package has no command-line flags and no exit statuses. All decisions about changes are made in package plan.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/rest"
)

// Past is what the journal knows about earlier runs on the same org.
type Past struct {
	History  *journal.History
	Host     string
	ClientID string
	Digest   string // of the mappings now, to compare with the one in the journal
}

// ErrExpired says that a membership or a plan is too old to be used.
var ErrExpired = errors.New("expired")

// fileError says that a file cannot be used any more. Its hint says how to get a new one.
type fileError struct {
	error
	hint string
}

func (e *fileError) Unwrap() error { return e.error }

// Hint says what to do about the error.
func (e *fileError) Hint() string { return e.hint }

// newMembership is the hint for a membership file that cannot be used.
const newMembership = "take a new membership file with callroll fetch"

// MismatchError says that a file, the credentials and the settings do not fit together, for example because of another
// tenant.
type MismatchError struct{ Text string }

func (e *MismatchError) Error() string { return e.Text }

func mismatch(format string, args ...any) error {
	return &MismatchError{Text: fmt.Sprintf(format, args...)}
}

// Result is what a run planned and did.
type Result struct {
	Plan     plan.Plan      // as it was before the first write; a group may have been planned again since
	Outcomes []push.Outcome // one for each group of the plan, in the same order
}

// Sync plans the changes in Genesys like [Diff], and carries them out. A group that somebody else changes in the meantime is
// planned again. The error is about the run as a whole, and then nothing was written; the result for each group is in its
// outcome. writer is nil in a dry run.
func Sync(
	ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, file *membership.File, s Settings,
) (Result, error) {
	if err := s.checkFor(writer); err != nil {
		return Result{}, err
	}
	w, err := prepare(ctx, entra, org, file, s)
	if err != nil {
		return Result{}, err
	}
	opts := s.options(org, writer)
	opts.Replan = w.replan
	return Result{Plan: w.plan, Outcomes: push.Run(ctx, slices.Clone(w.plan.Groups), opts)}, nil
}

// farAhead is how far the clock of the machine that wrote a file may be ahead of ours. A file with a later time is
// rejected as malformed.
const farAhead = 24 * time.Hour

// checkMade returns an error if the creation time of a file is more than farAhead in the future.
func checkMade(kind string, made time.Time) error {
	if made.After(time.Now().Add(farAhead)) {
		return fmt.Errorf("%w: the %s says that it was made at %s, which is in the future",
			membership.ErrFormat, kind, made.Format(time.RFC3339))
	}
	return nil
}

func checkPlan(p plan.Plan, host string) error {
	for _, made := range []time.Time{p.Made, p.Taken} {
		if err := checkMade("plan", made); err != nil {
			return err
		}
	}
	if time.Now().After(p.Expires) {
		return &fileError{fmt.Errorf("the plan has %w: it was good until %s", ErrExpired, p.Expires.Format(time.RFC3339)), push.NewPlan}
	}
	if p.Genesys != host {
		return mismatch("the plan was made for %s, and the configuration leads to %s", p.Genesys, host)
	}
	return nil
}

func (s Settings) options(org *genesys.Reader, writer push.Writer) push.Options {
	retry := s.Retry.WithDefaults()
	return push.Options{
		Reader: org, Writer: writer, Journal: s.Journal, AtOnce: s.Concurrency.genesys(), ReadBack: s.readBack(),
		Attempts: retry.Attempts, BackOff: retry.BackOff, MaxWait: retry.RetryAfterMax, Linger: rest.Linger,
		Progress: s.Progress,
	}
}

// now returns the time in whole seconds, because the times in files have no fractions.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
