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

// fail returns the error of a failed reading, with its cause. what begins the text: "Entra group 4711: reading its
// members".
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
		return membership.FailFor(membership.Denied, fmt.Errorf("%s: %w", what, err), grantHint(permission))
	case e.Code == "Request_ResourceNotFound":
		return membership.FailFor(membership.Missing, fmt.Errorf("%s: %w; it is gone, or this is the id of something else", what, err), "callroll groups entra lists the groups")
	case e.Status == http.StatusBadRequest && !isExpiredPage(err):
		return membership.Fail(membership.Rejected, fmt.Errorf("%s: %w", what, err))
	}
	return membership.Fail(membership.Unavailable, fmt.Errorf("%s: %w", what, err))
}

// grantHint says how to grant a permission that is missing.
func grantHint(permission string) string {
	return fmt.Sprintf("grant the application %s, with admin consent", permission)
}

// failIncomplete is fail for a collection that can be used only if it is complete.
func failIncomplete(what string, err error, permission string) error {
	if errors.Is(err, errIncomplete) {
		return membership.Fail(membership.Incomplete, fmt.Errorf("%s: %w", what, err))
	}
	return fail(what, err, permission)
}

// isExpiredPage says whether Graph no longer knows the page of a next link. The walk has to start again at page one.
func isExpiredPage(err error) bool {
	var e *rest.Error
	return errors.As(err, &e) && (e.Code == "Directory_ExpiredPageToken" || e.Code == "DirectoryPageTokenNotFoundException")
}
