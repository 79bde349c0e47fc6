package sandbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// Request is one request that was received: a line of requests.jsonl. It has only two of the headers, and only the body of
// a PUT, so that the log cannot contain a token or a secret.
type Request struct {
	Time           time.Time       `json:"time"`
	Host           string          `json:"host"` // the service's real host, also on sockets
	Method         string          `json:"method"`
	Path           string          `json:"path"`
	Query          string          `json:"query,omitempty"`
	Status         int             `json:"status"` // 0 if no answer was sent
	RequestID      string          `json:"request_id"`
	Fault          *int            `json:"fault,omitempty"` // index of the fault that was played
	IfMatch        string          `json:"if_match,omitempty"`
	IdempotencyKey string          `json:"idempotency_key,omitempty"`
	Body           json.RawMessage `json:"body,omitempty"`
}

// Requests returns the requests that this World has received.
func (w *World) Requests() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

// record logs a request and its answer.
func (w *World) record(c *request, r *reply, fault matchedFault) error {
	line := Request{
		Time:           time.Now().UTC().Truncate(time.Millisecond),
		Host:           c.host,
		Method:         c.method,
		Path:           c.path(),
		Query:          c.url.RawQuery,
		RequestID:      c.id,
		IfMatch:        c.header.Get("If-Match"),
		IdempotencyKey: c.header.Get("Idempotency-Key"),
	}
	if !r.drop && !fault.Panic && !fault.Kill {
		line.Status = r.status
	}
	if fault.index >= 0 {
		line.Fault = &fault.index
	}
	if c.method == http.MethodPut {
		line.Body = loggedBody(c.body)
	}
	w.log = append(w.log, line)
	if w.folder == nil {
		return nil
	}
	return w.folder.appendLine(requestsFile, line)
}

// loggedBody returns a JSON body unchanged, and any other body as a string.
func loggedBody(body []byte) json.RawMessage {
	if json.Valid(body) {
		return slices.Clone(body)
	}
	quoted, _ := json.Marshal(string(body)) // never fails for a string
	return quoted
}
