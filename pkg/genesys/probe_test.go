package genesys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

func TestExperiments(t *testing.T) {
	const start = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g1","displayName":"Sales"`
	for want, e := range map[string]genesys.Experiment{
		start + `,"externalId":"crm","members":[{"value":"u1"}]}`: {Members: []string{"u1"}, Version: `"3"`},
		start + `,"members":[{"value":"u1"}]}`:                    {Members: []string{"u1"}, Version: `"3"`, WithoutExternalID: true},
		start + `,"externalId":"crm","members":[]}`:               {Version: `"3"`},
		start + `,"externalId":"crm"}`:                            {Version: `"3"`, WithoutMembers: true},
	} {
		f := newFake(t, func(*http.Request) *http.Response { return reply(200, "") })
		answer, err := genesys.NewProber(f.conn()).Put(t.Context(), sales(), e)
		if err != nil || !answer.OK() || f.bodies[0] != want || f.asked[0].Header.Get("If-Match") != `"3"` || len(f.asked) != 1 {
			t.Errorf("%+v: %+v, %v, %s\nwant %s", e, answer, err, f.bodies, want)
		}
	}
	f := newFake(t, nil)
	for _, e := range []genesys.Experiment{{}, {Version: `"3"`, WithoutMembers: true, Members: []string{}}} {
		_, err := genesys.NewProber(f.conn()).Put(t.Context(), sales(), e)
		wantCause(t, err, membership.Internal)
	}
	if len(f.asked) > 0 {
		t.Error("a wrong experiment was sent")
	}
}

// An answer that refuses the PUT is what is to be found out. One that leaves the result open, or refuses the client, is an error.
func TestAnswersToExperiments(t *testing.T) {
	scimError := map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": "400", "scimType": "invalidVers"}
	personal := map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": "400", "scimType": "ada@contoso.com"}
	plain := map[string]any{"message": "no", "code": "bad.request", "status": 400}
	for _, c := range []struct {
		status int
		body   any
		want   genesys.Answer
		cause  membership.Cause
	}{
		{400, scimError, genesys.Answer{Status: 400, Type: "invalidVers", Own: true}, ""},
		{400, personal, genesys.Answer{Status: 400, Own: true}, ""},
		{400, plain, genesys.Answer{Status: 400, Own: true}, ""},
		{412, "", genesys.Answer{Status: 412}, ""},
		{404, "<html>", genesys.Answer{Status: 404}, ""},
		{503, "", genesys.Answer{}, membership.Unclear},
		{403, plain, genesys.Answer{}, membership.Denied},
		{302, "", genesys.Answer{}, membership.Unavailable},
	} {
		f := newFake(t, func(*http.Request) *http.Response { return reply(c.status, c.body) })
		got, err := genesys.NewProber(f.conn()).Put(t.Context(), sales(), genesys.Experiment{Version: `"3"`})
		if got != c.want || (err != nil) != (c.cause != "") || len(f.asked) != 1 {
			t.Errorf("%d %v: %+v, %v after %d requests", c.status, c.body, got, err, len(f.asked))
		}
		if c.cause != "" {
			wantCause(t, err, c.cause)
		}
	}
}

func TestUserPage(t *testing.T) {
	for _, c := range []struct {
		answer *http.Response
		want   genesys.UserPage
		fails  bool
	}{
		{listing(9, 3, users(1, 9, true))(nil), genesys.UserPage{Answer: genesys.Answer{Status: 200, Own: true}, Came: 3, Total: 9}, false},
		{reply(429, ""), genesys.UserPage{Answer: genesys.Answer{Status: 429}}, false},
		{reply(400, ""), genesys.UserPage{Answer: genesys.Answer{Status: 400}}, false},
		{reply(200, "{}"), genesys.UserPage{}, true},
		{reply(403, ""), genesys.UserPage{}, true},
	} {
		f := newFake(t, func(*http.Request) *http.Response { return c.answer })
		got, err := genesys.NewReader(f.conn()).UserPage(t.Context(), 3, "userName", "active")
		if (err != nil) != c.fails || !c.fails && got != c.want || len(f.asked) != 1 {
			t.Errorf("%+v, %v after %d requests; want %+v", got, err, len(f.asked), c.want)
		}
		if got := f.asked[0].URL.RawQuery; got != "attributes=userName&attributes=active&count=3&startIndex=1" {
			t.Errorf("asked for %s", got)
		}
	}
}

// An account is found by exactly its userName, active or not.
func TestUserNamed(t *testing.T) {
	f := newFake(t, func(req *http.Request) *http.Response {
		q := req.URL.Query()
		switch filter := q.Get("filter"); {
		case strings.HasSuffix(req.URL.Path, "/u0007"):
			return reply(200, users(7, 7, true)[0])
		case strings.HasSuffix(req.URL.Path, "/u0009"):
			return reply(200, users(9, 9, false)[0])
		case filter == "active eq false":
			return listing(1, 25, users(9, 9, false))(q)
		case filter == `userName eq "p3@contoso.example"`:
			twice := append(users(3, 3, true), map[string]any{"id": "u0099", "userName": "p3@contoso.example", "active": true})
			return listing(2, 25, twice)(q)
		case strings.HasPrefix(filter, "userName eq"): // ignores the letter case, as the vendor may
			return listing(2, 25, append(users(7, 7, true), users(8, 8, true)...))(q)
		}
		t.Errorf("asked for %s", req.URL)
		return nil
	})
	r := genesys.NewReader(f.conn())
	for name, want := range map[string]string{"p7@contoso.example": "u0007", "p9@contoso.example": "u0009"} {
		if got, err := r.UserNamed(t.Context(), name); err != nil || got.ID != want || got.Active != (want == "u0007") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	_, err := r.UserNamed(t.Context(), "P7@contoso.example")
	wantCause(t, err, membership.Missing, "P7@contoso.example")
	_, err = r.UserNamed(t.Context(), "p3@contoso.example")
	wantCause(t, err, membership.Incomplete, "2 Genesys users")
}
