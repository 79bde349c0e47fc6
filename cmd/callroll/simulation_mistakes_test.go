package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/simulation"
)

// mistake is one on purpose, in what goes over the wire: to the services it is as if callroll made it.
type mistake struct {
	name   string
	finds  string             // what the simulation must say of it
	from   uint64             // the seed to begin with: one that is known to do, so that a test run takes no longer than it must
	always simulation.Feature // what happens in each seed
	trip   func(next http.RoundTripper, r *http.Request) (*http.Response, error)
}

// mistakeSeeds is how many seeds there are to find a mistake.
const mistakeSeeds = 100

// The simulation can fail: it finds each of these mistakes, and by what the mistake does.
func TestSimulationFinds(t *testing.T) {
	for _, m := range []mistake{
		{name: "no If-Match", finds: "never read alone", from: 5, trip: holdsForAnything},
		{name: "the first page only", finds: "they belong", from: 16, trip: firstPage},
		{name: "hidden members taken for none", finds: "hides its", from: 14, trip: hiddenIsEmpty},
		{name: "letters that look alike taken for the same", finds: "nobody who belongs has the account", trip: looksAlike},
		{name: "a member left out without a word", finds: "is taken out of", trip: leavesOneOut},
		{name: "a token sent to the host of the next link", finds: "a token went to", from: 9, trip: followsLinks},
		{name: "dates of answers passed over", finds: "as answers have shown", always: simulation.Clocks, trip: undated},
		{name: "no body taken for an empty list", finds: "never got an answer", from: 98, always: simulation.Bytes, trip: nothingIsEmpty},
	} {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			p := player()
			p.Always = m.always
			p.Mistake = func(next http.RoundTripper) http.RoundTripper { return mistaken{next, m.trip} }
			for n := range uint64(mistakeSeeds) {
				for _, bad := range p.Play(t, m.from+n).Bad {
					if strings.Contains(bad, m.finds) {
						t.Logf("seed %d: %s", m.from+n, bad)
						return
					}
				}
			}
			t.Errorf("not found in %d seeds from %d on", mistakeSeeds, m.from)
		})
	}
}

type mistaken struct {
	next http.RoundTripper
	trip func(http.RoundTripper, *http.Request) (*http.Response, error)
}

// RoundTrip implements http.RoundTripper.
func (m mistaken) RoundTrip(r *http.Request) (*http.Response, error) { return m.trip(m.next, r) }

func holdsForAnything(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPut {
		r = simulation.WithPresentVersion(r)
	}
	return next.RoundTrip(r)
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

func firstPage(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	return altered(next, r, func(_ int, body map[string]any) bool {
		if list, ok := body["value"].([]any); ok {
			delete(body, "@odata.nextLink")
			body["@odata.count"] = len(list)
			return true
		}
		return false
	})
}

func hiddenIsEmpty(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	return altered(next, r, func(_ int, body map[string]any) bool {
		if _, ok := body["entities"]; ok {
			body["entities"], body["total"] = []any{}, 0
			return true
		}
		return false
	})
}

// undated takes the date from each answer.
func undated(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	answer, err := next.RoundTrip(r)
	if err == nil {
		answer.Header.Del("Date")
	}
	return answer, err
}

// nothingIsEmpty makes a list of nobody of an answer without a body.
func nothingIsEmpty(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	answer, err := next.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || answer.StatusCode >= http.StatusMultipleChoices {
		return answer, err
	}
	data, readErr := io.ReadAll(answer.Body)
	if len(data) == 0 {
		data, readErr = []byte(`{"@odata.count":0,"value":[],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}`), nil
		answer.StatusCode = http.StatusOK
	}
	answer.Body, answer.ContentLength = io.NopCloser(io.MultiReader(bytes.NewReader(data), failingBody{readErr})), -1
	return answer, nil
}

// looksAlike writes the userNames of all accounts in ASCII.
func looksAlike(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	ascii := strings.NewReplacer("\u212a", "k", "\u0130", "i", "\u0131", "i", "\uff50", "p", "\u00a0", "", "\u3000", "")
	return altered(next, r, func(_ int, body map[string]any) bool {
		list, _ := body["Resources"].([]any)
		for _, item := range list {
			if user, ok := item.(map[string]any); ok && user["userName"] != nil {
				name, _ := user["userName"].(string)
				user["userName"] = ascii.Replace(name)
			}
		}
		return len(list) > 0
	})
}

// leavesOneOut takes the last member out of each PUT.
func leavesOneOut(next http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPut {
		return next.RoundTrip(r)
	}
	data, err := io.ReadAll(r.Body)
	var body map[string]any
	if err == nil && json.Unmarshal(data, &body) == nil {
		if members, ok := body["members"].([]any); ok && len(members) > 1 {
			body["members"] = slices.Delete(members, len(members)-1, len(members))
		}
		data, _ = json.Marshal(body) // it came as JSON
	}
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	return next.RoundTrip(again)
}

// followsLinks sends what it was sent with to wherever a next link leads.
func followsLinks(next http.RoundTripper, r *http.Request) (*http.Response, error) {
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
