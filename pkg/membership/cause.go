package membership

import (
	"errors"
	"time"
)

// Cause classifies a failure by the decision that follows from it, whatever protocol it came from. [CauseOf] returns the
// cause of an error.
type Cause string

// The causes.
const (
	Denied      Cause = "denied"      // sign-in or a permission: an admin must act
	Unavailable Cause = "unavailable" // no usable answer; another run may get one
	Incomplete  Cause = "incomplete"  // an answer that cannot be shown to be complete
	Missing     Cause = "missing"     // the requested object does not exist, or is not visible
	Rejected    Cause = "rejected"    // a write was clearly refused; the meaning is found by reading
	Internal    Cause = "internal"    // a bug in callroll
	Unclear     Cause = "unclear"     // it is not known whether a write was carried out
)

// Error is a failure with its cause. Its text is the text of Err.
type Error struct {
	Cause    Cause
	Err      error
	Wait     time.Duration // how long the service asked callroll to wait; 0 if it did not
	Accepted bool          // the service answered a write with success, and did not show the result
	Hint     string        // what to do about it, if this is known
	Said     string        // message of the service itself, for a refusal that may be about members
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Fail returns err with a cause. It returns nil for a nil err.
func Fail(cause Cause, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Cause: cause, Err: err}
}

// FailFor is [Fail] with a hint that says what to do about the failure.
func FailFor(cause Cause, err error, hint string) error {
	return &Error{Cause: cause, Err: err, Hint: hint}
}

// FailureOf returns the outermost Error in err. An error without a cause is [Unavailable], which includes the end of a
// context: the work was not completed, and nothing is known. Then only Cause is set.
func FailureOf(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Cause: Unavailable}
}

// CauseOf returns the outermost cause in err; [Unavailable] if there is none.
func CauseOf(err error) Cause { return FailureOf(err).Cause }

// HintOf returns what to do about a failure. It is empty if nothing is known. The Hint method of an error from a lower
// layer takes precedence, because that layer knows more.
func HintOf(err error) string {
	var hinter interface{ Hint() string }
	if errors.As(err, &hinter) && hinter.Hint() != "" {
		return hinter.Hint()
	}
	for e := FailureOf(err); e.Err != nil; e = FailureOf(e.Err) {
		if e.Hint != "" {
			return e.Hint
		}
	}
	return ""
}
