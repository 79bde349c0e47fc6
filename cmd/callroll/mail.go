package main

import (
	"os"
	"time"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/push"
)

// mail is what a run that writes says on stderr, where each word under --quiet is a mail of the scheduler. It knows what a
// person was told by the runs before.
type mail struct {
	app     *app
	run     *pipeline.Run
	quiet   bool
	past    journal.LastStates
	memory  journal.Memory   // what a person was told
	history *journal.History // nil without a record
	locked  bool             // the run has had the lock
	all     bool             // the run has all groups of the configuration
	groups  []string         // of the configuration
	entra   []string         // the hosts of Entra
}

// newMail returns what a run says that has begun, with an error or without.
func newMail(a *app, run *pipeline.Run) *mail {
	m := &mail{app: a, run: run, locked: run.Locked()}
	if past := run.Settings.Past; past != nil {
		m.history = past.History
		m.past, m.memory = past.History.LastStates(past.Host, past.ClientID), past.History.Memory(run.Info())
	}
	return m
}

// ending is how a run ended.
type ending struct {
	status   int
	err      error // why it has no outcomes
	outcomes []push.Outcome
	notes    []string
}

// end ends the run. With --quiet it says what is new, and returns whether there is nothing to say.
func (m *mail) end(e ending) (silent bool) {
	if record := m.run.Record(); record == nil {
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

// causes are what the runs after this one have to know of its problems.
func (m *mail) causes(problems []problem, e ending) []journal.Cause {
	causes := make([]journal.Cause, 0, len(problems))
	for _, p := range problems {
		if !p.person {
			causes = append(causes, p.Cause)
		}
	}
	return append(causes, m.quietWars(problems, e)...)
}

// sayNotes says what the run has to say of its journal.
func (m *mail) sayNotes() {
	for _, note := range m.run.Notes {
		m.say("%s", note)
	}
}

// say is the app's, under the heading of a mail.
func (m *mail) say(format string, args ...any) {
	m.head()
	m.app.say(format, args...)
}

// head says the heading of a mail, before anything else that a quiet run says.
func (m *mail) head() {
	if m.quiet {
		info := m.run.Info()
		m.app.sayHeading(info.Config, info.ID)
	}
}

// sayHeading says once when, where and in which run: a mail of a scheduler has often nothing of that. A run that cannot write its
// journal has no id.
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

// silentEarly is what a quiet run does that fails before it knows its org: there is no lock yet, but a state folder that an
// earlier run has made. It makes none, and without one each run speaks, under the heading of a mail.
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

// earlyState finds the configuration and the state folder of a run that has no session, or only the beginning of one.
func (a *app) earlyState(s *session) (path, dir string, ok bool) {
	if s != nil {
		dir, err := s.stateDir()
		return s.config.Path, dir, err == nil && dir != journal.None && s.config.Path != ""
	}
	path, configured, known := config.Where(a.configOptions())
	if !known {
		return path, "", false
	}
	if a.flags.sandbox != "" && configured == "" {
		return path, "", false
	}
	dir, err := journal.Dir(configured, a.env)
	return path, dir, err == nil && dir != ""
}
