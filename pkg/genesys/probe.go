package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// Prober sends the PUTs that a [Writer] refuses to send, to find out what the vendor does not document. It is only for package
// probe, which sends them to a throw-away group. Create one with [NewProber].
type Prober struct{ conn *Conn }

// NewProber returns a prober.
func NewProber(conn *Conn) *Prober { return &Prober{conn: conn} }

// Experiment is a PUT that is unusual in some way.
type Experiment struct {
	Members           []string // nobody if it is nil
	Version           string   // for If-Match; it may be one that the group had before
	WithoutMembers    bool     // the body has no attribute members, and Members must be nil
	WithoutExternalID bool     // the body has no attribute externalId
}

// Answer is how the service has answered a PUT or a request for a page of a list.
type Answer struct {
	Status int
	// Type is the scimType of a SCIM error (RFC 7644 §3.12). It is empty for any other error, and for an unknown scimType.
	Type string
	Own  bool // the answer has the form of Genesys' own errors, and is not that of a gateway on the way
}

// OK reports whether the service has accepted the request.
func (a Answer) OK() bool { return a.Status >= 200 && a.Status < 300 }

// scimTypes are those of RFC 7644 §3.12, with invalidVers of §3.14.
func scimTypes() []string {
	return []string{"invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget",
		"invalidValue", "invalidVers", "sensitive"}
}

// Put sends one PUT, once. An answer that accepts or refuses the PUT is no error. If there is no clear answer, the error has a
// cause as that of [Writer.Replace].
func (p *Prober) Put(ctx context.Context, group membership.Group, e Experiment) (Answer, error) {
	what := fmt.Sprintf("Genesys group %q (%s): probing it", group.DisplayName, group.ID)
	if e.Version == "" || e.WithoutMembers && e.Members != nil {
		return Answer{}, membership.Fail(membership.Internal, fmt.Errorf("%s: no version, or members in a PUT without them", what))
	}
	if e.WithoutExternalID {
		group.ExternalID = nil
	}
	body, err := scim.ReplaceBody(group, e.Members)
	if e.WithoutMembers {
		body, err = scim.BodyWithoutMembers(group)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", what, err)
	}
	got, err := p.conn.api.Do(ctx, putRequest(group.ID, e.Version, body), nil)
	return clearAnswer(got, err, func() error { return writeFailure(what, err) })
}

// clearAnswer returns the answer to a request. Answers that refuse the request itself are no errors; the others are those of the
// network, of a gateway, of the sign-in and of a missing permission.
func clearAnswer(got rest.Response, err error, failure func() error) (Answer, error) {
	if err == nil {
		return Answer{Status: got.Status, Own: true}, nil
	}
	e, ok := errors.AsType[*rest.Error](err)
	denied := ok && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
	if !ok || e.Kind != rest.Refused || denied {
		return Answer{}, failure()
	}
	answer := Answer{Status: e.Status, Own: e.Own}
	if slices.Contains(scimTypes(), e.Code) {
		answer.Type = e.Code
	}
	return answer, nil
}

// UserPage is the answer to a request for a page of users.
type UserPage struct {
	Answer
	Came  int // users on the page
	Total int // users in the list
}

// UserPage requests the first page of the users, of so many of them. Without attributes the vendor sends small pages. It asks
// once: a 429, and a refusal of the count, are no errors. It is only for package probe; lists are read with [Reader.Accounts].
func (r *Reader) UserPage(ctx context.Context, count int, attributes ...string) (UserPage, error) {
	var page scim.Page
	query := url.Values{"startIndex": {"1"}, "count": {strconv.Itoa(count)}}
	if len(attributes) > 0 {
		query["attributes"] = attributes
	}
	got, err := r.conn.api.Do(ctx, rest.Request{
		Method: http.MethodGet, Path: userListPath, Query: query, Header: accept(), Yield: true, MaxBody: maxListBody,
	}, func(dec *jsontext.Decoder) (err error) {
		page, err = scim.ReadPage(dec, func(dec *jsontext.Decoder) error { return dec.SkipValue() })
		return err
	})
	if e, ok := errors.AsType[*rest.Error](err); ok && e.Kind == rest.Throttled {
		return UserPage{Answer: Answer{Status: http.StatusTooManyRequests, Own: e.Own}}, nil
	}
	answer, err := clearAnswer(got, err, func() error { return readFailure("reading a page of Genesys users", err) })
	return UserPage{Answer: answer, Came: page.Count, Total: page.Total}, err
}

// UserNamed returns the account, active or not, with exactly this userName. The cause of the error is [membership.Missing] if
// there is none, and [membership.Incomplete] if there are several.
func (r *Reader) UserNamed(ctx context.Context, userName string) (membership.Account, error) {
	named := r.userList("Genesys users by userName", "userName eq "+quote(userName), nil)
	named.size = newPageSize(minPageSize)
	users, err := named.walk(r.conn.api).finish(ctx)
	if err != nil {
		return membership.Account{}, err
	}
	isOther := func(u scim.User) bool { return u.Account.UserName != userName }
	if users = slices.DeleteFunc(users, isOther); len(users) == 0 { // a list may leave inactive users out
		if users, err = r.inactive(ctx, nil); err != nil {
			return membership.Account{}, err
		}
		users = slices.DeleteFunc(users, isOther)
	}
	switch len(users) {
	case 0:
		return membership.Account{}, membership.Fail(membership.Missing, fmt.Errorf("no Genesys user has the userName %q", userName))
	case 1:
		return r.User(ctx, users[0].Account.ID)
	}
	err = fmt.Errorf("%d Genesys users have the userName %q", len(users), userName)
	return membership.Account{}, membership.Fail(membership.Incomplete, err)
}
