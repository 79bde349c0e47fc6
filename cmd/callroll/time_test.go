package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// play makes a fresh demo sandbox with the faults, and a configuration that does not pace.
func play(t *testing.T, faults string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "play")
	world, err := sandbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := world.Close(); err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile(filepath.Join(dir, sandbox.DemoConfig))
	if err != nil {
		t.Fatal(err)
	}
	fast := strings.Replace(string(config), "requests_per_minute: 60000 ", "requests_per_minute: 100000000 ", 1)
	fast += "concurrency: {entra: 1, genesys: 1}\n" // one thing at a time, so that a test knows which it stops
	if err := os.WriteFile(filepath.Join(dir, sandbox.DemoConfig), []byte(fast), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "faults.json"), []byte(faults), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// ran is what a run left behind.
type ran struct {
	status         int
	stdout, stderr string
	took           time.Duration
	puts           int
}

func timed(ctx context.Context, t *testing.T, dir string, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	began := time.Now()
	status := run(ctx, append(args, "--sandbox", dir), nil, strings.NewReader(""), &stdout, &stderr)
	took := time.Since(began)
	log, err := os.ReadFile(filepath.Join(dir, "requests.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return ran{status, stdout.String(), stderr.String(), took, strings.Count(string(log), `"method":"PUT"`)}
}

// A PUT in flight is waited for, and nothing new is started.
func TestStopWaitsForThePutInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := play(t, `[{"match":"PUT *","delay":"5s"}]`)
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(2*time.Second, func() { stop(&signalError{os.Interrupt}) })
		got := timed(ctx, t, dir, "sync", "--group", "Night Shift", "--group", "Supervisors")
		if got.status != report.Interrupted || got.puts != 1 || !strings.Contains(got.stdout, "Night Shift: 1 added") ||
			!strings.Contains(got.stdout, "Supervisors: not started: stopped by interrupt") {
			t.Errorf("got %+v; want one PUT, finished, and status 130", got)
		}
	})
}

// A PUT that does not answer is given up seven seconds after the stop, and what became of it is found out in the three
// that are left.
func TestStopDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := play(t, `[{"match":"PUT *","delay":"50s"}]`)
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(2*time.Second, func() { stop(&signalError{syscall.SIGTERM}) })
		got := timed(ctx, t, dir, "sync", "--group", "Night Shift")
		if got.status != report.Terminated || got.took != 9*time.Second || !strings.Contains(got.stdout, "Night Shift: unavailable: not written after one attempt") {
			t.Errorf("got %+v; want an end after 9 s, the group read once more, with status 143", got)
		}
	})
}

// --timeout ends a run whatever the services do.
func TestTimeout(t *testing.T) {
	for name, fault := range map[string]string{
		"a service that never answers":      `[{"match":"GET /api/*","delay":"5h"}]`,
		"a service that throttles for ever": `[{"match":"GET /api/*","status":429,"retry_after":100}]`,
		"a write that is never clear":       `[{"match":"PUT *","status":503}]`,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := timed(t.Context(), t, play(t, fault), "sync", "--timeout", "3s", "--group", "Night Shift")
				if got.status != report.Unavailable || got.took > 3*time.Second || !strings.Contains(got.stdout+got.stderr, "out of time: --timeout is 3s") {
					t.Errorf("got %+v; want status 7 within 3 s, and why", got)
				}
			})
		})
	}
}

// Incident 24: Retry-After in seconds and as a date is obeyed, for ever is not.
func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		name, fault string
		status      int
		atLeast     time.Duration
		atMost      time.Duration
	}{
		{"seconds", `[{"match":"PUT *","status":429,"retry_after":70,"times":2}]`, report.OK, 140 * time.Second, 145 * time.Second},
		{"absent", `[{"match":"PUT *","status":429,"headers":{"Retry-After":""},"times":2}]`, report.OK, time.Second, 10 * time.Second},
		{"a day", `[{"match":"PUT *","status":429,"retry_after":86400}]`, report.Unavailable, 0, time.Second},
		{"for ever again", `[{"match":"PUT *","status":429,"retry_after":60}]`, report.Unavailable, 240 * time.Second, 245 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := timed(t.Context(), t, play(t, test.fault), "sync", "--group", "Night Shift")
				if got.status != test.status || got.took < test.atLeast || got.took > test.atMost {
					t.Errorf("got %+v; want status %d after %s to %s", got, test.status, test.atLeast, test.atMost)
				}
			})
		})
	}
}

