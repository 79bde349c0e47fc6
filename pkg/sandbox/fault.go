package sandbox

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Fault is one entry of faults.json. The first fault that matches a request, and is not used up, is played.
//
// A fault with drop, panic, kill, a body, or a status of 300 and more replaces the answer of the service. The request is then
// not carried out, unless apply is set. All other faults change the answer of the service. The parts of one fault are played
// in this order: hold, delay, an edit with before, the request, an edit without before, and the answer. Some examples:
//
//	{"match":"PUT *","status":503,"retry_after":1,"times":2}         two PUTs are refused
//	{"match":"PUT *","apply":true,"drop":true}                       carried out, and the client gets no answer
//	{"match":"PUT *","hold":"go"}                                    waits until the file go is in the folder
//	{"match":"PUT *","kill":true,"apply":true,"times":1}             the process dies after the PUT, before its answer
//	{"match":"PUT *","edit":{"group":"Sales","add":["<id>"],"before":true}}
//	{"match":"PUT *","edit":{"group":"Sales","rename":"Sales EMEA"}} or "delete":true
//	{"match":"PUT *","edit":{"deactivate":["<id>"],"remove_users":["<id>"],"before":true}}
//	{"match":"GET /v1.0/*","times":1,"edit":{"entra":{"group":"Sales","add":["ada@x"],"remove":["<id>"]}}}
//	{"match":"GET /v1.0/*","times":1,"edit":{"entra":{"rename":{"ada@x":"augusta@x"},"delete":["bela@x"]}}}
type Fault struct {
	// Match is a method and a path, or a method, host and path: "PUT /api/v2/scim/v2/groups/*". A * matches any text,
	// including slashes, or any method.
	Match string `json:"match"`
	Skip  int    `json:"skip,omitempty"`  // the number of matching requests before the first one that gets the fault
	Times int    `json:"times,omitempty"` // how often the fault is played; no limit if zero
	Apply bool   `json:"apply,omitempty"` // the request is carried out before the fault is played

	Status     int               `json:"status,omitempty"`      // alone: the service's usual error with that status
	RetryAfter any               `json:"retry_after,omitempty"` // seconds, or a string that is sent unchanged
	Headers    map[string]string `json:"headers,omitempty"`
	Body       any               `json:"body,omitempty"` // a string is sent unchanged, any other value as JSON

	Drop  bool     `json:"drop,omitempty"`  // closes the connection without an answer
	Cut   *int     `json:"cut,omitempty"`   // truncates the body of the answer after so many bytes
	Hold  string   `json:"hold,omitempty"`  // waits until this file exists; during the wait, FILE.held exists
	Delay Duration `json:"delay,omitempty"` // waits for so long; other requests continue
	Panic bool     `json:"panic,omitempty"` // the transport panics after the request is logged
	Kill  bool     `json:"kill,omitempty"`  // the process is killed after the request is logged; needs a folder

	Omit []string       `json:"omit,omitempty"` // fields removed from the answer, and from each item of a list
	Null []string       `json:"null,omitempty"` // fields of each item of a list that are set to null
	Set  map[string]any `json:"set,omitempty"`  // fields of the answer, with their new values

	Edit *FaultEdit `json:"edit,omitempty"`
}

// Duration is a time.Duration that is written as "5s" in JSON.
type Duration time.Duration

// MarshalText writes a duration in the format of time.Duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a duration as time.ParseDuration does.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// SetFaults replaces the faults, also in the folder if there is one, and resets their counts.
func (w *World) SetFaults(faults []Fault) error {
	unlock, err := w.lock(context.Background())
	if err != nil {
		return err
	}
	defer unlock()
	for i, f := range faults {
		if err := f.needsFolder(); err != nil && w.folder == nil {
			return fmt.Errorf("sandbox: fault %d: %w", i, err)
		}
	}
	if err := w.faults.replace(faults); err != nil || w.folder == nil {
		return err
	}
	return w.folder.write(faultsFile, faults)
}

// faultList is the faults, with the number of requests that have matched each one. The counts are kept in the process:
// they are reset when the file changes, and each process has its own.
type faultList struct {
	faults      []Fault
	matchCounts []int
}

// matchedFault is the fault for a request. Its index is negative if there is none.
type matchedFault struct {
	Fault
	index int
}

func (l *faultList) replace(faults []Fault) error {
	for i, f := range faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("sandbox: fault %d: %w", i, err)
		}
	}
	l.faults, l.matchCounts = slices.Clone(faults), make([]int, len(faults))
	return nil
}

func (f Fault) check() error {
	method, pattern, ok := strings.Cut(f.Match, " ")
	switch f.RetryAfter.(type) {
	case nil, string, int, float64:
	default:
		return fmt.Errorf("retry_after is a number of seconds or a string, not %v", f.RetryAfter)
	}
	switch {
	case !ok, method == "", pattern == "", strings.Contains(pattern, " "):
		return fmt.Errorf(`match is a method and a path such as "PUT /api/*", not %q`, f.Match)
	case f.Skip < 0 || f.Times < 0:
		return errors.New("skip and times are not negative")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return fmt.Errorf("%d is not the status of an answer", f.Status)
	case f.Cut != nil && *f.Cut < 0:
		return errors.New("cut is not negative")
	case f.Delay < 0:
		return errors.New("delay is not negative")
	}
	return f.Edit.check()
}

// next returns the fault for a request, and counts the match.
func (l *faultList) next(c *request) matchedFault {
	for i, f := range l.faults {
		if !f.matches(c) {
			continue
		}
		l.matchCounts[i]++
		played := l.matchCounts[i] - f.Skip
		if played >= 1 && (f.Times == 0 || played <= f.Times) {
			return matchedFault{f, i}
		}
	}
	return matchedFault{index: -1}
}

func (f Fault) matches(c *request) bool {
	method, pattern, _ := strings.Cut(f.Match, " ")
	subject := c.path()
	if !strings.HasPrefix(pattern, "/") && pattern != "*" {
		subject = c.host + subject
	}
	return (method == "*" || method == c.method) && glob(pattern, subject)
}

// glob reports whether s matches a pattern in which * stands for any text.
func glob(pattern, s string) bool {
	expression := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, "(?s:.*)")
	return regexp.MustCompile("^" + expression + "$").MatchString(s)
}
