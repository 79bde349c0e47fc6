package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

// state is the lock and the journal of a run that writes. Without a state folder there is neither, and nothing else
// changes.
type state struct {
	app     *app
	info    journal.RunInfo
	journal *journal.Journal
	conn    *genesys.Conn
	run     *journal.Run // nil without a state folder
	quiet   bool         // each word of it is a mail
	past    journal.LastStates
	memory  journal.Memory   // what a person was told
	history *journal.History // nil until it is read
	locked  bool             // the lock was taken
	all     bool             // the run has all groups of the configuration
	groups  []string         // of the configuration
	entra   []string         // the hosts of Entra
	release func()
}

// lockedError says that another run is at work.
type lockedError struct{ err error }

func (e *lockedError) Error() string { return e.err.Error() }
func (e *lockedError) Unwrap() error { return e.err }

// begin takes the lock, opens the journal, and closes what an earlier run has left open. It sends nothing but the readings
// for that. The state is there with an error too, and has to be ended.
func (s *session) begin(ctx context.Context, command string, conn *genesys.Conn, f *verbFlags) (*state, error) {
	s.begun = true
	st := &state{
		app: s.app, quiet: f.quiet, info: journal.RunInfo{Config: s.config.Path},
		all: s.whole && len(s.settings.Only) == 0, entra: s.entraHosts(), release: func() {},
	}
	for _, m := range s.settings.Mappings {
		st.groups = append(st.groups, m.Name)
	}
	dir, err := s.stateDir()
	if err != nil {
		return st, err
	}
	if dir == "" {
		st.say("state_dir is none: there is no lock against a second run, no record of this one, and no undo")
		return st, nil
	}
	j, err := journal.Open(dir, s.journalOptions())
	if err != nil {
		return st, s.stateError(err)
	}
	release, err := j.Lock(ctx, conn.Host(), s.config.Genesys.ClientID, time.Duration(f.lockWait))
	var locked *journal.LockedError
	switch {
	case errors.As(err, &locked):
		// That it was locked out is written as well: three times in a row somebody should hear of it.
		return st, errors.Join(&lockedError{err}, st.open(s, j, command, conn))
	case err != nil:
		return st, s.stateError(err)
	}
	st.release, st.locked = release, true
	if err := st.open(s, j, command, conn); err != nil {
		return st, err
	}
	history := s.settings.Past.History
	return st, st.closeOpen(ctx, genesys.NewReader(conn), history.OpenIntents(conn.Host(), s.config.Genesys.ClientID))
}

// open reads the journal, and begins to write into it.
func (st *state) open(s *session, j *journal.Journal, command string, conn *genesys.Conn) error {
	st.journal, st.conn = j, conn
	host, client := conn.Host(), s.config.Genesys.ClientID
	history, err := j.Read()
	if err != nil {
		return s.stateError(err)
	}
	st.info = journal.RunInfo{
		Version: version(), Command: command, Config: s.config.Path, Digest: digest(s.settings.Mappings), Host: host, ClientID: client,
		Tenant: s.settings.Tenant, Taken: s.taken, Live: s.live,
	}
	err = st.remember(j, history)
	for _, note := range history.Notes {
		st.say("journal: %s", note)
	}
	if err != nil {
		return s.stateError(err)
	}
	s.settings.Journal = st.run
	s.settings.Past = &pipeline.Past{History: history, Host: host, ClientID: client, Digest: st.info.Digest}
	return nil
}

// remember begins a run in the journal, with what is known of those before it.
func (st *state) remember(j *journal.Journal, history *journal.History) error {
	var err error
	if st.run, err = j.Begin(st.info); err != nil {
		return err
	}
	st.history = history
	st.past, st.memory = history.LastStates(st.info.Host, st.info.ClientID), history.Memory(st.info)
	if ahead := history.Ahead(); !ahead.IsZero() {
		st.say("journal: it has times up to %s, which is in the future; they count as now", ahead.UTC().Format(time.RFC3339))
		return st.run.Noted(ahead)
	}
	return nil
}

