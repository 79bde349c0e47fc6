package simulation

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// A run that is stopped before its request is sent leaves nobody who waits for that.
func TestARequestThatIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.mypurecloud.ie/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: request}
		if _, whole, err := sendWithFault(ctx, answer, wireFaultKinds()["a trailer"]); err == nil || whole {
			t.Errorf("the answer came over: %v, %v", whole, err)
		}
	})
}
