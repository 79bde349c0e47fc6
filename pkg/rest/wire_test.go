package rest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

const wireDir = "../../testdata/wire"

// TestWire lets both clients play the samples, whose README says how they are written: each has to send the request of
// a sample, gets its response, and has to make of it what stands here. It tests graph and genesys, and lives where
// both can be imported.
func TestWire(t *testing.T) {
	const ok = membership.Cause("")
	samples := map[string]membership.Cause{
		"graph-token":                    ok,
		"graph-token-bad-secret":         membership.Denied,
		"graph-members-pages":            ok,
		"graph-members-nested":           ok,
		"graph-members-nobody":           ok,
		"graph-members-hidden":           ok, // looks like an empty group
		"graph-members-basic-properties": membership.Denied,
		"graph-members-null-properties":  membership.Denied,
		"graph-members-count":            ok,
		"graph-members-denied":           membership.Denied,
		"graph-members-not-found":        membership.Missing,
		"graph-members-throttled":        membership.Unavailable,
		"genesys-token":                  ok,
		"genesys-token-bad-secret":       membership.Denied,
		"genesys-token-throttled":        membership.Unavailable,
		"genesys-users-pages":            ok,
		"genesys-users-inactive":         ok,
		"genesys-groups-page":            ok,
		"genesys-groups-outside":         ok,
		"genesys-group":                  ok,
		"genesys-group-not-found":        membership.Missing,
		"genesys-missing-permission":     membership.Denied,
		"genesys-throttled":              membership.Unavailable,
		"genesys-put":                    ok,
		"genesys-put-nobody":             ok,
		"genesys-put-no-external-id":     ok,
		"genesys-put-conflict":           membership.Rejected,
		"genesys-put-conflict-400":       membership.Rejected,
		"genesys-put-conflict-412":       membership.Rejected,
		"genesys-put-conflict-plain":     membership.Rejected,
		"genesys-put-too-large":          membership.Rejected,
		"genesys-put-unknown-member":     membership.Rejected,
		"genesys-put-unknown-member-404": membership.Rejected,
		"genesys-put-wrong-name":         membership.Rejected,
	}
	// What is not played here: the clients send no If-None-Match, and ask for groups and for people in doubt in calls of
	// their own.
	never := []string{"genesys-group-not-modified", "genesys-individuals", "graph-group", "graph-groups-by-name", "graph-users-by-name",
		"graph-users-by-alias", "graph-deleted-users",
		"graph-members-of-every-kind", "graph-members-expired-page-token", "graph-unauthorized", "genesys-unauthorized"}
	for _, name := range never {
		samples[name] = "never"
	}
	files, err := filepath.Glob(filepath.Join(wireDir, "*-*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples in %s: %v", wireDir, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		want, known := samples[name]
		if !known {
			t.Errorf("sample %s is not played here", name)
		}
		if want == "never" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := readSample(t, file)
				err := s.play(t.Context())
				if got := causeOf(err); got != want {
					t.Errorf("the client says %q (%v), want %q", got, err, want)
				}
				if s.next == 0 {
					t.Error("the request of the sample was not sent")
				}
			})
		})
	}
}

func causeOf(err error) membership.Cause {
	if err == nil {
		return ""
	}
	return membership.CauseOf(err)
}

// sample is one file, and the transport that plays it.
type sample struct {
	t         *testing.T
	requests  []*http.Request
	bodies    [][]byte
	responses [][]byte
	next      int // the exchange that comes next; the last one comes again if the client tries again
}

func readSample(t *testing.T, file string) *sample {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &sample{t: t}
	for _, f := range archive.Files {
		switch kind, _, _ := strings.Cut(f.Name, " "); kind {
		case "request":
			s.addRequest(f.Data)
		case "response":
			s.responses = append(s.responses, bytes.ReplaceAll(f.Data, []byte("<any>"), []byte("any")))
		}
	}
	return s
}

func (s *sample) addRequest(data []byte) {
	s.t.Helper()
	head, body, _ := bytes.Cut(data, []byte("\n\n"))
	head = bytes.ReplaceAll(head, []byte("<next>"), []byte("https://graph.microsoft.com/next"))
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(append(bytes.TrimSpace(head), "\r\n\r\n"...))))
	if err != nil {
		s.t.Fatal(err)
	}
	s.requests, s.bodies = append(s.requests, req), append(s.bodies, bytes.TrimSpace(body))
}

// play lets the client do what leads to the sample's first request.
func (s *sample) play(ctx context.Context) error {
	first := s.requests[0]
	h, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: s})
	if err != nil {
		return err
	}
	isToken := strings.HasSuffix(first.URL.Path, "/token")
	if strings.Contains(first.URL.Host, "microsoft") {
		return s.playGraph(ctx, h, isToken)
	}
	region, err := genesys.ParseRegion("mypurecloud.ie")
	if err != nil {
		return err
	}
	id, password := "client", secret.New("a-genesys-secret")
	if user, pass, ok := first.BasicAuth(); ok {
		id, password = user, secret.New(pass)
	}
	conn, err := genesys.Connect(genesys.Options{Region: region, ClientID: id, Secret: password, HTTP: h})
	if err != nil {
		return err
	}
	return s.playGenesys(ctx, conn)
}

