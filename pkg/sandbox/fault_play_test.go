package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/sandbox"
)

// TestErrorsHaveTheirVendorsShape plays faults that have a status and no body.
func TestErrorsHaveTheirVendorsShape(t *testing.T) {
	w := faulty(t, `[{"match":"* */429","status":429,"retry_after":7},{"match":"* *","status":503,"retry_after":"Wed, 21 Oct 2026 07:28:00 GMT"}]`)
	for _, c := range []struct{ target, want string }{
		{graphHost + "/v1.0/429", `{"error":{"code":"TooManyRequests",`},
		{graphHost + "/v1.0/x", `{"error":{"code":"serviceNotAvailable",`},
		{apiHost + "/api/429", `"code":"too.many.requests.retry.after"`},
		{apiHost + "/api/429", `"message":"Rate limit exceeded the maximum. Retry the request in [7] seconds","status":429}`},
		{apiHost + "/api/x", `"code":"service.unavailable"`},
		{"https://login.mypurecloud.ie/429", `"error_description":"rate limit exceeded`},
		{"https://login.microsoftonline.com/x", `"error":"temporarily_unavailable"`},
	} {
		a := get(t, w, c.target)
		if !strings.Contains(a.text, c.want) || !json.Valid([]byte(a.text)) {
			t.Errorf("%s: %s, want %s", c.target, a.text, c.want)
		}
		want := "Wed, 21 Oct 2026 07:28:00 GMT"
		if strings.HasSuffix(c.target, "429") {
			want = "7"
		}
		if got := a.header.Get("Retry-After"); got != want {
			t.Errorf("%s: Retry-After %q, want %q", c.target, got, want)
		}
	}
	for status, want := range map[int]string{401: "bad.credentials", 403: "not.authorized", 404: "not.found", 500: "internal.server.error"} {
		w := faulty(t, `[]`)
		if err := w.SetFaults([]sandbox.Fault{{Match: "GET *", Status: status}}); err != nil {
			t.Fatal(err)
		}
		if a := get(t, w, apiHost+"/api/v2/scim/groups"); a.at("code") != want || a.at("status") != float64(status) {
			t.Errorf("%d: %s", status, a.text)
		}
	}
	if a := get(t, faulty(t, `[{"match":"GET *","status":412}]`), apiHost+"/x"); a.at("schemas") == nil || a.at("status") != "412" {
		t.Errorf("412: %s", a.text)
	}
}

func TestFaultBodiesAndHeaders(t *testing.T) {
	for _, c := range []struct {
		fault, text, kind string
		status            int
	}{
		{`{"match":"GET *","body":{"value":[]}}`, `{"value":[]}`, "application/json", 200},
		{`{"match":"GET *","body":"<html>","status":502}`, `<html>`, "text/html", 502},
		{`{"match":"GET *","body":"{"}`, `{`, "application/json", 200},
		{`{"match":"GET *","body":"x","headers":{"Content-Type":"text/plain"}}`, `x`, "text/plain", 200},
		{`{"match":"GET *","status":302,"headers":{"Location":"https://example.com/"}}`, ``, "", 302},
	} {
		a := get(t, faulty(t, "["+c.fault+"]"), graphHost+"/v1.0/groups")
		if a.status != c.status || a.text != c.text || a.header.Get("Content-Type") != c.kind || a.header.Get("request-id") == "" {
			t.Errorf("%s: %d %v %s", c.fault, a.status, a.header, a.text)
		}
	}
}

func TestFaultsThatChangeTheOrdinaryAnswer(t *testing.T) {
	w := small()
	auth, genesys := graphToken(t, w), genesysToken(t, w)
	play := func(faults string) {
		var list []sandbox.Fault
		if err := json.Unmarshal([]byte(faults), &list); err != nil {
			t.Fatal(err)
		}
		if err := w.SetFaults(list); err != nil {
			t.Fatal(err)
		}
	}
	play(`[{"match":"GET /v1.0/*","omit":["@odata.count"],"null":["userPrincipalName"],"set":{"@odata.nextLink":"https://evil.example/"}}]`)
	a := get(t, w, membersURL(10), auth, eventual)
	if _, counted := a.json["@odata.count"]; counted || strings.Join(a.list("userPrincipalName"), "") != "<nil><nil><nil>" || a.at("@odata.nextLink") != "https://evil.example/" {
		t.Errorf("%s", a.text)
	}
	play(`[{"match":"GET *","omit":["members"]}]`)
	if a := get(t, w, apiHost+"/api/v2/scim/groups", genesys); strings.Contains(a.text, "members") {
		t.Errorf("in a list: %s", a.text)
	}
	if a := get(t, w, apiHost+"/api/v2/scim/v2/groups/g1", genesys); strings.Contains(a.text, "members") {
		t.Errorf("in one group: %s", a.text)
	}
	play(`[{"match":"GET *","set":{"@odata.count":12}}]`)
	if a := get(t, w, membersURL(10), auth, eventual); a.at("@odata.count") != 12.0 || len(a.list("id")) != 3 {
		t.Errorf("%s", a.text)
	}
	play(`[{"match":"PUT *","status":201}]`)
	if a := putGroup(t, w, genesys, "g2", `"1"`, ""); a.status != 201 || w.Genesys().Groups[1].Version != 2 {
		t.Errorf("201: %d %s", a.status, a.text)
	}
}

