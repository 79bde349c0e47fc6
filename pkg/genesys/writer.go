package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// Writer changes an org. Create one with [NewWriter]. It is safe for concurrent use.
type Writer struct{ conn *Conn }

// NewWriter returns a writer.
func NewWriter(conn *Conn) *Writer { return &Writer{conn: conn} }

// Replace gives a group, as it was read, exactly these members, if it still has the version. The PUT is sent again only if
// nothing was carried out. If it is not known whether the PUT was carried out, the cause of the error is
// [membership.Unclear]. If the service refused it, the cause is [membership.Rejected]; the status does not explain the
// refusal: a version conflict is answered 400, 409 or 412, and a 404 may be about a member. key is sent as the
// Idempotency-Key, which the vendor does not document; it is omitted if it is empty.
//
// A 200 is a success only if its body shows the group with these members, as the vendor's does. Otherwise the error is
// Unclear, with Accepted set, and the group has to be read back. A 201 is treated like a 200, with a note in the trace,
// because nothing was to be created.
func (w *Writer) Replace(ctx context.Context, group membership.Group, members []string, version, key string) error {
	what := fmt.Sprintf("Genesys group %q (%s): writing its %d members", group.DisplayName, group.ID, len(members))
	if version == "" {
		return membership.Fail(membership.Incomplete, fmt.Errorf(
			"%s: the group came without a version, and without one a change by somebody else would be lost", what))
	}
	body, err := scim.ReplaceBody(group, members)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	req := putRequest(group.ID, version, body)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	var g membership.Group
	var invalidErr error
	answer, err := w.conn.api.Do(ctx, req, func(dec *jsontext.Decoder) (err error) {
		if g, err = scim.ReadGroup(dec); errors.As(err, new(*scim.InvalidError)) {
			invalidErr, err = err, nil
		}
		return err
	})
	if err != nil {
		return writeFailure(what, err)
	}
	if answer.Status == http.StatusCreated {
		w.conn.api.Note(fmt.Sprintf("%s: 201 Created came instead of 200, although nothing was to be created", what))
	} else if answer.Status != http.StatusOK {
		err := withIDs(fmt.Errorf("%s: status %d does not say that it was done", what, answer.Status), answer.RequestIDs)
		return membership.Fail(membership.Unclear, err)
	}
	shown := invalidErr == nil && g.ID == group.ID && !g.MembersAbsent && slices.Equal(g.Members, membership.Distinct(members))
	if !shown {
		err := withIDs(fmt.Errorf("%s: status %d came without the group as it should be now", what, answer.Status), answer.RequestIDs)
		return &membership.Error{Cause: membership.Unclear, Err: err, Accepted: true}
	}
	return nil
}

// putRequest returns the PUT of a group that is valid only for one version.
func putRequest(id, version string, body []byte) rest.Request {
	header := accept()
	header.Set("Content-Type", scim.MediaType)
	header.Set("If-Match", version)
	return rest.Request{Method: http.MethodPut, Path: groupPath + url.PathEscape(id), Header: header, Body: body}
}
