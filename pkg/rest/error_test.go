package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// vendor reads an error body with a code and a message.
func vendor(_ int, body []byte) rest.Detail {
	var b struct{ Code, Message, Limit, ID string }
	_ = json.Unmarshal(body, &b)
	d := rest.Detail{Code: b.Code, Message: b.Message, Limit: b.Limit, Throttled: b.Code == "later", Own: b.Code != ""}
	if b.ID != "" {
		d.RequestIDs = []string{"contextId " + b.ID}
	}
	return d
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		name string
		give answer
		want string
	}{
		{"vendor's words", says(403, `{"code":"Denied","message":"no privileges"}`, "request-id: 1234"),
			"GET /things/4711: 403 Denied: no privileges (request-id 1234)"},
		{"both ids, each once", says(403, `{"code":"Denied","id":"c1"}`, "request-id: 1234"), "GET /things/4711: 403 Denied (request-id 1234, contextId c1)"},
		{"the same id", says(403, `{"code":"Denied","id":"1234"}`, "request-id: 1234"), "GET /things/4711: 403 Denied (request-id 1234)"},
		{"limit", says(400, `{"code":"full","limit":"scim groups.max 5"}`), "GET /things/4711: 400 full (limit scim groups.max 5)"},
		{"no body", says(404, ""), "GET /things/4711: 404 Not Found"},
		{"a page for people", says(501, "<html>\r\n<title>Bad\x1b[31m Gate\u202eway</title>"), "GET /things/4711: 501 <html> <title>Bad [31m Gate way</title>"},
		{"a long page", says(501, strings.Repeat("x", 5000)), "GET /things/4711: 501 " + strings.Repeat("x", 299) + "…"},
		{"redirect", says(307, "", "Location: https://evil.example/p?q=private"), "GET /things/4711: 307 answers with a redirect to evil.example, which is not followed"},
		{"several attempts", says(503, ""), "GET /things/4711: 503 Service Unavailable (5 attempts)"},
		{"network", breaks(io.ErrUnexpectedEOF), "GET service.example/things/4711: unexpected EOF (5 attempts)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := client(t, &script{answers: []answer{tt.give}}, func(o *rest.Options) { o.DecodeError = vendor })
				r := get("/things/4711")
				r.Query = url.Values{"$filter": {"name eq 'private'"}}
				_, err := c.Do(t.Context(), r, nil)
				if err == nil || err.Error() != tt.want {
					t.Errorf("error\n %v, want\n %s", err, tt.want)
				}
			})
		})
	}
}

