package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/callroll/callroll/pkg/sandbox"
)

func TestOtherHostsAndSchemes(t *testing.T) {
	for _, target := range []string{"https://example.com/", "https://api.mypurecloud.de/api/v2/scim/groups", "https://graph.microsoft.com.example.com/"} {
		_, err := send(small(), "GET", target, "")
		var dns *net.DNSError
		if !errors.As(err, &dns) || !dns.IsNotFound || !strings.Contains(err.Error(), "no such host in the sandbox") {
			t.Errorf("GET %s: %v, want no such host", target, err)
		}
	}
	if _, err := send(small(), "GET", "http://graph.microsoft.com/v1.0/groups", ""); err == nil || !strings.Contains(err.Error(), "only https") {
		t.Errorf("http: %v, want only https", err)
	}
	if _, err := send(small(), "GET", "https://graph.microsoft.com:443/v1.0/groups", ""); err != nil {
		t.Errorf("with the ordinary port: %v", err)
	}
}

func TestRoundTripHonoursTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := small()
	req, _ := http.NewRequestWithContext(ctx, "GET", graphHost+"/v1.0/groups", nil)
	if _, err := w.RoundTrip(req); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if n := len(w.Requests()); n != 0 {
		t.Errorf("%d requests were logged", n)
	}
}

// TestRoundTripClosesTheBody checks a requirement of http.RoundTripper.
func TestRoundTripClosesTheBody(t *testing.T) {
	for _, target := range []string{graphHost + "/v1.0/groups", "https://example.com/", "http://example.com/"} {
		body := &closeRecorder{Reader: strings.NewReader("{}")}
		req, _ := http.NewRequest("PUT", target, body)
		if resp, err := small().RoundTrip(req); err == nil {
			resp.Body.Close()
		}
		if !body.closed {
			t.Errorf("PUT %s: the body stays open", target)
		}
	}
}

type closeRecorder struct {
	io.Reader
	closed bool
}

func (c *closeRecorder) Close() error { c.closed = true; return nil }

// TestSocketsSpeakTheSame signs in with MSAL over TLS, follows next links, and writes.
func TestSocketsSpeakTheSame(t *testing.T) {
	e := smallEntra()
	e.PageSize = 2
	w := sandbox.New(e, smallGenesys())
	server := httptest.NewTLSServer(w)
	defer server.Close()
	transport := server.Client().Transport

	t.Setenv("MSAL_FORCE_REGION", "")
	cred, _ := confidential.NewCredFromSecret(e.ClientSecret)
	client, err := confidential.New(server.URL+"/"+e.TenantID, e.ClientID, cred,
		confidential.WithHTTPClient(server.Client()), confidential.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	result, err := client.AcquireTokenByCredential(context.Background(), []string{server.URL + "/.default"})
	if err != nil {
		t.Fatal(err)
	}
	next, seen := server.URL+"/v1.0/groups/"+id(10)+"/members/microsoft.graph.user?$count=true", 0
	for next != "" {
		a := get(t, transport, next, "Authorization: Bearer "+result.AccessToken, eventual)
		seen += len(a.list("id"))
		next, _ = a.at("@odata.nextLink").(string)
		if next != "" && !strings.HasPrefix(next, server.URL+"/v1.0/") {
			t.Fatalf("the next link leads elsewhere: %s", next)
		}
	}
	if seen != 3 {
		t.Errorf("%d members, want 3", seen)
	}

	g := smallGenesys()
	token := ask(t, transport, "POST", server.URL+"/oauth/token", "grant_type=client_credentials", formType, basic(g.ClientID, g.ClientSecret))
	auth := "Authorization: Bearer " + token.at("access_token").(string)
	a := ask(t, transport, "PUT", server.URL+"/api/v2/scim/v2/groups/g2", putBody(`{"value":"a1"}`), auth, "Content-Type: "+scimMedia, `If-Match: "1"`)
	if a.status != 200 || a.header.Get("ETag") != `"2"` {
		t.Errorf("PUT: %d %s", a.status, a.text)
	}
	if a := get(t, transport, server.URL+"/api/v2/scim/v2/groups/g2", auth, `If-None-Match: "2"`); a.status != 304 {
		t.Errorf("If-None-Match: %d %s", a.status, a.text)
	}
	if r := w.Requests(); r[0].Host != "login.microsoftonline.com" || r[len(r)-1].Host != "api.mypurecloud.ie" {
		t.Errorf("logged hosts: %s, %s", r[0].Host, r[len(r)-1].Host)
	}
}

func TestSocketsCutAndDrop(t *testing.T) {
	w := small()
	server := httptest.NewTLSServer(w)
	defer server.Close()
	if err := w.SetFaults([]sandbox.Fault{
		{Match: "GET /v1.0/users", Drop: true}, {Match: "GET graph.microsoft.com/v1.0/groups", Cut: new(5)}, {Match: "GET /v1.0/*", Cut: new(0)},
	}); err != nil {
		t.Fatal(err)
	}
	transport := server.Client().Transport
	if _, err := send(transport, "GET", server.URL+"/v1.0/users", ""); err == nil {
		t.Error("drop: there was an answer")
	}
	if a, err := send(transport, "GET", server.URL+"/v1.0/groups", ""); !errors.Is(err, io.ErrUnexpectedEOF) || len(a.text) != 5 {
		t.Errorf("cut: %q, %v", a.text, err)
	}
	if a, err := send(transport, "GET", server.URL+"/v1.0/me", ""); !errors.Is(err, io.ErrUnexpectedEOF) || a.text != "" {
		t.Errorf("cut at once: %q, %v", a.text, err)
	}
}

func TestRequestLogTellsNoSecret(t *testing.T) {
	dir := t.TempDir() + "/play"
	w := open(t, dir)
	e, g := w.Entra(), w.Genesys()
	entra, genesys := graphToken(t, w), genesysToken(t, w)
	get(t, w, graphHost+"/v1.0/groups", entra)
	target := "/api/v2/scim/v2/groups/" + g.Groups[0].ID
	ask(t, w, "PUT", apiHost+target, `{"id":"x"}`, genesys, "Content-Type: "+scimMedia, `If-Match: "56"`, "Idempotency-Key: k")
	log := read(t, dir, "requests.jsonl")
	for _, secret := range []string{e.ClientSecret, g.ClientSecret, strings.Fields(entra)[2], strings.Fields(genesys)[2], "Bearer", "Basic"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log has %q", secret)
		}
	}
	lines := w.Requests()
	if n := strings.Count(log, "\n"); n != len(lines) || n != 4 {
		t.Errorf("%d lines, %d requests, want 4", n, len(lines))
	}
	put := lines[3]
	if put.Method != "PUT" || put.Path != target || put.Status != 400 || put.IfMatch != `"56"` || put.IdempotencyKey != "k" || string(put.Body) != `{"id":"x"}` || put.RequestID == "" || put.Fault != nil {
		t.Errorf("the PUT's line: %+v", put)
	}
}
