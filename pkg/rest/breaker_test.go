package rest_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/rest"
)

// flaky answers with the statuses that a test sets.
type flaky struct {
	status int
	asked  int
}

func (f *flaky) RoundTrip(req *http.Request) (*http.Response, error) {
	f.asked++
	return &http.Response{StatusCode: f.status, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
}

// A host that fails again and again is left alone for a while, and then tried once.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := &flaky{status: 503}
		client, err := rest.New(rest.Options{Base: "https://api.example", HTTP: &http.Client{Transport: host}, Retry: rest.Retry{Attempts: 1}})
		if err != nil {
			t.Fatal(err)
		}
		ask := func(method string) error {
			_, err := client.Do(t.Context(), rest.Request{Method: method, Path: "/x"}, nil)
			return err
		}
		for range 10 {
			err = ask(http.MethodGet)
		}
		var e *rest.Error
		if host.asked != 3 || !errors.As(err, &e) || e.Kind != rest.NotSent || !strings.Contains(err.Error(), "the last 3 requests to this host have failed") {
			t.Errorf("asked %d times; then %v", host.asked, err)
		}
		time.Sleep(61 * time.Second)
		host.status = 200
		if err := ask(http.MethodGet); err != nil || host.asked != 4 {
			t.Errorf("after a while: %v, asked %d times", err, host.asked)
		}
		// A clear no, and a success in between, do not speak against a host.
		for _, status := range []int{404, 404, 404, 404, 503, 503, 200, 503, 503, 409, 503} {
			host.status = status
			before := host.asked
			if _ = ask(http.MethodPut); host.asked != before+1 {
				t.Fatalf("left alone before %d", status)
			}
		}
	})
}
