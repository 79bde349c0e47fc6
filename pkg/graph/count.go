package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// maxCountBody limits the answer about a number of members, which is one number.
const maxCountBody = 1 << 10

// MemberCount returns the number of direct members of a group, of every type, in one request (page "List group members", example
// of a count alone). It sends no request about a group with hidden membership to an application that cannot see hidden members:
// Graph would answer 0.
func (c *Client) MemberCount(ctx context.Context, g ListedGroup) (int, error) {
	who, err := c.SignIn(ctx)
	if err != nil {
		return 0, err
	}
	if g.Is(HiddenMembership) && !who.SeesHidden() {
		return 0, hiddenMembers(g.key())
	}
	var text rest.Text
	_, err = c.graph.Do(ctx, rest.Request{
		Method: http.MethodGet, Path: "/v1.0/groups/" + url.PathEscape(g.ID) + "/members/$count",
		Header: http.Header{"Accept": {"text/plain"}}, MaxBody: maxCountBody, // Graph has this number in no other form
	}, &text)
	what := fmt.Sprintf("Entra group %s: counting its members", g.key())
	if err != nil {
		return 0, fail(what, err, groupPermission)
	}
	// Some OData services begin plain text with a byte order mark (OASIS, issue 325 of odata-specs).
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff")))
	if err != nil || n < 0 {
		return 0, membership.Fail(membership.Unavailable, errors.New(what+": the answer is not a number"))
	}
	return n, nil
}
