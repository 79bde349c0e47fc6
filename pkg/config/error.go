package config

import (
	"cmp"
	"errors"
	"fmt"
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

// spot is where something stands in a file.
type spot struct {
	file         string
	line, column int
}

func (s spot) compare(other spot) int {
	nowhere := func(s spot) int {
		if s.file == "" {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(nowhere(s), nowhere(other)), cmp.Compare(s.file, other.file),
		cmp.Compare(s.line, other.line), cmp.Compare(s.column, other.column))
}

// places knows where each key got its value.
type places struct {
	file   string
	looked []string          // where a file was looked for, if there is none
	spots  map[string]spot   // of the keys in the file
	env    map[string]string // names of the variables that set a key
	wrong  map[string]bool   // keys about whose value something was said already
	hide   []string          // values that may be a secret in the wrong place
}

func newPlaces(file string) places {
	return places{file: file, spots: map[string]spot{}, env: map[string]string{}, wrong: map[string]bool{}}
}

// At adds to an error the place from which the key has its value: the variable, or file, line and key.
func (c *Config) At(key string, err error) error { return c.places.at(key, err) }

func (p places) at(key string, err error) error {
	var placed *Error
	if err == nil || errors.As(err, &placed) {
		return err
	}
	e := &Error{Place: key, Err: err, hide: p.hide}
	if name, ok := p.env[key]; ok {
		e.Place = name
	} else if s, ok := p.spots[key]; ok {
		e.Place, e.spot = fmt.Sprintf("%s:%d: %s", s.file, s.line, key), s
	} else if p.file != "" {
		e.Place, e.spot = p.file+": "+key, spot{file: p.file}
	}
	return e
}

// Where returns the file and the line of one entry of a list, as file:line; empty if it is in no file.
func (c *Config) Where(key string, entry int) string {
	for _, name := range []string{fmt.Sprintf("%s[%d]", key, entry), key} { // one entry alone need not be a list
		if s, ok := c.places.spots[name]; ok {
			return fmt.Sprintf("%s:%d", s.file, s.line)
		}
	}
	return ""
}

// mayBeSecret notes a value that no message may show if it looks like a secret.
func (p *places) mayBeSecret(value string) {
	if secret.Looks(value) {
		p.hide = append(p.hide, value)
	}
}

// said says whether something was said already about a key or its section: that it is missing besides helps nobody.
func (p places) said(key string) bool {
	section, _, _ := strings.Cut(key, ".")
	return p.wrong[key] || p.wrong[section]
}
