package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// buggyTrip is a mistake in the place of one request.
type buggyTrip func(*sim, http.RoundTripper, *http.Request) (*http.Response, error)

type buggyWire struct {
	s    *sim
	next http.RoundTripper
	trip buggyTrip
}

// RoundTrip implements http.RoundTripper.
func (w buggyWire) RoundTrip(r *http.Request) (*http.Response, error) { return w.trip(w.s, w.next, r) }

func wires(trip buggyTrip) func(*sim, http.RoundTripper) http.RoundTripper {
	return func(s *sim, next http.RoundTripper) http.RoundTripper { return buggyWire{s, next, trip} }
}

// presentVersion puts the version that a group has at the moment in the place of the one that was read. To the service that
// is as if there were no If-Match.
func presentVersion(when func(*http.Request) bool) buggyTrip {
	return func(_ *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodPut || !when(r) {
			return next.RoundTrip(r)
		}
		return next.RoundTrip(r.WithContext(context.WithValue(r.Context(), lateVersion{}, true)))
	}
}

// lateVersion tells the innermost wire to fill in the version only after all that happens before a request has happened.
type lateVersion struct{}

func isSecond(r *http.Request) bool { return r.Header.Get("Idempotency-Key") == "" }

func (s *sim) fillVersion(r *http.Request) {
	for _, g := range s.world.Genesys().Groups {
		if strings.HasSuffix(r.URL.Path, g.ID) {
			r.Header.Set("If-Match", fmt.Sprintf("%q", fmt.Sprint(g.Version)))
		}
	}
}

// altered lets a mistake change an answer's body, if it is a JSON object.
func altered(next http.RoundTripper, r *http.Request, change func(status int, body map[string]any) bool) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept-Encoding", "identity") // what is packed cannot be altered
	answer, err := next.RoundTrip(r)
	if err != nil {
		return answer, err
	}
	data, readErr := io.ReadAll(answer.Body)
	var body map[string]any
	if readErr == nil && json.Unmarshal(data, &body) == nil && change(answer.StatusCode, body) {
		data, _ = json.Marshal(body) // it came as JSON
		answer.StatusCode = http.StatusOK
	}
	answer.Body, answer.ContentLength = io.NopCloser(io.MultiReader(bytes.NewReader(data), failingBody{readErr})), int64(len(data))
	return answer, nil
}

// failingBody ends as the body did that it stands for.
type failingBody struct{ err error }

func (b failingBody) Read([]byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return 0, io.EOF
}

func firstPage(_ *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	return altered(next, r, func(_ int, body map[string]any) bool {
		if list, ok := body["value"].([]any); ok {
			delete(body, "@odata.nextLink")
			body["@odata.count"] = len(list)
			return true
		}
		return false
	})
}

// groupFromList answers the reading of one group from the list.
func groupFromList(_ *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	id, alone := strings.CutPrefix(r.URL.Path, groupAPI)
	if !alone || r.Method != http.MethodGet {
		return next.RoundTrip(r)
	}
	for start := 1; ; {
		list := r.Clone(r.Context())
		list.URL = &url.URL{Scheme: "https", Host: r.URL.Host, Path: "/api/v2/scim/groups", RawQuery: fmt.Sprintf("count=100&startIndex=%d", start)}
		found, came := false, 0
		answer, err := altered(next, list, func(_ int, body map[string]any) bool {
			groups, _ := body["Resources"].([]any)
			came = len(groups)
			for _, g := range groups {
				if group, ok := g.(map[string]any); ok && group["id"] == id {
					found = true
					clear(body)
					maps.Copy(body, group)
				}
			}
			return found
		})
		if err != nil || found || came == 0 {
			return answer, err
		}
		start += came
	}
}

func failedIsEmpty(_ *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	isList := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "embers/microsoft.graph.user")
	return altered(next, r, func(status int, body map[string]any) bool {
		if !isList || status < 400 {
			return false
		}
		clear(body)
		body["value"], body["@odata.count"] = []any{}, 0
		return true
	})
}

func absentIsEmpty(_ *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	fill := func(group map[string]any) {
		if _, there := group["members"]; !there && group["displayName"] != nil {
			group["members"] = []any{}
		}
	}
	isGroup := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/groups") && strings.HasPrefix(r.URL.Path, "/api")
	return altered(next, r, func(status int, body map[string]any) bool {
		if !isGroup || status != http.StatusOK {
			return false
		}
		list, _ := body["Resources"].([]any)
		for _, item := range list {
			if group, ok := item.(map[string]any); ok {
				fill(group)
			}
		}
		fill(body)
		return true
	})
}

// followsLinks sends what it was sent with to wherever a next link leads.
func followsLinks(_ *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	return altered(next, r, func(_ int, body map[string]any) bool {
		link, _ := body["@odata.nextLink"].(string)
		if u, err := url.Parse(link); err == nil && u.Host != "" && u.Host != r.URL.Host {
			again := r.Clone(r.Context())
			again.URL, again.Host = u, u.Host
			if answer, err := next.RoundTrip(again); err == nil {
				answer.Body.Close()
			}
		}
		return false
	})
}
