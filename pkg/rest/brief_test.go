package rest_test

import (
	"errors"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/callroll/callroll/pkg/rest"
)

// A brief error fits into a line, and keeps the id that support asks for.
func TestBrief(t *testing.T) {
	long := "AADSTS123456: Something is wrong with the application: the resource principal, which was named, was not found"
	ids := []string{"x-ms-request-id 1", "correlation_id 2"}
	for name, test := range map[string]struct {
		give error
		want string
	}{
		"short": {&rest.Error{Status: 401, Code: "invalid_client", Message: "no", RequestIDs: ids, Method: "POST", Path: "/token"},
			"401 invalid_client: no (correlation_id 2)"},
		"long": {&rest.Error{Status: 401, Code: "invalid_client", Message: long, RequestIDs: ids},
			"401 invalid_client: AADSTS123456: Something is… (correlation_id 2)"},
		"another id": {&rest.Error{Status: 503, Attempts: 5, RequestIDs: ids[:1]}, "503 Service Unavailable (5 attempts, x-ms-request-id 1)"},
		"no id":      {&rest.Error{Status: 400, Message: "no"}, "400 no"},
		"one word":   {&rest.Error{Status: 400, Message: "äääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää"}, "400 äääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääääää…"},
		"no answer":  {&rest.Error{Method: "POST", Host: "h", Path: "/token", Message: long}, "POST h/token: " + long},
		"more":       {fmt.Errorf("stopped: %w", &rest.Error{Status: 503, Method: "POST", Path: "/t"}), "stopped: POST /t: 503 Service Unavailable"},
		"other":      {errors.New("other"), "other"},
	} {
		t.Run(name, func(t *testing.T) {
			got := rest.Brief(test.give, 72, "correlation_id")
			if got.Error() != test.want || !errors.Is(got, test.give) {
				t.Errorf("%s\nwant %s", got, test.want)
			}
			if e, ok := errors.AsType[*rest.Error](test.give); ok && name != "more" && e.Status > 0 && utf8.RuneCountInString(got.Error()) > 72 {
				t.Errorf("it has %d characters", utf8.RuneCountInString(got.Error()))
			}
		})
	}
}
