package graph

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// The permissions that reading needs (page "Microsoft Graph permissions reference").
const (
	groupPermission = "GroupMember.Read.All"
	userPermission  = "User.Read.All"
)

// fail says what a failed reading means. what begins the sentence: "Entra group 4711: reading its members".
func fail(what string, err error, permission string) error {
	var known *membership.Error
	if errors.As(err, &known) {
		return fmt.Errorf("%s: %w", what, err)
	}
	if rest.RefusedByProxy(err) {
		return membership.Fail(membership.Denied, fmt.Errorf("%s: %w", what, err))
	}
	var e *rest.Error
	if !errors.As(err, &e) || e.Kind != rest.Refused {
		return membership.Fail(membership.Unavailable, fmt.Errorf("%s: %w", what, err))
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return membership.Fail(membership.Denied, fmt.Errorf("%s: Graph refuses the token that Entra gave: %w", what, err))
	case e.Status == http.StatusForbidden:
		return membership.FailFor(membership.Denied, fmt.Errorf("%s: %w", what, err), grant(permission))
	case e.Code == "Request_ResourceNotFound":
		return membership.FailFor(membership.Missing, fmt.Errorf("%s: %w; it is gone, or this is the id of something else", what, err), "callroll groups entra lists the groups")
	case e.Status == http.StatusBadRequest && !lostPage(err):
		return membership.Fail(membership.Rejected, fmt.Errorf("%s: %w", what, err))
	}
	return membership.Fail(membership.Unavailable, fmt.Errorf("%s: %w", what, err))
}

// grant says what to do about a permission that is missing.
func grant(permission string) string {
	return fmt.Sprintf("grant the application %s, with admin consent", permission)
}

// failWhole is fail for a collection that counts only if it is whole.
func failWhole(what string, err error, permission string) error {
	if errors.Is(err, errShape) {
		return membership.Fail(membership.Incomplete, fmt.Errorf("%s: %w", what, err))
	}
	return fail(what, err, permission)
}

// lostPage says whether Graph no longer knows the page that a link led to, so that only page one helps.
func lostPage(err error) bool {
	var e *rest.Error
	return errors.As(err, &e) && (e.Code == "Directory_ExpiredPageToken" || e.Code == "DirectoryPageTokenNotFoundException")
}
