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

// raw is an answer on its way over a connection.
type raw struct {
	status int
	header http.Header // without what says how long the body is
	body   string
}

// head is what stands before a body, with a line that says how long that is.
func (a raw) head(status int, length string) string {
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

// misbehaviours are the ways in which the bytes of an answer may misbehave, by a name. Some of them leave the answer whole.
func misbehaviours() map[string]func(raw) string {
	return map[string]func(raw) string{
		"a short length":    func(a raw) string { return a.head(a.status, length(len(a.body)/2)) + a.body },
		"a length of 0":     func(a raw) string { return a.head(a.status, length(0)) + a.body },
		"a long length":     func(a raw) string { return a.head(a.status, length(len(a.body)+9)) + a.body },
		"a 204 with a body": func(a raw) string { return a.head(http.StatusNoContent, "") + a.body },
		"a 304 with a body": func(a raw) string { return a.head(http.StatusNotModified, "") + a.body },
		"a 205 with a body": func(a raw) string { return a.head(http.StatusResetContent, length(len(a.body))) + a.body },
		"a 101":             func(a raw) string { return a.head(http.StatusSwitchingProtocols, "") + a.body },
		"a hint before": func(a raw) string {
			return "HTTP/1.1 103 Early Hints\r\nLink: </" + a.body[:len(a.body)/2] + ">\r\n\r\n" + a.whole()
		},
		"a chunk cut":    func(a raw) string { return a.head(a.status, chunked) + chunk(a.body)[:len(a.body)/2+5] },
		"no last chunk":  func(a raw) string { return a.head(a.status, chunked) + chunk(a.body) },
		"an empty chunk": func(a raw) string { return a.head(a.status, chunked) + chunk("") + chunk(a.body) },
		"a trailer": func(a raw) string {
			return a.head(a.status, chunked) + chunk(a.body) + "0\r\nX-Body: " + a.body + "\r\n\r\n"
		},
		"a body twice":    func(a raw) string { return a.whole() + a.body },
		"an answer twice": func(a raw) string { return a.whole() + a.whole() },
		"no head":         func(a raw) string { return a.body + "\r\n\r\n" },
		"another packing": otherPacking,
	}
}

func (a raw) whole() string { return a.head(a.status, length(len(a.body))) + a.body }

// otherPacking says of a body that it is packed if it is not, and says nothing if it is.
func otherPacking(a raw) string {
	packed := a.header.Get("Content-Encoding")
	a.header = a.header.Clone()
	a.header.Del("Content-Encoding")
	if packed == "" {
		a.header.Set("Content-Encoding", "gzip")
	}
	return a.whole()
}

// misbehave lets an answer go over a connection on which its bytes misbehave, as net/http reads them. It says whether the answer
// has come over whole nevertheless.
func misbehave(ctx context.Context, answer *http.Response, how func(raw) string) (*http.Response, bool, error) {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return answer, false, err
	}
	a := raw{answer.StatusCode, answer.Header.Clone(), string(body)}
	if a.header.Get("Content-Encoding") == "" { // a body may stand in a header; what is packed is not text
		a.body = strings.ReplaceAll(strings.TrimSpace(a.body), "\n", " ")
	}
	a.header.Del("Content-Length")
	client, server := net.Pipe()
	go serve(server, how(a))
	over := &http.Transport{
		DisableCompression: true,
		DialContext:        func(context.Context, string, string) (net.Conn, error) { return client, nil },
	}
	defer synctest.Wait() // until net/http has found what was sent too much
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
	got.Body, got.Request = io.NopCloser(io.MultiReader(bytes.NewReader(read), failing{err})), answer.Request
	reset := got.StatusCode == http.StatusResetContent && a.status == http.StatusOK
	good := got.StatusCode == a.status || reset && answer.Request.Method == http.MethodGet
	same := good && string(read) == a.body && got.Header.Get("Content-Encoding") == a.header.Get("Content-Encoding")
	return got, same && err == nil, nil
}

// serve answers one request with a text.
func serve(conn net.Conn, text string) {
	defer func() { _ = conn.Close() }()
	if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
		_, _ = io.WriteString(conn, text) // the client hangs up when it likes
	}
}

// spoil lets the answer to a request misbehave if the seed says so.
func (w wire) spoil(r *http.Request, n int, answer *http.Response) (*http.Response, error) {
	kind := w.run.spoils[n]
	if kind == "" {
		return answer, nil
	}
	log := w.world.Requests()
	last := log[len(log)-1]
	answer, whole, err := misbehave(r.Context(), answer, misbehaviours()[kind])
	w.met[pickWord(whole, "on the wire, and harmless: ", "on the wire: ")+kind]++
	w.say("%s %s comes with %s: %v", r.Method, r.URL.Path, kind, err)
	if !whole {
		w.run.lost[last.RequestID] = true
	}
	return answer, err
}

// hear takes down the tokens that are given out.
func (w wire) hear(r *http.Request, answer *http.Response) {
	if !strings.Contains(r.URL.Path, "/token") {
		return
	}
	data, err := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), failing{err}))
	var given struct {
		Token string `json:"access_token"`
	}
	if json.Unmarshal(data, &given) == nil && given.Token != "" {
		w.tokens = append(w.tokens, given.Token)
	}
}

// tells says whether a text has a secret in it, or a piece of a token.
func (s *sim) tells(text string) bool {
	if tells(text) {
		return true
	}
	return slices.ContainsFunc(s.tokens, func(token string) bool {
		return strings.Contains(text, token[len(token)-min(len(token), 20):])
	})
}
