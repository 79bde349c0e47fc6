package config

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/secret"
)

// Error is one mistake in the configuration, with its place.
type Error struct {
	Place string // file:line: key, or the name of an environment variable
	Err   error

	hint string
	hide []string // values that may be a secret in the wrong place
	spot spot     // zero if the mistake is not in a file
}

// Error returns the place and the mistake. It does not show values that look like a secret, which may be under the wrong key.
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

// Hint says what to do about the mistake. It is empty if the error text already says so.
func (e *Error) Hint() string {
	var knows interface{ Hint() string }
	if e.hint == "" && errors.As(e.Err, &knows) {
		return knows.Hint()
	}
	return e.hint
}

// Errors are several mistakes, in the order of [Join].
type Errors []*Error

// Error returns a line for each mistake.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, one := range e {
		errs[i] = one
	}
	return errs
}

// Join returns all mistakes as one error: nil, an [*Error], or [Errors]. Errors are sorted by file and line; mistakes that are
// not in a file come last. A mistake that several entries take from one place is reported once. If errs contains an error of
// another type, Join returns only that error.
func Join(errs ...error) error {
	var all Errors
	for _, err := range errs {
		if many, ok := errors.AsType[Errors](err); ok {
			all = append(all, many...)
		} else if one, ok := errors.AsType[*Error](err); ok {
			all = append(all, one)
		} else if err != nil {
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

// once removes duplicates: mistakes with the same place and the same text.
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

// inNoFile is the sort key of mistakes that are not in a file. It is empty for all others.
func (e *Error) inNoFile() string {
	if e.spot.file != "" {
		return ""
	}
	return e.Place
}
