package genesys

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// readFailure returns the error of a failed reading, with its cause.
func readFailure(what string, err error) error {
	return fail(what, err, func(e *rest.Error) membership.Cause {
		switch {
		case e.Kind == rest.Refused && e.Status == http.StatusBadRequest:
			return membership.Rejected
		case e.Kind == rest.Refused && e.Status == http.StatusNotFound && e.Own:
			return membership.Missing // the caller knows what was looked for, and adds a hint
		}
		return membership.Unavailable
	})
}

// outsideSCIM is readFailure for what is not SCIM, for which the permission of SCIM is of no use.
func outsideSCIM(what string, err error) error {
	failed := readFailure(what, err)
	if e, ok := errors.AsType[*rest.Error](err); ok && e.Status == http.StatusForbidden && !rest.RefusedByProxy(err) {
		return membership.FailFor(membership.Denied, failed, "give the role of the OAuth client the permission that Genesys names")
	}
	return failed
}

// writeFailure returns the error of a failed PUT, with its cause.
func writeFailure(what string, err error) error {
	return fail(what, err, func(e *rest.Error) membership.Cause {
		switch e.Kind {
		case rest.Refused:
			if e.Status == http.StatusNotFound && !e.Own {
				return membership.Unclear // it is the answer of a gateway, which may have forwarded the request
			}
			return membership.Rejected
		case rest.Unclear, rest.Unusable: // a 2xx without a usable body is not an answer either
			return membership.Unclear
		}
		return membership.Unavailable
	})
}

// fail gives a failure its cause, and keeps the *rest.Error with the vendor's message. A cause from the sign-in is
// unchanged. Reading and writing a group need the same permission (x-inin-requires-permissions in the vendor's API).
func fail(what string, err error, cause func(*rest.Error) membership.Cause) error {
	full := fmt.Errorf("%s: %w", what, err)
	e, ok := errors.AsType[*rest.Error](err)
	switch {
	case errors.As(err, new(*membership.Error)):
		return full
	case rest.RefusedByProxy(err):
		return membership.Fail(membership.Denied, full)
	case !ok:
		return membership.Fail(membership.Unavailable, full)
	case e.Status == http.StatusUnauthorized:
		return membership.Fail(membership.Denied, fmt.Errorf("%s: Genesys refuses the token that it gave: %w", what, err))
	case e.Status == http.StatusForbidden:
		return membership.FailFor(membership.Denied, full,
			"the role of the OAuth client needs directory:group:edit, which the role SCIM Integration has")
	}
	accepted := e.Kind == rest.Unusable && e.Method == http.MethodPut
	out := &membership.Error{Cause: cause(e), Err: full, Wait: e.RetryAfter, Accepted: accepted}
	if e.Own && (e.Status == http.StatusBadRequest || e.Status == http.StatusNotFound) {
		if out.Said = strings.TrimPrefix(e.Code+": "+e.Message, ": "); e.Status == http.StatusNotFound {
			out.Said = "member: " + out.Said // the group was just read, so it is a member that was not found
		}
	}
	return out
}

// withAnswerIDs adds the request ids to an error about an answer. Errors of package rest have them already.
func withAnswerIDs(err error, answer rest.Response) error {
	if errors.As(err, new(*rest.Error)) {
		return err
	}
	return withIDs(err, answer.RequestIDs)
}

// withIDs adds request ids to an error.
func withIDs(err error, ids []string) error {
	if err == nil || len(ids) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(ids, ", "))
}
