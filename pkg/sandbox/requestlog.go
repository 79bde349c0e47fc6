package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Request is one request that arrived: a line of requests.jsonl. No header but the two named here is kept, and of bodies
// only that of a PUT, so that no token and no secret can stand in the log.
type Request struct {
	Time           time.Time       `json:"time"`
	Host           string          `json:"host"` // the ordinary host of the service, also on sockets
	Method         string          `json:"method"`
	Path           string          `json:"path"`
	Query          string          `json:"query,omitempty"`
	Status         int             `json:"status"` // 0: no answer left
	RequestID      string          `json:"request_id"`
	Fault          *int            `json:"fault,omitempty"` // which of the faults it met, counted from 0
	IfMatch        string          `json:"if_match,omitempty"`
	IdempotencyKey string          `json:"idempotency_key,omitempty"`
	Body           json.RawMessage `json:"body,omitempty"`
}

// Requests returns what this World was asked so far.
func (w *World) Requests() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

// record logs a request and how it was answered.
func (w *World) record(c *call, r *reply, fault metFault) error {
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
	data, err := encodeJSON(line)
	if err != nil {
		return fmt.Errorf("sandbox: request log: %w", err)
	}
	return w.folder.appendLine(requestsFile, data)
}

// loggedBody keeps a JSON body as it is, and anything else as a string.
func loggedBody(body []byte) json.RawMessage {
	if json.Valid(body) {
		return slices.Clone(body)
	}
	quoted, _ := json.Marshal(string(body)) // a string always can be
	return quoted
}
