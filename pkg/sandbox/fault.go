package sandbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Fault is a mishap to play: one entry of faults.json. The first that matches a request, and is not used up, is played.
//
// A fault with drop, panic, kill, a body, or a status of 300 and more answers in place of the service, which then does not
// carry the request out unless apply says so. All others change something about the service's own answer. What stands
// together in one fault happens in this order: the hold, the delay, an edit before, the request, an edit after, and then
// what the client sees. Some examples:
//
//	{"match":"PUT *","status":503,"retry_after":1,"times":2}         two PUTs are refused
//	{"match":"PUT *","apply":true,"drop":true}                       carried out, and nobody learns of it
//	{"match":"PUT *","hold":"go"}                                    waits until the file go is in the folder
//	{"match":"PUT *","kill":true,"apply":true,"times":1}             the process dies after the PUT, before its answer
//	{"match":"PUT *","edit":{"group":"Sales","add":["<id>"],"before":true}}
//	{"match":"PUT *","edit":{"group":"Sales","rename":"Sales EMEA"}} or "delete":true
//	{"match":"PUT *","edit":{"deactivate":["<id>"],"remove_users":["<id>"],"before":true}}
//	{"match":"GET /v1.0/*","times":1,"edit":{"entra":{"group":"Sales","add":["ada@x"],"remove":["<id>"]}}}
//	{"match":"GET /v1.0/*","times":1,"edit":{"entra":{"rename":{"ada@x":"augusta@x"},"delete":["bela@x"]}}}
type Fault struct {
	// Match is a method and a path, or a method, host and path: "PUT /api/v2/scim/v2/groups/*". A * stands for anything,
	// slashes too, and for any method.
	Match string `json:"match"`
	Skip  int    `json:"skip,omitempty"`  // lets so many matching requests through first
	Times int    `json:"times,omitempty"` // how often it is played; always when zero
	Apply bool   `json:"apply,omitempty"` // the request is carried out, and then the fault is played

	Status     int               `json:"status,omitempty"`      // with nothing else: the service's own error of that status
	RetryAfter any               `json:"retry_after,omitempty"` // seconds, or a string that is sent as it is
	Headers    map[string]string `json:"headers,omitempty"`
	Body       any               `json:"body,omitempty"` // a string is sent as it is, anything else as JSON

	Drop  bool     `json:"drop,omitempty"`  // the connection is cut without an answer
	Cut   *int     `json:"cut,omitempty"`   // the answer's body breaks off after so many bytes
	Hold  string   `json:"hold,omitempty"`  // waits until this file exists; while it does, FILE.held exists
	Delay Duration `json:"delay,omitempty"` // waits so long, others go on
	Panic bool     `json:"panic,omitempty"` // the transport panics, once the request is logged
	Kill  bool     `json:"kill,omitempty"`  // the process is killed, once the request is logged; only with a folder

	Omit []string       `json:"omit,omitempty"` // fields taken out of the answer, and out of each item of a list
	Null []string       `json:"null,omitempty"` // fields of each item of a list that become null
	Set  map[string]any `json:"set,omitempty"`  // fields of the answer, set

	Edit *FaultEdit `json:"edit,omitempty"`
}

// Duration is a time.Duration that is written as "5s".
type Duration time.Duration

// MarshalText writes a duration as time.Duration does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// SetFaults replaces the faults, in the folder too where there is one, and counts from the beginning.
func (w *World) SetFaults(faults []Fault) error {
	leave, err := w.enter(context.Background())
	if err != nil {
		return err
	}
	defer leave()
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

// faultList is the faults, and how often a request has reached and met each one. The counts live in the process: they begin
// anew when the file changes, and every process has its own.
type faultList struct {
	faults  []Fault
	reached []int
}

// metFault is the fault that a request meets. Its index is negative if it meets none.
type metFault struct {
	Fault
	index int
}

func (l *faultList) replace(faults []Fault) error {
	for i, f := range faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("sandbox: fault %d: %w", i, err)
		}
	}
	l.faults, l.reached = slices.Clone(faults), make([]int, len(faults))
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

// pick finds the fault that a request meets, and counts.
func (l *faultList) pick(c *call) metFault {
	for i, f := range l.faults {
		if !f.matches(c) {
			continue
		}
		l.reached[i]++
		played := l.reached[i] - f.Skip
		if played >= 1 && (f.Times == 0 || played <= f.Times) {
			return metFault{f, i}
		}
	}
	return metFault{index: -1}
}

func (f Fault) matches(c *call) bool {
	method, pattern, _ := strings.Cut(f.Match, " ")
	subject := c.path()
	if !strings.HasPrefix(pattern, "/") && pattern != "*" {
		subject = c.host + subject
	}
	return (method == "*" || method == c.method) && glob(pattern, subject)
}

// glob reports whether s is what pattern says, where * is any text.
func glob(pattern, s string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, head) {
		return false
	}
	for s = s[len(head):]; ; s = s[1:] {
		if glob(rest, s) {
			return true
		}
		if s == "" {
			return false
		}
	}
}
