package main

import (
	"os"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
)

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
