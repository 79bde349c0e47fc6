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
	full := fmt.Errorf("%s: %w", what, err)
	e, ok := errors.AsType[*rest.Error](err)
	switch {
	case errors.As(err, new(*membership.Error)):
		return full
	case rest.RefusedByProxy(err):
		return membership.Fail(membership.Denied, full)
	case !ok || e.Kind != rest.Refused:
		return membership.Fail(membership.Unavailable, full)
	case e.Status == http.StatusUnauthorized:
		return membership.Fail(membership.Denied, fmt.Errorf("%s: Graph refuses the token that Entra gave: %w", what, err))
	case e.Status == http.StatusForbidden:
		return membership.FailFor(membership.Denied, full, grantHint(permission))
	case e.Code == "Request_ResourceNotFound":
		return membership.FailFor(membership.Missing, fmt.Errorf("%w; it is gone, or this is the id of something else", full),
			"callroll groups entra lists the groups")
	case e.Status == http.StatusBadRequest && !isExpiredPage(err):
		return membership.Fail(membership.Rejected, full)
	}
	return membership.Fail(membership.Unavailable, full)
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
	e, ok := errors.AsType[*rest.Error](err)
	return ok && (e.Code == "Directory_ExpiredPageToken" || e.Code == "DirectoryPageTokenNotFoundException")
}
