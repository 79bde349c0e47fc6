package simulation

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing/synctest"
)

// rawAnswer is an answer to send over a connection.
type rawAnswer struct {
	status int
	header http.Header // without the length of the body
	body   string
}

// head returns the status line and the headers, with a header for the length of the body.
func (a rawAnswer) head(status int, length string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		for _, value := range a.header[name] {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	if length != "" {
		b.WriteString(length + "\r\n")
	}
	return b.String() + "\r\n"
}

func length(n int) string { return fmt.Sprint("Content-Length: ", n) }

func chunk(body string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(body), body) }

const chunked = "Transfer-Encoding: chunked"

// wireFaultKinds are the ways to damage the bytes of an answer, by name. Some of them are harmless.
func wireFaultKinds() map[string]func(rawAnswer) string {
	return map[string]func(rawAnswer) string{
		"a short length":    func(a rawAnswer) string { return a.head(a.status, length(len(a.body)/2)) + a.body },
		"a length of 0":     func(a rawAnswer) string { return a.head(a.status, length(0)) + a.body },
		"a long length":     func(a rawAnswer) string { return a.head(a.status, length(len(a.body)+9)) + a.body },
		"a 204 with a body": func(a rawAnswer) string { return a.head(http.StatusNoContent, "") + a.body },
		"a 304 with a body": func(a rawAnswer) string { return a.head(http.StatusNotModified, "") + a.body },
		"a 205 with a body": func(a rawAnswer) string { return a.head(http.StatusResetContent, length(len(a.body))) + a.body },
		"a 101":             func(a rawAnswer) string { return a.head(http.StatusSwitchingProtocols, "") + a.body },
		"a hint before": func(a rawAnswer) string {
			return "HTTP/1.1 103 Early Hints\r\nLink: </" + a.body[:len(a.body)/2] + ">\r\n\r\n" + a.whole()
		},
		"a chunk cut":    func(a rawAnswer) string { return a.head(a.status, chunked) + chunk(a.body)[:len(a.body)/2+5] },
		"no last chunk":  func(a rawAnswer) string { return a.head(a.status, chunked) + chunk(a.body) },
		"an empty chunk": func(a rawAnswer) string { return a.head(a.status, chunked) + chunk("") + chunk(a.body) },
		"a trailer": func(a rawAnswer) string {
			return a.head(a.status, chunked) + chunk(a.body) + "0\r\nX-Body: " + a.body + "\r\n\r\n"
		},
		"a body twice":    func(a rawAnswer) string { return a.whole() + a.body },
		"an answer twice": func(a rawAnswer) string { return a.whole() + a.whole() },
		"no head":         func(a rawAnswer) string { return a.body + "\r\n\r\n" },
		"another packing": otherEncoding,
	}
}

func (a rawAnswer) whole() string { return a.head(a.status, length(len(a.body))) + a.body }

// otherEncoding adds a Content-Encoding to a plain body, or removes it from a compressed one.
func otherEncoding(a rawAnswer) string {
	packed := a.header.Get("Content-Encoding")
	a.header = a.header.Clone()
	a.header.Del("Content-Encoding")
	if packed == "" {
		a.header.Set("Content-Encoding", "gzip")
	}
	return a.whole()
}

// sendWithFault sends an answer with damaged bytes over a connection, and returns what net/http reads. It also says whether
// the answer was received undamaged nevertheless.
func sendWithFault(ctx context.Context, answer *http.Response, how func(rawAnswer) string) (*http.Response, bool, error) {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return answer, false, err
	}
	a := rawAnswer{answer.StatusCode, answer.Header.Clone(), string(body)}
	if a.header.Get("Content-Encoding") == "" { // some faults write the body to a header; a compressed body is not text
		a.body = strings.ReplaceAll(strings.TrimSpace(a.body), "\n", " ")
	}
	a.header.Del("Content-Length")
	client, server := net.Pipe()
	defer func() { _ = client.Close() }() // else the other end waits for a request that was stopped before it was sent
	go serve(server, how(a))
	over := &http.Transport{
		DisableCompression: true,
		DialContext:        func(context.Context, string, string) (net.Conn, error) { return client, nil },
	}
	defer synctest.Wait() // until net/http has found excess bytes
	defer over.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+answer.Request.URL.Host+"/", http.NoBody)
	if err != nil {
		return nil, false, err
	}
	got, err := over.RoundTrip(request)
	if err != nil {
		return nil, false, err
	}
	read, err := io.ReadAll(got.Body)
	err = errors.Join(err, got.Body.Close())
	got.Body, got.Request = io.NopCloser(io.MultiReader(bytes.NewReader(read), errReader{err})), answer.Request
	reset := got.StatusCode == http.StatusResetContent && a.status == http.StatusOK
	good := got.StatusCode == a.status || reset && answer.Request.Method == http.MethodGet
	same := good && string(read) == a.body && got.Header.Get("Content-Encoding") == a.header.Get("Content-Encoding")
	return got, same && err == nil, nil
}

// serve answers one request with a text.
func serve(conn net.Conn, text string) {
	defer func() { _ = conn.Close() }()
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
		_, _ = io.WriteString(conn, text) // the client may close the connection
	}
}

// applyWireFault damages the answer to a request, if this is planned.
func (w wire) applyWireFault(r *http.Request, n int, answer *http.Response) (*http.Response, error) {
	kind := w.run.wireFaults[n]
	if kind == "" {
		return answer, nil
	}
	log := w.world.Requests()
	last := log[len(log)-1]
	answer, whole, err := sendWithFault(r.Context(), answer, wireFaultKinds()[kind])
	w.met[choose(whole, "on the wire, and harmless: ", "on the wire: ")+kind]++
	w.logf("%s %s comes with %s: %v", r.Method, r.URL.Path, kind, err)
	if !whole {
		w.run.lostAnswers[last.RequestID] = true
	}
	return answer, err
}

// recordTokens records the tokens that are issued.
func (w wire) recordTokens(r *http.Request, answer *http.Response) {
	if !strings.Contains(r.URL.Path, "/token") {
		return
	}
	data, err := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), errReader{err}))
	var given struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(data, &given) == nil && given.Token != "" {
		w.tokens = append(w.tokens, given.Token)
	}
}

// containsSecret says whether a text contains a secret, or a part of a token.
func (s *sim) containsSecret(text string) bool {
	if containsSecret(text) {
		return true
	}
	return slices.ContainsFunc(s.tokens, func(token string) bool {
		return strings.Contains(text, token[len(token)-min(len(token), 20):])
	})
}
