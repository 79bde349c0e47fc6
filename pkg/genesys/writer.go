package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/scim"
)

// Writer changes an org. It is safe for concurrent use.
type Writer struct{ conn *Conn }

// NewWriter returns a writer.
func NewWriter(conn *Conn) *Writer { return &Writer{conn: conn} }

// Replace gives a group, as it was read, exactly these members, if it still has the version. It sends the PUT again only
// where nothing was carried out: the cause Unclear means that nobody knows, and Rejected that the service said no, which
// the status does not explain: a version conflict is answered 400, 409 or 412, and a 404 may be about a member. key goes
// along as the Idempotency-Key, which the vendor does not document; without one there is none.
//
// A 200 is believed if it shows the group as it should be now, as the vendor's does. Without that it was answered and shows
// nothing: it is Unclear and Taken, and reading back decides. A 201 is a success as well, and the trace gets a note: nothing was
// to be created.
func (w *Writer) Replace(ctx context.Context, group membership.Group, members []string, version, key string) error {
	what := fmt.Sprintf("Genesys group %q (%s): writing its %d members", group.DisplayName, group.ID, len(members))
	if version == "" {
		return membership.Fail(membership.Incomplete, fmt.Errorf("%s: the group came without a version, and without one a change by somebody else would be lost", what))
	}
	body, err := scim.ReplaceBody(group, members)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	header := accept()
	header.Set("Content-Type", scim.MediaType)
	header.Set("If-Match", version)
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	var g membership.Group
	var odd error
	answer, err := w.conn.api.Do(ctx, rest.Request{Method: http.MethodPut, Path: groupPath + url.PathEscape(group.ID), Header: header, Body: body}, func(dec *jsontext.Decoder) (err error) {
		var bad *scim.InvalidError
		if g, err = scim.ReadGroup(dec); errors.As(err, &bad) {
			odd, err = err, nil
		}
		return err
	})
	if err != nil {
		return writeFailure(what, err)
	}
	if answer.Status == http.StatusCreated {
		w.conn.api.Note(fmt.Sprintf("%s: 201 Created came instead of 200, although nothing was to be created", what))
	} else if answer.Status != http.StatusOK {
		return membership.Fail(membership.Unclear, withIDs(fmt.Errorf("%s: status %d does not say that it was done", what, answer.Status), answer.RequestIDs))
	}
	shown := odd == nil && g.ID == group.ID && !g.MembersAbsent && slices.Equal(g.Members, membership.Distinct(members))
	if !shown {
		err := withIDs(fmt.Errorf("%s: status %d came without the group as it should be now", what, answer.Status), answer.RequestIDs)
		return &membership.Error{Cause: membership.Unclear, Err: err, Taken: true}
	}
	return nil
}
