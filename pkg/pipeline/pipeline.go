// Package pipeline is callroll as a library: [Fetch] reads who belongs, [Diff] plans, [Push] carries out, and [Sync] is the three
// in one go. A program that writes starts with [Defaults] or with package setup, which makes [Settings] of a configuration, and
// gets the lock and the journal from [Begin]. The package knows no flags and no exit statuses, and decides nothing that package
// plan can decide.
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

// Past is what a journal knows of earlier runs on the same org.
type Past struct {
	History  *journal.History
	Host     string
	ClientID string
	Digest   string // of the mappings, as the journal keeps it
}

// ErrExpired says that a membership or a plan is too old to be used.
var ErrExpired = errors.New("expired")

// fileError says that a file cannot be used any more, and where a new one is to be had.
type fileError struct {
	error
	hint string
}

func (e *fileError) Unwrap() error { return e.error }

// Hint says what to do about it.
func (e *fileError) Hint() string { return e.hint }

// newMembership is what to do about a membership file that cannot be used.
const newMembership = "take a new membership file with callroll fetch"

// MismatchError says that a file and the settings do not belong together.
type MismatchError struct{ Text string }

func (e *MismatchError) Error() string { return e.Text }

// Result is what Push and Sync did.
type Result struct {
	Plan     plan.Plan // as it was before the first write
	Outcomes []push.Outcome
}

// Sync reads the memberships from Entra, plans against Genesys and carries the plan out. A group that moves meanwhile is planned
// again. The error is about the run as a whole, and then nothing was written; what became of a group is in its outcome.
func Sync(ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, s Settings) (Result, error) {
	return planAndPush(ctx, entra, org, writer, nil, s)
}

// PushMembership is Sync of a membership that was read earlier. entra is as for Diff.
func PushMembership(ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, file membership.File, s Settings) (Result, error) {
	return planAndPush(ctx, entra, org, writer, &file, s)
}

func planAndPush(ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, file *membership.File, s Settings) (Result, error) {
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

// farAhead is how far the clock of another machine may be ahead. A file that is later comes from no such clock.
const farAhead = 24 * time.Hour

// checkMade returns an error if a file says that it was made in the future.
func checkMade(kind string, made time.Time) error {
	if made.After(time.Now().Add(farAhead)) {
		return fmt.Errorf("%w: the %s says that it was made at %s, which is in the future", membership.ErrFormat, kind, made.Format(time.RFC3339))
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
		return &MismatchError{Text: fmt.Sprintf("the plan was made for %s, and the configuration leads to %s", p.Genesys, host)}
	}
	return nil
}

func (s Settings) options(org *genesys.Reader, writer push.Writer) push.Options {
	retry := s.Retry.WithDefaults()
	return push.Options{
		Reader: org, Writer: writer,
		Attempts: retry.Attempts, BackOff: retry.BackOff,
		AtOnce: s.Concurrency.genesys(), MaxWait: retry.RetryAfterMax, ReadBack: s.readBack(), Journal: s.Journal, Linger: rest.Linger, Done: s.Done,
	}
}

// now has whole seconds, as the files are written.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
