package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
)

func (a *app) journalCommand() *cobra.Command {
	var wait time.Duration
	repair := &cobra.Command{
		Use:   "repair",
		Short: "Move damaged lines out of the journal, so that it can be read again",
		Long: "Find the lines of the journal that cannot be read. Each of them is copied to a file whose name is that of the month\n" +
			"with .damaged at its end, and replaced by spaces in the month. Other lines are not changed. Later runs and undo do\n" +
			"not know what only such a line said.",
		Example: "  callroll journal repair\n  callroll journal repair --lock-wait 2m",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			repair := func(ctx context.Context, s *session) error { return s.repair(ctx, wait) }
			return a.inSession(cmd.Context(), needs{}, repair, nil)
		},
	}
	repair.Flags().DurationVar(&wait, "lock-wait", 0, "wait up to `DURATION` for another run to end (default: do not wait)")
	return verbsOf("journal", "Repair the record of earlier runs", "say what to do: callroll journal repair",
		"  callroll journal repair\n  callroll journal repair --lock-wait 2m", repair)
}

func (s *session) repair(ctx context.Context, wait time.Duration) error {
	dir, err := s.stateDir()
	switch {
	case err != nil:
		return err
	case dir == journal.None:
		return s.config.At("state_dir", errors.New("is none: without a state folder there is no journal"))
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return s.app.sayRepaired(dir, nil, nil)
	}
	j, err := journal.Open(dir, s.journalOptions())
	if err != nil {
		return s.stateError(err)
	}
	release, err := j.LockAll(ctx, wait) // no run may read a journal while it is being repaired
	if err != nil {
		return s.stateError(err)
	}
	defer release()
	done, err := j.Repair()
	var ignored []string // incomplete last lines after a crash, which need no repair
	if err == nil {
		var history *journal.History
		if history, err = j.Read(); err == nil {
			ignored = history.Notes
		}
	}
	if writeErr := s.app.sayRepaired(dir, done, ignored); err == nil {
		err = writeErr
	}
	return s.stateError(err)
}

// sayRepaired prints a line for each damaged line that was moved and for each line that needs no repair.
func (a *app) sayRepaired(dir string, done []journal.Repaired, ignored []string) error {
	lines := slices.Clone(ignored)
	for _, d := range done {
		lines = append(lines, fmt.Sprintf("%s, line %d: put aside into %s", d.Path, d.Line, d.Aside))
	}
	switch {
	case len(done) > 0:
	case len(ignored) > 0:
		lines = append(lines, dir+": nothing else is damaged")
	default:
		lines = append(lines, dir+": no line is damaged")
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(a.stdout, report.Harmless(line)); err != nil {
			return err
		}
	}
	return nil
}

// recall gives a run that writes to no service what the journal knows, so that it judges as a run that writes would. Such a run
// does not need the journal: if it cannot be read, recall only warns.
func (s *session) recall(conn *genesys.Conn) {
	dir, err := s.stateDir()
	if err != nil || dir == journal.None {
		return
	}
	history, err := journal.ReadDir(dir)
	if err != nil {
		err = s.stateError(err)
		said := err.Error() + "; this run writes to no service and goes on without the journal"
		s.app.sayLines(append([]string{said}, hintLines(err)...)...)
		return
	}
	s.settings.Past = pipeline.NewPast(history, conn, s.settings)
}

func (s *session) journalOptions() journal.Options {
	return journal.Options{Keep: s.config.JournalKeep, Clock: s.app.clock.judge}
}

// stateError adds the exit status and a hint to an error of the state folder. It distinguishes a wrongly configured folder, a
// damaged journal, a lock that another run holds, and a disk that fails.
func (s *session) stateError(err error) error {
	switch {
	case err == nil, errors.As(err, new(*pipeline.SettingsError)):
		return err
	case errors.Is(err, journal.ErrUnusable):
		return s.config.At("state_dir", err)
	case errors.Is(err, journal.ErrBroken):
		return &statusError{report.Failed, &hintedError{err,
			"to put the damaged lines aside and keep all others: " + s.again("journal repair")}}
	case errors.As(err, new(*journal.LockedError)):
		return err
	}
	return &statusError{report.Failed, fmt.Errorf("the journal: %w", err)}
}
