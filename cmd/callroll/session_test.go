package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/report"
)

func configured(t *testing.T, text string, env map[string]string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "callroll.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(t.Context(), config.Options{Path: path, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

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
	a.flags = globalFlags{timeout: span(time.Second)}
	if opts := a.configOptions(); opts.Env["GRAPH_CLIENT_SECRET"] != "real" || opts.Flags["timeout"] != time.Second {
		t.Errorf("without a sandbox: %+v", opts)
	}
}

// roundTrip is a function as a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The scope and the pace of the configuration reach the wire.
func TestConnection(t *testing.T) {
	var form bytes.Buffer
	a := &app{stderr: &bytes.Buffer{}}
	s := &session{
		app: a,
		config: configured(t, "genesys: {region: eu-west-1, client_id: c, scope: the-scope}\nretry: {attempts: 1}\n",
			map[string]string{"GENESYS_CLIENT_SECRET": "s"}),
		http: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			_, _ = form.ReadFrom(r.Body)
			return nil, errors.New("enough")
		})},
	}
	conn, err := s.genesys()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := genesys.NewReader(conn).Groups(context.Background(), nil); err == nil || !strings.Contains(form.String(), "scope=the-scope") {
		t.Errorf("the form was %q (%v)", form.String(), err)
	}
}

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
			ctx, cancel := (&app{flags: globalFlags{timeout: span(flag)}}).patient(t.Context())
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
