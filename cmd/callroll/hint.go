package main

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
)

// hintedError is an error with a way out. That stands in a line of its own, and not in the text of the error.
type hintedError struct {
	err  error
	hint string
}

func (e *hintedError) Error() string { return e.err.Error() }
func (e *hintedError) Unwrap() error { return e.err }

// hintLines returns the line that says what to do about an error; none if that is not known.
func hintLines(err error) []string {
	var hinted *hintedError
	var absent *pipeline.AbsentError
	switch {
	case errors.As(err, &hinted):
		return []string{"hint: " + hinted.hint}
	case errors.As(err, &absent):
		return []string{"hint: " + absentHint(absent)}
	}
	if hint := membership.HintOf(err); hint != "" {
		return []string{"hint: " + hint}
	}
	return nil
}

// absentHint says how to work on what a file has, and where the rest is to be had.
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

// again returns how callroll is called once more with the same configuration, sandbox and state folder. It can be typed as it
// is, in any folder: a shell may not have the variables that the state folder of this run depends on, HOME among them.
func (s *session) again(verb string) string {
	words := []string{"callroll " + verb}
	flags := s.app.flags
	if flags.sandbox != "" {
		words = append(words, report.ShellFlag("--sandbox", absolute(flags.sandbox)))
	}
	if path := s.config.Path; path != "" && (flags.sandbox == "" || flags.config != "") {
		words = append(words, report.ShellFlag("--config", path))
	}
	// A sandbox takes nothing from the environment, and has its own folder.
	inFile := s.world != nil || s.config.StateDir != "" && s.app.env["CALLROLL_STATE_DIR"] == ""
	if dir, err := s.stateDir(); err == nil && dir != journal.None && !inFile {
		words = append([]string{report.ShellVariable("CALLROLL_STATE_DIR", absolute(dir))}, words...)
	}
	return strings.Join(words, " ")
}

// absolute leaves a path alone where there is no working directory.
func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
