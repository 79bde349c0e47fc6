package genesys_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

const (
	clientID = "11aa22bb-client"
	password = "genesys~secret/value"
	token    = "opaque-genesys-token"
)

// fake is a transport that answers for an org.
type fake struct {
	t      *testing.T
	answer func(*http.Request) *http.Response // of the API
	login  func(n int) *http.Response         // of the n-th sign-in
	mu     sync.Mutex
	asked  []*http.Request
	bodies []string
	logins []*http.Request
	forms  []string
}

func newFake(t *testing.T, answer func(*http.Request) *http.Response) *fake {
	return &fake{t: t, answer: answer}
}

func (f *fake) RoundTrip(req *http.Request) (*http.Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body := ""
	if req.Body != nil {
		data, _ := io.ReadAll(req.Body)
		body = string(data)
	}
	var resp *http.Response
	switch req.URL.Host {
	case "login.mypurecloud.ie":
		f.logins, f.forms = append(f.logins, req), append(f.forms, body)
		resp = reply(200, map[string]any{"access_token": token, "token_type": "bearer", "expires_in": 86400})
		if f.login != nil {
			resp = f.login(len(f.logins))
		}
	case "api.mypurecloud.ie":
		f.asked, f.bodies = append(f.asked, req), append(f.bodies, body)
		resp = f.answer(req)
	default:
		f.t.Errorf("nobody answers %s", req.URL)
	}
	if resp == nil {
		return nil, io.ErrUnexpectedEOF
	}
	// A test may give the same answer several times.
	data, _ := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(data))
	mine := *resp
	mine.Body, mine.Request = io.NopCloser(bytes.NewReader(data)), req
	return &mine, nil
}

func (f *fake) conn(change ...func(*genesys.Options)) *genesys.Conn {
	f.t.Helper()
	h, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: f})
	if err != nil {
		f.t.Fatal(err)
	}
	region, err := genesys.ParseRegion("eu-west-1")
	if err != nil {
		f.t.Fatal(err)
	}
	o := genesys.Options{Region: region, ClientID: clientID, Secret: secret.New(password), HTTP: h, UserAgent: "callroll/test"}
	for _, c := range change {
		c(&o)
	}
	conn, err := genesys.Connect(o)
	if err != nil {
		f.t.Fatal(err)
	}
	return conn
}

func reply(status int, body any, headers ...string) *http.Response {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	if text, ok := body.(string); ok {
		_, _ = io.WriteString(w, text)
	} else {
		_ = json.NewEncoder(w).Encode(body)
	}
	return w.Result()
}

// listing answers a list of SCIM resources, with at most size of them on a page, whatever is requested.
func listing(total, size int, all []map[string]any) func(url.Values) *http.Response {
	return func(query url.Values) *http.Response {
		start, _ := strconv.Atoi(query.Get("startIndex"))
		from := min(max(start-1, 0), len(all))
		page := all[from:min(from+size, len(all))]
		return reply(200, map[string]any{"totalResults": total, "startIndex": start, "itemsPerPage": len(page), "Resources": page})
	}
}

func users(from, to int, active any) []map[string]any {
	var all []map[string]any
	for n := from; n <= to; n++ {
		u := map[string]any{"id": fmt.Sprintf("u%04d", n), "userName": fmt.Sprintf("p%d@contoso.example", n)}
		if active != nil {
			u["active"] = active
		}
		all = append(all, u)
	}
	return all
}

func group(id string, members ...string) map[string]any {
	refs := []map[string]any{}
	for _, m := range members {
		refs = append(refs, map[string]any{"type": "User", "value": m})
	}
	return map[string]any{"id": id, "displayName": "Group " + id, "members": refs, "meta": map[string]any{"version": "7"}}
}

func without(g map[string]any, attribute string) map[string]any {
	delete(g, attribute)
	return g
}

func wantCause(t *testing.T, err error, cause membership.Cause, words ...string) {
	t.Helper()
	if err == nil || membership.CauseOf(err) != cause {
		t.Fatalf("error %v, want one with the cause %s", err, cause)
	}
	for _, word := range words {
		if !strings.Contains(err.Error()+"\nhint: "+membership.HintOf(err), word) {
			t.Errorf("error %v (hint: %s), want %q in it", err, membership.HintOf(err), word)
		}
	}
	if strings.Contains(err.Error(), password) || strings.Contains(err.Error(), token) {
		t.Errorf("a secret is in %v", err)
	}
}
