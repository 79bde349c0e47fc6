package config

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/secret"
)

// Error is one thing that is wrong, and where.
type Error struct {
	Place string // file:line: key, or the name of an environment variable
	Err   error

	hint string
	hide []string // what may be a secret in the wrong place
	spot spot     // zero for what is in no file
}

// Error names the place. A value in quotes that looks like a secret is not shown: somebody may have put it under another key.
func (e *Error) Error() string {
	text := e.Err.Error()
	for _, value := range e.hide {
		text = secret.Hide(text, value, secret.NotShown)
	}
	text = secret.MaskQuoted(text)
	if e.Place == "" {
		return text
	}
	return e.Place + ": " + text
}

func (e *Error) Unwrap() error { return e.Err }

// Hint says what to do about it; empty where the text says all there is to say.
func (e *Error) Hint() string {
	var knows interface{ Hint() string }
	if e.hint == "" && errors.As(e.Err, &knows) {
		return knows.Hint()
	}
	return e.hint
}

// Errors are several things that are wrong, in the order of Join.
type Errors []*Error

// Error has a line for each.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns each of them.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, one := range e {
		errs[i] = one
	}
	return errs
}

// Join makes one error of all that is wrong with a configuration: nil, an *Error, or Errors that are sorted by file and line,
// what is in no file last. What several entries take from one place is wrong once. An error that is of neither type goes
// before all others.
func Join(errs ...error) error {
	var all Errors
	for _, err := range errs {
		var many Errors
		var one *Error
		switch {
		case errors.As(err, &many):
			all = append(all, many...)
		case errors.As(err, &one):
			all = append(all, one)
		case err != nil:
			return err
		}
	}
	slices.SortStableFunc(all, func(a, b *Error) int {
		return cmp.Or(a.spot.compare(b.spot), cmp.Compare(a.inNoFile(), b.inNoFile()))
	})
	switch all = all.once(); len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return all
}

// once leaves out what is said of the same spot again.
func (e Errors) once() Errors {
	type mistake struct {
		spot spot
		text string
	}
	seen := map[mistake]bool{}
	return slices.DeleteFunc(e, func(one *Error) bool {
		key := mistake{one.spot, one.Err.Error()}
		if one.spot.line == 0 {
			key.text = one.Error()
		}
		again := seen[key]
		seen[key] = true
		return again
	})
}

// inNoFile is what errors are sorted by that are in no file, and the same for all others.
func (e *Error) inNoFile() string {
	if e.spot.file != "" {
		return ""
	}
	return e.Place
}