func (s *sample) playGraph(ctx context.Context, h *http.Client, isToken bool) error {
	o := graph.Options{TenantID: "contoso.example", ClientID: "client", Credential: graph.Credential{Secret: secret.New("an-entra-secret")}, HTTP: h}
	if isToken {
		form, err := url.ParseQuery(string(s.bodies[0]))
		if err != nil {
			return err
		}
		o.TenantID, _, _ = strings.Cut(strings.TrimPrefix(s.requests[0].URL.Path, "/"), "/")
		o.ClientID, o.Credential.Secret = form.Get("client_id"), secret.New(form.Get("client_secret"))
	}
	client, err := graph.New(o)
	if err != nil {
		return err
	}
	if isToken {
		_, err := client.SignIn(ctx)
		return err
	}
	parts := strings.Split(s.requests[0].URL.Path, "/")
	if parts[len(parts)-1] == "$count" {
		_, err := client.MemberCount(ctx, graph.ListedGroup{GroupName: graph.GroupName{ID: parts[3]}})
		return err
	}
	_, err = client.Members(ctx, parts[3], graph.Selection{Nested: parts[4] == "transitiveMembers", EmployeeID: true, Enabled: true})
	return err
}

func (s *sample) playGenesys(ctx context.Context, conn *genesys.Conn) error {
	first := s.requests[0]
	reader := genesys.NewReader(conn)
	switch {
	case first.Method == http.MethodPut:
		var body struct {
			Schemas     []string
			ID          string
			DisplayName string
			ExternalID  *string
			Members     []struct{ Value string }
		}
		if err := json.Unmarshal(s.bodies[0], &body); err != nil {
			return err
		}
		members := []string{}
		for _, m := range body.Members {
			members = append(members, m.Value)
		}
		g := membership.Group{ID: body.ID, DisplayName: body.DisplayName, Schemas: body.Schemas, ExternalID: body.ExternalID}
		return genesys.NewWriter(conn).Replace(ctx, g, members, first.Header.Get("If-Match"), first.Header.Get("Idempotency-Key"))
	case strings.HasSuffix(first.URL.Path, "/users"):
		_, err := reader.Accounts(ctx, genesys.AccountsOptions{Keys: membership.DefaultKeys(), Hint: math.MaxInt})
		return err
	case first.URL.Path == "/api/v2/scim/groups":
		_, err := reader.Groups(ctx, nil)
		return err
	case first.URL.Path == "/api/v2/groups":
		_, err := reader.OutsideSCIM(ctx)
		return err
	}
	_, err := reader.Group(ctx, path.Base(first.URL.Path))
	return err
}

// RoundTrip plays the sample's next exchange, and the sign-in or the other list of users that a sample is not about.
func (s *sample) RoundTrip(req *http.Request) (*http.Response, error) {
	i := min(s.next, len(s.requests)-1)
	want := s.requests[i]
	switch {
	case strings.HasSuffix(req.URL.Path, "/openid-configuration"):
		base := "https://" + req.URL.Host + "/" + strings.Split(req.URL.Path, "/")[1]
		return says(200, fmt.Sprintf(`{"issuer":"%s/v2.0","authorization_endpoint":"%s/authorize","token_endpoint":"%s/oauth2/v2.0/token"}`, base, base, base))(req)
	case strings.HasSuffix(req.URL.Path, "/token") && !strings.HasSuffix(want.URL.Path, "/token"):
		return says(200, `{"access_token":"<token>","token_type":"Bearer","expires_in":3600}`)(req)
	case strings.HasSuffix(req.URL.Path, "/users") && req.URL.Query().Get("filter") != want.URL.Query().Get("filter"):
		return says(200, `{"totalResults":0,"Resources":[]}`)(req)
	case strings.HasSuffix(want.URL.Path, "/token") && req.URL.Host != want.URL.Host:
		return says(200, `{"id":"token","displayName":"what the token was for","members":[{"value":"u1"}]}`)(req)
	}
	s.next++
	s.compare(want, s.bodies[i], req)
	response := bytes.ReplaceAll(s.responses[i], []byte("<next>"), []byte("https://graph.microsoft.com/next"))
	return http.ReadResponse(bufio.NewReader(bytes.NewReader(append(response, '\n'))), req)
}

// compare holds what was sent to what should be sent. How many items a page may have is up to the client.
func (s *sample) compare(want *http.Request, wantBody []byte, got *http.Request) {
	s.t.Helper()
	if g, w := got.Method+" "+got.URL.Scheme+"://"+got.URL.Host+got.URL.EscapedPath(), want.Method+" "+want.URL.Scheme+"://"+want.URL.Host+want.URL.EscapedPath(); g != w {
		s.t.Errorf("sent %s, want %s", g, w)
	}
	gotQuery, wantQuery := got.URL.Query(), want.URL.Query()
	gotQuery.Del("count")
	wantQuery.Del("count")
	if !reflect.DeepEqual(gotQuery, wantQuery) {
		s.t.Errorf("query %v, want %v", gotQuery, wantQuery)
	}
	for name := range want.Header {
		g, w := got.Header.Get(name), want.Header.Get(name)
		g, _, _ = strings.Cut(g, "; charset")
		if g != w && (w != "<any>" || g == "") {
			s.t.Errorf("%s: %q, want %q", name, g, w)
		}
	}
	var body []byte
	if got.Body != nil {
		body, _ = io.ReadAll(got.Body)
	}
	if !sameBody(body, wantBody) {
		s.t.Errorf("body\n %s\nwant\n %s", body, wantBody)
	}
}

// sameBody compares two JSON bodies, or two forms: MSAL sends more in its form than a sample has.
func sameBody(got, want []byte) bool {
	if !bytes.HasPrefix(want, []byte("{")) {
		g, _ := url.ParseQuery(string(got))
		w, _ := url.ParseQuery(string(want))
		for name := range w {
			if scopes := strings.Fields(g.Get(name)); g.Get(name) != w.Get(name) && (name != "scope" || len(scopes) == 0 || scopes[0] != w.Get(name)) {
				return false
			}
		}
		return true
	}
	var g, w any
	return json.Unmarshal(got, &g) == nil && json.Unmarshal(want, &w) == nil && reflect.DeepEqual(g, w)
}
