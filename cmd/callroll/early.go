package main

import (
	"os"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
)

// silentEarly is what a quiet run does that fails before it knows its org: there is no lock yet, but a state folder that an
// earlier run has made. It makes none, and without one each run speaks, under the heading of a mail.
func (a *app) silentEarly(s *session, status int, err error) (silent bool) {
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
	j, openErr := journal.Open(dir, journal.Options{Clock: a.clock.judge})
	if openErr != nil {
		return false
	}
	history, readErr := j.Read()
	if readErr != nil {
		return false
	}
	st := &state{app: a, quiet: true, release: func() {}, info: journal.RunInfo{Version: version(), Config: path}}
	if err := st.remember(j, history); err != nil {
		return false
	}
	return st.close(ending{status: status, err: err})
}

// earlyState finds the configuration and the state folder of a run that has no session, or only the beginning of one.
func (a *app) earlyState(s *session) (path, dir string, ok bool) {
	if s != nil {
		dir, err := s.stateDir()
		return s.config.Path, dir, err == nil && dir != "" && s.config.Path != ""
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