func TestAnswersThatCannotBeUsed(t *testing.T) {
	cutBody := func(req *http.Request) (*http.Response, error) {
		resp, err := says(200, "")(req)
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"a":1`), broken{}))
		return resp, err
	}
	tests := []struct {
		name  string
		give  answer
		want  string
		calls int
	}{
		{"HTML", says(200, "<html>hello</html>"), "cannot be read as JSON", 1},
		{"garbage behind it", says(200, `{"a":1} trailing`), "cannot be read as JSON", 1},
		{"too deep", says(200, `{"b":`+strings.Repeat("[", 20_000)), "cannot be read as JSON", 1},
		{"a name twice", says(200, `{"a":1,"b":2,"\u0061":3}`), "the same name twice", 1},
		{"something behind it", says(200, `{"a":1}{"a":2}`), "something follows the end", 1},
		{"another kind", says(200, `[1]`), "a JSON array where none belongs (at the top)", 1},
		{"wrong type", says(200, `{"a":"private"}`), "a JSON string where none belongs (/a)", 1},
		{"too large", says(200, `{"a":`+strings.Repeat(" ", 2000)+`1}`), "larger than 1000 bytes", 1},
		{"cut JSON", says(200, `{"a":1`), "cut short", 5},
		{"cut connection", cutBody, "cut short", 5},
		{"nothing", says(200, ""), "cut short", 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: []answer{tt.give}}
				c := client(t, s, func(o *rest.Options) { o.MaxBody = 1000 })
				if strings.HasPrefix(tt.name, "too deep") {
					c = client(t, s)
				}
				var into struct {
					A int `json:"a"`
				}
				_, err := c.Do(t.Context(), get("/x"), &into)
				e := failure(t, err)
				if e.Kind != rest.Unusable || e.Status != 200 || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("error %v of kind %q, want %q and 200", err, e.Kind, tt.want)
				}
				if strings.Contains(err.Error(), "private") || strings.Contains(err.Error(), "hello") {
					t.Errorf("the answer's text is in %v", err)
				}
				if s.count() != tt.calls {
					t.Errorf("sent %d times, want %d", s.count(), tt.calls)
				}
				if _, err := c.Do(t.Context(), put("/x"), nil); err != nil {
					t.Errorf("a write whose status is 200: %v, want its body not to matter", err)
				}
			})
		})
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Incident 25: the token stood in the debug log. A service may echo what it was sent.
func TestSecretsThatAreEchoed(t *testing.T) {
	const token, password = "opaque-token-4711", "pass/word+1"
	jwt := "eyJ0eXAiOiJKV1QifQ.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
	body, _ := json.Marshal(map[string]string{"code": "no " + token, "message": strings.Join([]string{
		"Authorization: Bearer abcdefghijklmnop", token, password, url.QueryEscape(password),
		base64.StdEncoding.EncodeToString([]byte(password)), jwt, "client_secret=unknown-one", `"access_token":"unknown-two"`,
	}, " ")})
	synctest.Test(t, func(t *testing.T) {
		var told strings.Builder
		c := client(t, &script{answers: []answer{says(500, string(body), "request-id: "+token)}}, func(o *rest.Options) {
			o.DecodeError, o.Redact = vendor, rest.NewRedactor(secret.New(password))
			o.Token = staticToken(token)
			o.Trace.Exchange = func(e rest.Exchange) { told.WriteString(e.Body + strings.Join(e.RequestIDs, " ")) }
			o.Trace.Wait = func(w rest.Wait) { told.WriteString(w.Why) }
		})
		_, err := c.Do(t.Context(), get("/x"), nil)
		for _, leak := range []string{token, password, url.QueryEscape(password), base64.StdEncoding.EncodeToString([]byte(password)), "abcdefghijk", "c2lnbmF0dXJl", "unknown-one", "unknown-two"} {
			if strings.Contains(err.Error(), leak) || strings.Contains(told.String(), leak) {
				t.Errorf("%q is in the error %v or in the trace %s", leak, err, told.String())
			}
		}
	})
}

func TestTraceTellsEachExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []rest.Exchange
		s := &script{answers: []answer{breaks(io.ErrUnexpectedEOF), says(500, "stack trace", "request-id: r9"), says(200, `{"name":"private"}`)}}
		c := client(t, s, func(o *rest.Options) { o.Trace.Exchange = func(e rest.Exchange) { seen = append(seen, e) } })
		if _, err := c.Do(t.Context(), rest.Request{Method: "GET", Path: "/x", Query: url.Values{"q": {"private"}}}, nil); err != nil {
			t.Fatal(err)
		}
		if len(seen) != 3 || seen[0].Err == nil || seen[1].Status != 500 || seen[1].Body != "stack trace" || seen[1].RequestIDs[0] != "request-id r9" ||
			seen[2].Body != "" || seen[2].Attempt != 3 || seen[2].Path != "/x" || seen[2].Host != "service.example" {
			t.Errorf("told of %+v", seen)
		}
	})
}

func TestThrottledByItsBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answer{says(400, `{"code":"later"}`), says(200, "{}")}}
		c := client(t, s, func(o *rest.Options) { o.DecodeError = vendor })
		if _, err := c.Do(t.Context(), put("/x"), nil); err != nil || s.count() != 2 {
			t.Errorf("sent %d times, %v; want a second time", s.count(), err)
		}
	})
}

func TestQueryAndHeaders(t *testing.T) {
	s := &script{answers: []answer{says(200, "{}")}}
	c := client(t, s, func(o *rest.Options) {
		o.Base, o.UserAgent = "https://service.example/prefix/", "callroll/1"
		o.Prepare = func(h http.Header) { h.Set("X-Id", "7") }
	})
	r := get("/x%2Fy")
	r.Query = url.Values{"$select": {"id,mail"}, "$filter": {"upn in ('a+b#c')"}}
	if _, err := c.Do(t.Context(), r, nil); err != nil {
		t.Fatal(err)
	}
	want := "https://service.example/prefix/x%2Fy?$filter=upn%20in%20%28%27a%2Bb%23c%27%29&$select=id,mail"
	if got := s.seen[0].URL.String(); got != want {
		t.Errorf("asked for\n %s, want\n %s", got, want)
	}
	for name, want := range map[string]string{"Accept": "application/json", "User-Agent": "callroll/1", "X-Id": "7", "Authorization": ""} {
		if got := s.seen[0].Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// An error is the service's own if its body is, and comes as JSON. A gateway may repeat the words on a page for people.
func TestWhoseErrorItIs(t *testing.T) {
	const own = `{"code":"not.found","message":"no such group"}`
	for _, test := range []struct {
		body, contentType string
		want              bool
	}{
		{own, "application/json", true},
		{own, "application/scim+json; charset=utf-8", true},
		{own, "text/html", false},
		{own, "", false},
		{"<html>no such page</html>", "application/json", false},
		{"", "application/json", false},
	} {
		c := client(t, &script{answers: []answer{says(404, test.body, "Content-Type: "+test.contentType)}}, func(o *rest.Options) { o.DecodeError = vendor })
		_, err := c.Do(t.Context(), get("/things/4711"), nil)
		if e := failure(t, err); e.Own != test.want {
			t.Errorf("%q as %q: Own = %v", test.body, test.contentType, e.Own)
		}
	}
}

// Of the body of an error only the beginning is read, however much a gateway sends.
func TestTheBodyOfAnErrorIsBounded(t *testing.T) {
	sent := &counting{}
	endless := func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 400, Header: http.Header{}, Body: io.NopCloser(sent), Request: req}, nil
	}
	_, err := client(t, &script{answers: []answer{endless}}).Do(t.Context(), get("/things/4711"), nil)
	if e := failure(t, err); e.Status != 400 || sent.n > 1<<20 {
		t.Errorf("%d bytes were read: %v", sent.n, err)
	}
}

// counting is a body of many megabytes that counts what is read of it.
type counting struct{ n int }

func (c *counting) Read(p []byte) (int, error) {
	if c.n > 10<<20 {
		return 0, io.EOF
	}
	c.n += len(p)
	return copy(p, strings.Repeat("x", len(p))), nil
}
