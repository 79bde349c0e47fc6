package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/setup"
)

// begin begins a run that writes. What it returns is there with an error too, and has to be ended.
func (v *verb) begin(ctx context.Context) (*mail, error) {
	v.begun = true
	s := v.session
	dir, dirErr := s.stateDir()
	if dirErr != nil {
		dir = journal.None // there is a run to end all the same
	}
	run, err := pipeline.Begin(ctx, v.conn, s.settings, pipeline.RunOptions{
		StateDir: dir, LockWait: time.Duration(v.flags.lockWait), Journal: s.journalOptions(),
		Info: journal.RunInfo{
			Version: version(), Command: v.name, Config: s.config.Path, Taken: v.source.taken, Live: v.source.live,
		},
	})
	m := newMail(s.app, run)
	m.quiet, m.all, m.entra = v.flags.quiet, v.source.whole && len(s.settings.Only) == 0, setup.EntraHosts(s.config)
	for _, mapping := range s.settings.Mappings {
		m.groups = append(m.groups, mapping.Name)
	}
	if dirErr != nil {
		return m, dirErr
	}
	if dir == journal.None {
		m.say("state_dir is none: there is no lock against a second run, no record of this one, and no undo")
	}
	m.sayNotes()
	return m, s.stateError(err)
}

// journalOptions say how the journal is kept, in this run with this clock.
func (s *session) journalOptions() journal.Options {
	return journal.Options{Keep: s.config.JournalKeep, Clock: s.app.clock.judge}
}

// stateError tells a folder that is wrongly configured from a damaged journal, from a lock that another run holds, and from a
// disk that fails.
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
