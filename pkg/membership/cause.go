package membership

import (
	"errors"
	"time"
)

// Cause is what a failure means for the decision that follows, whatever protocol it came through.
type Cause string

// The causes.
const (
	Denied      Cause = "denied"      // sign-in or a permission: a person must act
	Unavailable Cause = "unavailable" // no usable answer; another run may get one
	Incomplete  Cause = "incomplete"  // an answer that cannot be shown to be the whole truth
	Missing     Cause = "missing"     // what was asked for is not there, or not visible
	Rejected    Cause = "rejected"    // a clear refusal of a write; what it means is found out by reading
	Internal    Cause = "internal"    // a bug of ours
	Unclear     Cause = "unclear"     // a write of which nobody knows whether it was carried out
)

// Error is a failure with its cause. Its text is that of the error within.
type Error struct {
	Cause Cause
	Err   error
	Wait  time.Duration // how long the service asked to be left alone, if it did
	Taken bool          // the service said yes to a write, and did not show it
	Hint  string        // what to do about it, where that is known
	Said  string        // of a refusal that may be about members: the service's own words
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Fail gives err a cause. It returns nil for a nil err.
func Fail(cause Cause, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Cause: cause, Err: err}
}

// FailFor is Fail for a failure about which somebody can do something.
func FailFor(cause Cause, err error, hint string) error {
	return &Error{Cause: cause, Err: err, Hint: hint}
}

// WaitOf returns how long the service that failed asked to be left alone; 0 if it did not.
func WaitOf(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.Wait
	}
	return 0
}

// WasTaken says whether a write that is Unclear was answered with a yes that shows nothing.
func WasTaken(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Taken
}

// SaidOf returns the service's own words of a refusal that may be about members; empty if it is about something else, or somebody
// else's.
func SaidOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Said
	}
	return ""
}

// HintOf returns what to do about a failure; empty where nothing is known. An error with a method Hint, which is of a lower layer,
// knows more than who gave it a cause.
func HintOf(err error) string {
	var knows interface{ Hint() string }
	if errors.As(err, &knows) && knows.Hint() != "" {
		return knows.Hint()
	}
	var e *Error
	for errors.As(err, &e) {
		if e.Hint != "" {
			return e.Hint
		}
		err = e.Err
	}
	return ""
}

// CauseOf finds the outermost cause in err. What nobody classified, a context that has ended among it, is Unavailable:
// the work did not come to its end, and nothing is known.
func CauseOf(err error) Cause {
	var e *Error
	if errors.As(err, &e) {
		return e.Cause
	}
	return Unavailable
}