func TestDroppedConnections(t *testing.T) {
	for faults, version := range map[string]int{
		`[{"match":"PUT *","drop":true}]`:              1,
		`[{"match":"PUT *","drop":true,"apply":true}]`: 2,
	} {
		w := faulty(t, faults)
		body := putBody(`{"value":"a1"}`)
		_, err := send(w, "PUT", apiHost+"/api/v2/scim/v2/groups/g2", body, genesysToken(t, w), "Content-Type: "+scimMedia, `If-Match: "1"`)
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: %v, want a reset", faults, err)
		}
		if got := w.Genesys().Groups[1].Version; got != version {
			t.Errorf("%s: version %d, want %d", faults, got, version)
		}
		last := w.Requests()[1]
		if last.Status != 0 || last.Fault == nil || *last.Fault != 0 {
			t.Errorf("%s: logged as %+v", faults, last)
		}
	}
}

func TestApplyWithAStatus(t *testing.T) {
	w := faulty(t, `[{"match":"PUT *","status":503},{"match":"GET *","status":500}]`)
	putGroup(t, w, genesysToken(t, w), "g2", `"1"`, "")
	if got := w.Genesys().Groups[1].Version; got != 1 {
		t.Errorf("without apply: version %d", got)
	}
	w = faulty(t, `[{"match":"PUT *","status":503,"apply":true}]`)
	a := putGroup(t, w, genesysToken(t, w), "g2", `"1"`, "")
	if got := w.Genesys().Groups[1].Version; got != 2 || a.status != 503 || a.at("code") != "service.unavailable" {
		t.Errorf("with apply: version %d, %d %s", got, a.status, a.text)
	}
}

func TestCutBodies(t *testing.T) {
	w := faulty(t, `[{"match":"GET *","cut":10}]`)
	req, _ := http.NewRequest("GET", graphHost+"/v1.0/groups", nil)
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := w.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if len(text) != 10 || !errors.Is(err, io.ErrUnexpectedEOF) || resp.ContentLength <= 10 {
		t.Errorf("%q, %v, Content-Length %d", text, err, resp.ContentLength)
	}
	if a, err := send(faulty(t, `[{"match":"GET *","cut":0}]`), "GET", graphHost+"/v1.0/groups", ""); a.text != "" || err == nil {
		t.Errorf("cut at once: %q, %v", a.text, err)
	}
}

func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := faulty(t, `[{"match":"GET /v1.0/groups","delay":"5s"}]`)
		auth := graphToken(t, w)
		began := time.Now()
		others := make(chan time.Duration)
		go func() {
			time.Sleep(time.Second)
			get(t, w, graphHost+"/v1.0/users", auth)
			others <- time.Since(began)
		}()
		if a := get(t, w, graphHost+"/v1.0/groups", auth); a.status != 200 || time.Since(began) != 5*time.Second {
			t.Errorf("%d after %s, want 200 after 5s", a.status, time.Since(began))
		}
		if took := <-others; took != time.Second {
			t.Errorf("another request waited until %s", took)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		began = time.Now()
		req, _ := http.NewRequestWithContext(ctx, "GET", graphHost+"/v1.0/groups", nil)
		if _, err := w.RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 2*time.Second {
			t.Errorf("%v after %s, want the deadline after 2s", err, time.Since(began))
		}
		if log := w.Requests(); log[len(log)-1].Status != 0 || *log[len(log)-1].Fault != 0 {
			t.Errorf("logged as %+v", log[len(log)-1])
		}
	})
}

func TestPanicIsLoggedFirst(t *testing.T) {
	dir, w := folderOf(t)
	write(t, dir, "faults.json", `[{"match":"GET *","panic":true,"times":1}]`)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		get(t, w, graphHost+"/v1.0/groups")
	}()
	if log := read(t, dir, "requests.jsonl"); !strings.Contains(log, `"status":0`) || !strings.Contains(log, `"fault":0`) {
		t.Errorf("log: %s", log)
	}
	if a := get(t, w, graphHost+"/v1.0/groups"); a.status != 401 {
		t.Errorf("the world is stuck after a panic: %d", a.status)
	}
}

func TestAnotherAdministrator(t *testing.T) {
	for _, c := range []struct {
		when         string
		status       int
		version      int
		members, now string
	}{
		{`"before":true`, 409, 2, "a2", `"2"`},
		{`"before":false`, 200, 3, "a3 a2", `"3"`},
	} {
		w := faulty(t, `[{"match":"PUT *","times":1,"edit":{"group":"Empty Desk","add":["a2"],"remove":["a1"],`+c.when+`}}]`)
		auth := genesysToken(t, w)
		a := putGroup(t, w, auth, "g2", `"1"`, `{"value":"a1"},{"value":"a3"}`)
		group := w.Genesys().Groups[1]
		var members []string
		for _, m := range group.Members {
			members = append(members, m.Value)
		}
		if a.status != c.status || group.Version != c.version || strings.Join(members, " ") != c.members {
			t.Errorf("%s: %d %s, then %+v", c.when, a.status, a.text, group)
		}
	}
	w := faulty(t, `[{"match":"GET *","times":1,"edit":{"group":"g1"}}]`)
	get(t, w, graphHost+"/v1.0/groups")
	if got := w.Genesys().Groups[0].Version; got != 8 {
		t.Errorf("the first group, by its id: version %d", got)
	}
	w = faulty(t, `[{"match":"GET *","edit":{"group":"Nowhere"}}]`)
	if _, err := send(w, "GET", graphHost+"/v1.0/groups", ""); err == nil || !strings.Contains(err.Error(), "Nowhere") {
		t.Errorf("a group that is not there: %v", err)
	}
}
