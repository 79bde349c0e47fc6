package main

import (
	"bytes"
	"context"
	"net/http"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/report"
)

// No variable of the environment reaches a sandbox: real secrets have no business there.
func TestSandboxTakesNothingFromTheEnvironment(t *testing.T) {
	a := &app{env: map[string]string{"GRAPH_CLIENT_SECRET": "real", "CALLROLL_CONFIG": "/real.yaml"}, flags: globalFlags{sandbox: "play"}}
	if opts := a.configOptions(); len(opts.Env) != 0 || opts.Path != filepath.Join("play", "callroll.yaml") {
		t.Errorf("%+v", opts)
	}
	a.flags.config = "mine.yaml"
	if opts := a.configOptions(); len(opts.Env) != 0 || opts.Path != "mine.yaml" {
		t.Errorf("with --config: %+v", opts)
	}
	a.flags = globalFlags{timeout: span{Duration: time.Second}}
	if opts := a.configOptions(); opts.Env["GRAPH_CLIENT_SECRET"] != "real" || opts.Timeout != time.Second {
		t.Errorf("without a sandbox: %+v", opts)
	}
}

// roundTrip is a function as a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What comes from elsewhere cannot speak to a terminal through an error either.
func TestSayIsHarmless(t *testing.T) {
	var stderr bytes.Buffer
	a := &app{stderr: &stderr}
	a.say("group %s:\n%s", "\x1b[2J", "::error::x")
	if got, want := stderr.String(), "callroll: group <U+001B>[2J:; <U+003A><U+003A>error<U+003A><U+003A>x\n"; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

// The files of a configuration have half a minute, or what --timeout says if that is less.
func TestPatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for flag, want := range map[time.Duration]time.Duration{0: readingTime, time.Hour: readingTime, 2 * time.Second: 2 * time.Second} {
			ctx, cancel := (&app{flags: globalFlags{timeout: span{Duration: flag}}}).patient(t.Context())
			defer cancel()
			start := time.Now()
			<-ctx.Done()
			if took := time.Since(start); took != want {
				t.Errorf("--timeout %s: %s, want %s", flag, took, want)
			}
			status := statusOf(&config.Error{Place: "callroll.yaml", Err: context.Cause(ctx)})
			if status != map[bool]int{true: report.Unavailable, false: report.Config}[flag == want] {
				t.Errorf("--timeout %s: status %d", flag, status)
			}
		}
	})
}