// journalOptions say how the journal is kept, in this run with this clock.
func (s *session) journalOptions() journal.Options {
	return journal.Options{Keep: s.config.JournalKeep, Clock: s.app.clock.judge}
}

// stateDir returns the state folder, empty where there is to be none. A sandbox has its own.
func (s *session) stateDir() (string, error) {
	configured := s.config.StateDir
	if s.world != nil && configured == "" {
		configured = filepath.Join(s.app.flags.sandbox, "state")
	}
	if configured != "" && configured != journal.None {
		absolute, err := filepath.Abs(configured)
		if err != nil {
			return "", s.config.At("state_dir", err)
		}
		configured = absolute
	}
	dir, err := journal.Dir(configured, s.app.env)
	return dir, s.config.At("state_dir", err)
}

// closeOpen finds out what became of the writes of a run that died.
func (st *state) closeOpen(ctx context.Context, org *genesys.Reader, open []journal.Intent) error {
	for _, intent := range open {
		group, err := org.Group(ctx, intent.ID)
		switch {
		case err != nil && membership.CauseOf(err) == membership.Missing:
			err = st.run.CloseGone(intent)
		case err != nil:
			st.say("run %s %s %s, and it is still not known what became of that: %v", intent.Run, leftOpen(intent), intent.Name, err)
			continue
		default:
			var became journal.Closing
			if became, err = st.run.Close(intent, group.Members); err == nil {
				st.say("run %s %s %s: the change was %s", intent.Run, leftOpen(intent), intent.Name, became)
			}
		}
		if err != nil {
			return &statusError{report.Failed, fmt.Errorf("the journal: %w", err)}
		}
	}
	return nil
}

// leftOpen says how a run left an intent behind.
func leftOpen(intent journal.Intent) string {
	if intent.Outcome == "" {
		return "was cut off while it wrote"
	}
	return "got no clear answer about"
}

// ending is how a run ended.
type ending struct {
	status   int
	err      error // why it has no outcomes
	outcomes []push.Outcome
	notes    []string
}

// say is the app's, under the heading of a mail.
func (st *state) say(format string, args ...any) {
	st.head()
	st.app.say(format, args...)
}

// close writes how the run ended, and lets the next one in. With --quiet it says whether there is nothing to say.
func (st *state) close(e ending) (silent bool) {
	defer st.release()
	if st.run == nil {
		st.head()
		return false
	}
	problems := st.problems(e)
	causes := make([]journal.Cause, 0, len(problems))
	for _, p := range problems {
		if !p.person {
			causes = append(causes, p.Cause)
		}
	}
	st.run.Causes(append(causes, st.quietWars(problems, e)...))
	if st.quiet {
		silent = !st.speak(problems, st.over(problems, e))
	}
	counts := map[string]int{}
	for _, o := range e.outcomes {
		counts[string(o.Status)]++
	}
	if err := st.run.End(e.status, counts); err != nil {
		st.say("the journal: %v", err)
	}
	if st.locked && st.conn != nil {
		if err := st.learn(); err != nil {
			st.say("the sizes of pages could not be kept for the next run: %v", err)
		}
	}
	return silent
}

// stateError tells a folder that is wrongly configured from a disk that fails.
func (s *session) stateError(err error) error {
	if errors.Is(err, journal.ErrUnusable) {
		return s.config.At("state_dir", err)
	}
	if errors.Is(err, journal.ErrBroken) {
		return &statusError{report.Failed, &hintedError{err,
			"to put the damaged lines aside and keep all others: " + s.again("journal repair")}}
	}
	return &statusError{report.Failed, fmt.Errorf("the journal: %w", err)}
}

// digest names a set of mappings, so that the journal shows when they changed.
func digest(mappings []pipeline.Mapping) string {
	data, err := json.Marshal(mappings)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
