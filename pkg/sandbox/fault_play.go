package sandbox

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// respond carries out a request, with its fault.
func (w *World) respond(c *request, f matchedFault) (*reply, error) {
	before := f.Edit != nil && f.Edit.Before
	if before {
		if err := w.edit(f.Edit); err != nil {
			return nil, err
		}
	} else if f.Edit != nil {
		if _, _, err := w.edited(f.Edit); err != nil { // an error must be found before the request is carried out
			return nil, err
		}
	}
	instead := f.Drop || f.Panic || f.Kill || f.Body != nil || f.Status >= 300
	var r *reply
	if !instead || f.Apply {
		r = w.handle(c)
	}
	if instead {
		r = f.reply(c)
	} else {
		f.alter(r)
	}
	if !before {
		if err := w.edit(f.Edit); err != nil {
			return nil, err
		}
	}
	w.addHeaders(c, r)
	for name, value := range f.Headers {
		r.header.Set(name, value)
	}
	if after := f.retryAfter(); after != "" {
		r.header.Set("Retry-After", after)
	}
	return r, nil
}

// reply returns the answer of a fault.
func (f Fault) reply(c *request) *reply {
	status := cmp.Or(f.Status, http.StatusOK)
	var r *reply
	switch body := f.Body.(type) {
	case nil:
		r = &reply{status: status, header: http.Header{}}
		if status >= 400 {
			r = defaultError(c, status, f.retryAfter())
		}
	case string:
		r = &reply{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: []byte(body)}
		if strings.HasPrefix(body, "<") {
			r.header.Set("Content-Type", "text/html") // like the error page of a gateway
		}
	default:
		r = jsonReply(status, "application/json", body)
	}
	r.drop, r.cut = f.Drop, f.Cut
	return r
}

// alter changes the answer of the service.
func (f Fault) alter(r *reply) {
	if f.Status != 0 {
		r.status = f.Status
	}
	r.cut = f.Cut
	if len(f.Omit)+len(f.Null)+len(f.Set) == 0 {
		return
	}
	var body map[string]any
	if json.Unmarshal(r.body, &body) != nil {
		return
	}
	for _, list := range []string{"value", "Resources"} {
		items, _ := body[list].([]any)
		for _, item := range items {
			if fields, ok := item.(map[string]any); ok {
				f.alterItem(fields)
			}
		}
	}
	for _, name := range f.Omit {
		delete(body, name)
	}
	for name, value := range f.Set {
		body[name] = value
	}
	r.setJSON(body)
}

func (f Fault) alterItem(item map[string]any) {
	for _, name := range f.Omit {
		delete(item, name)
	}
	for _, name := range f.Null {
		item[name] = nil
	}
}

// retryAfter returns the value of the header, or an empty string.
func (f Fault) retryAfter() string {
	if f.RetryAfter == nil {
		return ""
	}
	return fmt.Sprint(f.RetryAfter)
}
