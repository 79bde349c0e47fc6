package genesys_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

func sales() membership.Group {
	external := "crm"
	return membership.Group{ID: "g1", DisplayName: "Sales", Schemas: []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, ExternalID: &external}
}

func TestReplace(t *testing.T) {
	f := newFake(t, func(r *http.Request) *http.Response {
		if r.Header.Get("Idempotency-Key") == "" {
			return reply(200, group("g1"))
		}
		return reply(200, group("g1", "u2", "u1"))
	})
	w := genesys.NewWriter(f.conn())
	if err := w.Replace(t.Context(), sales(), []string{"u1", "u2"}, `"56"`, "the-key"); err != nil {
		t.Fatal(err)
	}
	if err := w.Replace(t.Context(), sales(), nil, `W/"57"`, ""); err != nil {
		t.Fatal(err)
	}
	first := f.asked[0]
	for name, want := range map[string]string{
		"Content-Type": "application/scim+json", "Accept": "application/scim+json, application/json",
		"If-Match": `"56"`, "Idempotency-Key": "the-key", "Authorization": "Bearer " + token,
	} {
		if got := first.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := first.Method + " " + first.URL.String(); got != "PUT https://api.mypurecloud.ie/api/v2/scim/v2/groups/g1" {
		t.Errorf("sent %s", got)
	}
	want := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g1","displayName":"Sales","externalId":"crm","members":[{"value":"u1"},{"value":"u2"}]}`
	if f.bodies[0] != want {
		t.Errorf("sent %s, want %s", f.bodies[0], want)
	}
	if !strings.HasSuffix(f.bodies[1], `"members":[]}`) || f.asked[1].Header.Get("If-Match") != `W/"57"` || f.asked[1].Header.Values("Idempotency-Key") != nil {
		t.Errorf("sent %s with %v, want no members, the weak version and no key", f.bodies[1], f.asked[1].Header)
	}
}

func TestReplaceRefusesToWriteWithoutAVersion(t *testing.T) {
	f := newFake(t, nil)
	err := genesys.NewWriter(f.conn()).Replace(t.Context(), sales(), nil, "", "key")
	wantCause(t, err, membership.Incomplete, "without a version", "Sales")
	if len(f.asked)+len(f.logins) != 0 {
		t.Errorf("%d requests, want none", len(f.asked)+len(f.logins))
	}
}

// A 200 counts only if it shows the group with its new members, because a proxy may answer 200 too.
func TestA200ThatDoesNotShowTheGroupIsUnclear(t *testing.T) {
	for name, body := range map[string]any{
		"HTML": "<html>welcome</html>", "nothing": "", "an object": "{}", "another group": group("g2", "u1"), "other members": group("g1", "u2"),
		"no members": without(group("g1"), "members"),
	} {
		f := newFake(t, func(*http.Request) *http.Response { return reply(200, body) })
		err := genesys.NewWriter(f.conn()).Replace(t.Context(), sales(), []string{"u1"}, `"1"`, "k")
		if err == nil || membership.CauseOf(err) != membership.Unclear || len(f.asked) != 1 {
			t.Errorf("%s: %v after %d requests, want an unclear answer to one", name, err, len(f.asked))
		}
	}
}

// The wait that the service asks for is in the error, for the decision about another PUT.
func TestTheWaitOfAnUnclearAnswer(t *testing.T) {
	f := newFake(t, func(*http.Request) *http.Response { return reply(503, "", "Retry-After: 77") })
	err := genesys.NewWriter(f.conn()).Replace(t.Context(), sales(), nil, `"1"`, "k")
	if got := membership.FailureOf(err).Wait; got != 77*time.Second || membership.FailureOf(nil).Wait != 0 {
		t.Errorf("Wait = %s, want 77 s", got)
	}
}

// A 202 means that nothing was done yet. The group has to be read.
func TestAnother2xxIsUnclear(t *testing.T) {
	f := newFake(t, func(*http.Request) *http.Response { return reply(202, group("g1")) })
	err := genesys.NewWriter(f.conn()).Replace(t.Context(), sales(), nil, `"1"`, "k")
	wantCause(t, err, membership.Unclear, "202")
}

func TestA201IsTakenWithANote(t *testing.T) {
	f := newFake(t, func(*http.Request) *http.Response { return reply(201, group("g1")) })
	note := ""
	conn := f.conn(func(o *genesys.Options) { o.Trace.Note = func(text string) { note = text } })
	if err := genesys.NewWriter(conn).Replace(t.Context(), sales(), nil, `"1"`, "k"); err != nil || !strings.Contains(note, "201") {
		t.Errorf("Replace: %v, note %q; want success and a note", err, note)
	}
}

func TestReplaceThatFails(t *testing.T) {
	scimError := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidVers","detail":"moved"}`
	limit := `{"code":"limit","message":"full","contextId":"c-1","limit":{"key":"group.members","namespace":"groups","value":1000}}`
	tests := []struct {
		name  string
		give  *http.Response
		cause membership.Cause
		words []string
		calls int
	}{
		{"400", reply(400, scimError), membership.Rejected, []string{"400 invalidVers: moved", "Sales", "g1"}, 1},
		{"400 with a limit", reply(400, limit), membership.Rejected, []string{"limit groups group.members 1000", "contextId c-1"}, 1},
		{"404", reply(404, notFound), membership.Rejected, nil, 1},
		{"404 of a gateway", reply(404, "<html>", "Content-Type: text/html"), membership.Unclear, nil, 1},
		{"404 without a body", reply(404, ""), membership.Unclear, nil, 1},
		{"409", reply(409, scimError), membership.Rejected, []string{"invalidVers"}, 1},
		{"412", reply(412, "<html>"), membership.Rejected, []string{"412"}, 1},
		{"413", reply(413, "{}"), membership.Rejected, nil, 1},
		{"415", reply(415, "{}"), membership.Rejected, nil, 1},
		{"401", reply(401, "{}"), membership.Denied, []string{"refuses the token"}, 2},
		{"403", reply(403, `{"code":"missing.permissions"}`), membership.Denied, []string{"directory:group:edit"}, 1},
		{"408", reply(408, "{}"), membership.Unclear, nil, 1},
		{"500", reply(500, "{}"), membership.Unclear, nil, 1},
		{"503", reply(503, "", "Retry-After: 1"), membership.Unclear, nil, 1},
		{"504", reply(504, "<html>"), membership.Unclear, nil, 1},
		{"cut connection", nil, membership.Unclear, nil, 1},
		{"429", reply(429, `{"code":"too.many.requests"}`), membership.Unavailable, []string{"5 attempts"}, 5},
		{"429 for long", reply(429, "{}", "Retry-After: 999"), membership.Unavailable, []string{"16m39s"}, 1},
		{"redirect", reply(308, "", "Location: https://evil.example/x"), membership.Unavailable, []string{"evil.example"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(t, func(*http.Request) *http.Response { return tt.give })
				err := genesys.NewWriter(f.conn()).Replace(t.Context(), sales(), []string{"u1"}, `"1"`, "k")
				wantCause(t, err, tt.cause, tt.words...)
				if len(f.asked) != tt.calls {
					t.Errorf("sent %d times, want %d", len(f.asked), tt.calls)
				}
				var e *rest.Error
				if !errors.As(err, &e) {
					t.Errorf("no *rest.Error in %v", err)
				}
			})
		})
	}
}

func TestAWriteThatWasNeverSent(t *testing.T) {
	f := newFake(t, nil)
	f.login = func(int) *http.Response { return reply(400, `{"error":"invalid_client"}`) }
	err := genesys.NewWriter(f.conn()).Replace(t.Context(), sales(), nil, `"1"`, "k")
	wantCause(t, err, membership.Denied, "signing in", "Sales")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = genesys.NewWriter(newFake(t, nil).conn()).Replace(ctx, sales(), nil, `"1"`, "k")
	wantCause(t, err, membership.Unavailable)
	if len(f.asked) != 0 {
		t.Errorf("%d requests, want none", len(f.asked))
	}
}
