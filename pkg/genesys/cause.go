package genesys

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// readFailure says what a failed reading means.
func readFailure(what string, err error) error {
	return fail(what, err, func(e *rest.Error) membership.Cause {
		switch {
		case e.Kind == rest.Refused && e.Status == http.StatusBadRequest:
			return membership.Rejected
		case e.Kind == rest.Refused && e.Status == http.StatusNotFound && e.Own:
			return membership.Missing // what to do about it says whoever knows what was looked for
		}
		return membership.Unavailable
	})
}

// writeFailure says what a failed PUT means.
func writeFailure(what string, err error) error {
	return fail(what, err, func(e *rest.Error) membership.Cause {
		switch e.Kind {
		case rest.Refused:
			if e.Status == http.StatusNotFound && !e.Own {
				return membership.Unclear // somebody on the way has said it, and may have passed the request on
			}
			return membership.Rejected
		case rest.Unclear, rest.Unusable: // a 2xx that says nothing is no answer either
			return membership.Unclear
		}
		return membership.Unavailable
	})
}

// fail gives a failure its cause. The *rest.Error with the vendor's words stays inside. A cause that is known already,
// from the sign-in, stays; a permission that is missing is the same for reading and writing a group
// (x-inin-requires-permissions in the vendor's API).
func fail(what string, err error, cause func(*rest.Error) membership.Cause) error {
	var known *membership.Error
	var e *rest.Error
	switch {
	case errors.As(err, &known):
		return fmt.Errorf("%s: %w", what, err)
	case rest.RefusedByProxy(err):
		return membership.Fail(membership.Denied, fmt.Errorf("%s: %w", what, err))
	case !errors.As(err, &e):
		return membership.Fail(membership.Unavailable, fmt.Errorf("%s: %w", what, err))
	case e.Status == http.StatusUnauthorized:
		return membership.Fail(membership.Denied, fmt.Errorf("%s: Genesys refuses the token that it gave: %w", what, err))
	case e.Status == http.StatusForbidden:
		return membership.FailFor(membership.Denied, fmt.Errorf("%s: %w", what, err),
			"the role of the OAuth client needs directory:group:edit, which the role SCIM Integration has")
	}
	taken := e.Kind == rest.Unusable && e.Method == http.MethodPut
	out := &membership.Error{Cause: cause(e), Err: fmt.Errorf("%s: %w", what, err), Wait: e.RetryAfter, Taken: taken}
	if e.Own && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound) {
		if out.Said = strings.TrimPrefix(e.Code+": "+e.Message, ": "); e.Status == http.StatusNotFound {
			out.Said = "member: " + out.Said // the group was read just before, so that it is a member who is not found
		}
	}
	return out
}