// Incident 40: both services and both sign-ins read every form of Retry-After.
func TestRetryAfterEverywhere(t *testing.T) {
	const wait = 17500 * time.Millisecond
	at := func(layout string) func() string {
		return func() string { return time.Now().UTC().Add(wait).Format(layout) }
	}
	as := func(text string) func() string { return func() string { return text } }
	for form, value := range map[string]func() string{
		"a fraction": as("17.5"), "white space": as(" 17.5\t"), "several values": as("3, 17.5, 9"),
		"a date of RFC 1123": at(http.TimeFormat), "a date of RFC 850": at("Monday, 02-Jan-06 15:04:05 GMT"), "a date of asctime": at(time.ANSIC),
	} {
		for _, match := range []string{
			"GET login.microsoftonline.com/*", "POST login.microsoftonline.com/*", "GET graph.microsoft.com/*",
			"POST /oauth/token", "GET /api/*", "PUT /api/*",
		} {
			t.Run(form+"/"+match, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fault, err := json.Marshal([]sandbox.Fault{{Match: match, Status: http.StatusTooManyRequests, RetryAfter: value(), Times: 1}})
					if err != nil {
						t.Fatal(err)
					}
					got := timed(t.Context(), t, play(t, string(fault)), "sync", "--group", "Night Shift")
					// A date has whole seconds.
					if got.status != report.OK || got.took < wait-time.Second || got.took > wait+3*time.Second {
						t.Errorf("got %+v; want status 0 after %s", got, wait)
					}
				})
			})
		}
	}
}

// A sign-in that is told "later" with a 400 is tried again, and is no refusal if it stays so.
func TestASignInThatIsToldLater(t *testing.T) {
	for _, match := range []string{"POST login.microsoftonline.com/*", "POST /oauth/token"} {
		for _, code := range []string{"temporarily_unavailable", "server_error"} {
			t.Run(match+"/"+code, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fault := sandbox.Fault{Match: match, Status: http.StatusBadRequest, Body: map[string]string{"error": code}}
					for times, want := range map[int]int{2: report.OK, 0: report.Unavailable} {
						fault.Times = times
						faults, err := json.Marshal([]sandbox.Fault{fault})
						if err != nil {
							t.Fatal(err)
						}
						if got := timed(t.Context(), t, play(t, string(faults)), "sync", "--group", "Night Shift"); got.status != want {
							t.Errorf("%d times: got %+v; want status %d", times, got, want)
						}
					}
				})
			})
		}
	}
}

// A wait that makes no sense is told in words.
func TestAbsurdRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := `[{"match":"POST /oauth/token","status":429,"retry_after":"9223372036854775807"}]`
		got := timed(t.Context(), t, play(t, fault), "sync", "--group", "Night Shift")
		if got.status != report.Unavailable || !strings.Contains(got.stdout+got.stderr, "asks to wait a year or more") {
			t.Errorf("got %+v; want status 7 and a year", got)
		}
	})
}

// Waits are told with -v, and not without it.
func TestWaitsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fault := `[{"match":"PUT *","status":429,"retry_after":7,"times":1,` +
			`"body":{"code":"too.many.requests","message":"Retry the request in [7] seconds","status":429,"contextId":"c"}}]`
		loud := timed(t.Context(), t, play(t, fault), "sync", "--group", "Night Shift", "-v")
		quiet := timed(t.Context(), t, play(t, fault), "sync", "--group", "Night Shift")
		line := regexp.MustCompile(`(?m)^callroll: api.mypurecloud.ie: waiting 7\S*: PUT \S*: 429 too.many.requests \((contextId|ININ)[^)]*\)$`)
		if !line.MatchString(loud.stderr) || strings.Contains(quiet.stderr, "waiting") {
			t.Errorf("with -v:\n%s\nwithout:\n%s", loud.stderr, quiet.stderr)
		}
	})
}
