package main

import (
	"errors"
	"strings"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
)

// hintedError is an error with a hint that says what to do, for [membership.HintOf]. The hint is not part of the error text.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }
func (e *hintedError) Hint() string  { return e.hint }

// hintLines returns the line that says what to do about an error, or nothing if there is no hint for it.
func hintLines(err error) []string {
	hint := membership.HintOf(err)
	if absent, ok := errors.AsType[*pipeline.AbsentError](err); ok {
		hint = absentHint(absent)
	}
	if hint == "" {
		return nil
	}
	return strings.Split("hint: "+strings.ReplaceAll(hint, "\n", "\n  "), "\n")
}

// absentHint says how to work on the groups that a file has, and how to create a file with the others.
func absentHint(e *pipeline.AbsentError) string {
	verb := map[string]string{"membership file": "fetch", "plan": "diff"}[e.File]
	fresh := "to have the others, make a new file with callroll " + verb
	var flags []string
	for _, r := range e.Has {
		name := r.Name
		if report.Harmless(name) != name {
			name = r.Genesys
		}
		flags = append(flags, report.ShellFlag("--group", name))
	}
	if len(flags) == 0 || len(flags) > mostListed {
		return fresh
	}
	return "to work on what the file has: " + strings.Join(flags, " ") + "; " + fresh
}

// again returns a command that calls callroll with the same configuration, sandbox and state folder. The command works in any
// folder and in a shell without the environment variables that the state folder of this run depends on, such as HOME.
func (s *session) again(verb string) string {
	words := []string{"callroll " + verb}
	flags := s.app.flags
	if flags.sandbox != "" {
		words = append(words, report.ShellFlag("--sandbox", config.Absolute(flags.sandbox)))
	}
	if path := s.config.Path; path != "" && (flags.sandbox == "" || flags.config != "") {
		words = append(words, report.ShellFlag("--config", path))
	}
	// A sandbox does not use the environment, and has its own state folder.
	inFile := s.world != nil || s.config.StateDir != "" && s.app.env["CALLROLL_STATE_DIR"] == ""
	if dir, err := s.stateDir(); err == nil && dir != journal.None && !inFile {
		words = append([]string{report.ShellVariable("CALLROLL_STATE_DIR", config.Absolute(dir))}, words...)
	}
	return strings.Join(words, " ")
}
