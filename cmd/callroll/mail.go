package main

import (
	"os"
	"time"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/push"
)

// mail prints the messages of a run that writes on stderr. With --quiet, a scheduler sends a mail for any output on stderr, so
// mail takes into account what earlier runs have reported.
type mail struct {
	app     *app
	run     *pipeline.Run
	quiet   bool
	past    journal.LastStates
	memory  journal.Memory   // what earlier runs have reported
	history *journal.History // nil if there is no journal
	locked  bool             // the run holds or has held the lock
	all     bool             // the run works on all groups of the configuration
	groups  []string         // the names of the groups of the configuration
	entra   []string         // the hosts of Entra
}

// newMail returns the mail of a run that pipeline has begun, with an error or without.
func newMail(a *app, run *pipeline.Run) *mail {
	m := &mail{app: a, run: run, locked: run.Locked}
	if past := run.Settings.Past; past != nil {
		m.history = past.History
		m.past, m.memory = past.History.LastStates(past.Host, past.ClientID), past.History.Memory(run.Info)
	}
	return m
}

// ending is how a run ended.
type ending struct {
	status   int
	err      error // why there are no outcomes
	outcomes []push.Outcome
	notes    []string
}

// end ends the run in the journal. With --quiet it prints what is new, and returns true if it has printed nothing.
func (m *mail) end(e ending) (silent bool) {
	if record := m.run.Record; record == nil {
		m.head()
	} else {
		problems := m.problems(e)
		record.Causes(m.causes(problems, e))
		silent = m.quiet && !m.speak(problems, m.over(problems, e))
	}
	if err := m.run.End(e.status, e.outcomes); err != nil {
		m.say("%v", err)
	}
	return silent
}

// causes returns the problems of this run that later runs have to know.
func (m *mail) causes(problems []problem, e ending) []journal.Cause {
	causes := make([]journal.Cause, 0, len(problems))
	for _, p := range problems {
		if !p.person {
			causes = append(causes, p.Cause)
		}
	}
	return append(causes, m.notUndone(problems, e)...)
}

// sayNotes prints the notes about the journal.
func (m *mail) sayNotes() {
	for _, note := range m.run.Notes {
		m.say("%s", note)
	}
}

// say prints a line, after the heading.
func (m *mail) say(format string, args ...any) {
	m.head()
	m.app.say(format, args...)
}

// head prints the heading of a quiet run, before the first line of its output.
func (m *mail) head() {
	if m.quiet {
		info := m.run.Info
		m.app.sayHeading(info.Config, info.ID)
	}
}

// sayHeading prints the time, the host, the configuration and the id of the run, once. Mails of a scheduler often have none of
// these. A run that cannot write its journal has no id.
func (a *app) sayHeading(config, run string) {
	if a.headed {
		return
	}
	a.headed = true
	text := time.Now().UTC().Format(time.RFC3339)
	if host, err := os.Hostname(); err == nil {
		text += " on " + host
	}
	if config != "" {
		text += ", " + config
	}
	if run != "" {
		text += ", run " + run
	}
	a.say("%s", text)
}

// silentEarly ends a quiet run that fails before the org is known. There is no lock yet, so it uses only a state folder that
// an earlier run has created. Without such a folder it prints the heading and returns false, and the failure is printed in
// each run.
func (a *app) silentEarly(s *session, e ending) (silent bool) {
	path, dir, ok := a.earlyState(s)
	defer func() {
		if !silent {
			a.sayHeading(path, "")
		}
	}()
	if !ok {
		return false
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return false
	}
	run, err := pipeline.BeginUnlocked(pipeline.RunOptions{
		StateDir: dir, Journal: journal.Options{Clock: a.clock.judge}, Info: journal.RunInfo{Version: version(), Config: path},
	})
	if err != nil {
		return false
	}
	m := newMail(a, run)
	m.quiet = true
	m.sayNotes()
	return m.end(e)
}

// earlyState finds the configuration and the state folder of a run that failed before or while its session was opened.
func (a *app) earlyState(s *session) (path, dir string, ok bool) {
	if s != nil {
		dir, err := s.stateDir()
		return s.config.Path, dir, err == nil && dir != journal.None && s.config.Path != ""
	}
	path, configured, known := config.Where(a.configOptions())
	if !known || a.flags.sandbox != "" && configured == "" {
		return path, "", false
	}
	dir, err := journal.Dir(configured, a.env)
	return path, dir, err == nil && dir != ""
}
