package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// hiddenHint says what to do if a group shows no members and it is not known whether it is empty.
const hiddenHint = "if the group really is empty, put one member into it by hand in Genesys"

// individuals is the answer about the individual members of a group. The operation has no paging parameters, so only the
// total shows whether the page is complete.
type individuals struct {
	Entities *[]struct {
		ID string `json:"id"`
	} `json:"entities"`
	Total     *int   `json:"total"`
	PageCount int    `json:"pageCount"`
	NextURI   string `json:"nextUri"`
}

// checkEmpty returns an error unless GET /api/v2/groups/{id}/individuals shows that a group has no individual members. A
// SCIM answer with absent or empty members, which mean the same (RFC 7643 §2.5), does not show this: members may be hidden
// or omitted. The operation needs no permission. If its answer is unclear, the group is incomplete.
func (r *Reader) checkEmpty(ctx context.Context, id string) error {
	unclear := func(err error) error {
		return &membership.Error{Cause: membership.Incomplete, Err: err, Hint: hiddenHint}
	}
	var page individuals
	answer, err := r.conn.api.Do(ctx, individualsRequest(id), &page)
	switch {
	case err != nil && ctx.Err() != nil:
		return readFailure("reading its individual members", err)
	case err != nil:
		return unclear(fmt.Errorf("its individual members cannot be read, which would show whether it is empty: %w", err))
	case answer.Status != http.StatusOK || !strings.Contains(answer.Header.Get("Content-Type"), "json"),
		page.Entities == nil || page.Total == nil || page.NextURI != "" || page.PageCount > 1:
		return unclear(withIDs(errors.New("the answer about its individual members says neither who they are nor that there are none"), answer.RequestIDs))
	case len(*page.Entities) > 0 || *page.Total != 0:
		return membership.Fail(membership.Incomplete, withIDs(fmt.Errorf("it has %d individual members, and SCIM does not show them",
			max(len(*page.Entities), *page.Total)), answer.RequestIDs))
	}
	return nil
}

func individualsRequest(id string) rest.Request {
	return rest.Request{
		Method: http.MethodGet, Path: "/api/v2/groups/" + url.PathEscape(id) + "/individuals", Header: http.Header{"Accept": {"application/json"}},
	}
}
