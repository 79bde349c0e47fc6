package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/secret"
	"github.com/callroll/callroll/pkg/setup"
)

// session is a configuration that was found good, and what it leads to. Nothing has been sent to any service yet.
type session struct {
	app      *app
	config   *config.Config
	settings pipeline.Settings
	http     *http.Client
	world    *sandbox.World // nil but for --sandbox
	graph    *graph.Client  // once it is made
	org      *genesys.Conn  // once it is made
	redact   *rest.Redactor // the app's
}

// sessionWork is what is done in a session.
type sessionWork struct {
	need needs
	do   func(context.Context, *session) error
	// failed ends what has failed as a whole, in the session or before it was opened. Where it is nil, nothing is to be done.
	failed func(context.Context, error) error
}

// inSession opens a session, and does work in it within the time that a run has.
func (a *app) inSession(ctx context.Context, work sessionWork) error {
	failed := work.failed
	if failed == nil {
		failed = func(_ context.Context, err error) error { return err }
	}
	s, err := a.open(ctx, work.need)
	if err != nil {
		return failed(ctx, err)
	}
	defer s.close()
	ctx, cancel := s.limited(ctx)
	defer cancel()
	err = work.do(ctx, s)
	if err == nil || errors.As(err, new(*ended)) { // it was said in the report
		return err
	}
	return failed(ctx, err)
}

// open reads the configuration, and the sandbox if there is to be one.
func (a *app) open(ctx context.Context, need needs) (*session, error) {
	a.hearLibraries()
	s := &session{app: a}
	var err error
	if a.flags.sandbox != "" {
		if s.world, err = a.openSandbox(); err != nil {
			return nil, err
		}
	}
	if err := s.configure(ctx, need); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// readingTime is how long the files of the configuration may take that are pipes.
const readingTime = 30 * time.Second

// configure reads the configuration and reports all that is wrong with it at once.
func (s *session) configure(ctx context.Context, need needs) error {
	ctx, cancel := s.app.patient(ctx)
	defer cancel()
	var wrong error
	if s.config, wrong = config.Load(ctx, s.app.configOptions()); s.config == nil {
		return wrong
	}
	for _, warning := range s.config.Warnings {
		s.app.say("%s", warning)
	}
	for _, file := range s.config.Readable {
		if isTerminal(s.app.stderr) { // it is worth a word there, and not in the mail of a scheduler
			s.app.sayLines("everybody on this machine may read the secret file "+file, "hint: "+secret.ChmodHint)
		}
	}
	if s.world != nil && s.config.StateDir == "" { // a sandbox has its own
		s.config.StateDir = filepath.Join(s.app.flags.sandbox, "state")
	}
	var settingsErr error
	s.settings, settingsErr = setup.Settings(s.config)
	err := s.connect(ctx)
	if ctx.Err() != nil && err != nil {
		return err
	}
	return config.Join(wrong, settingsErr, setup.Addresses(s.config), err, need.check(s.config))
}

// patient is a context for reading the configuration, which --timeout bounds as well as the work.
func (a *app) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if flag := time.Duration(a.flags.timeout); flag > 0 && flag < readingTime {
		return context.WithTimeoutCause(ctx, flag, &timeoutError{flag})
	}
	return context.WithTimeoutCause(ctx, readingTime, fmt.Errorf("it could not be read completely within %s", readingTime))
}

// connect makes the HTTP client.
func (s *session) connect(ctx context.Context) error {
	opts := rest.HTTPOptions{Env: s.app.env}
	if s.world != nil {
		opts.Transport = s.world
		if s.app.wire != nil {
			opts.Transport = s.app.wire(s.world)
		}
	}
	s.redact = s.app.redact
	s.redact.Add(s.config.EntraSecret)
	s.redact.Add(s.config.GenesysSecret)
	for _, id := range []string{s.config.Entra.ClientID, s.config.Genesys.ClientID} {
		if secret.Looks(id) { // the secret was put in its place, and a service repeats it
			s.redact.Add(secret.New(id))
		}
	}
	var err error
	s.http, err = setup.HTTPClient(ctx, s.config, opts)
	return err
}

// configOptions says where the configuration comes from. A sandbox brings its own, and nothing of the environment: no
// real secret has business there.
func (a *app) configOptions() config.Options {
	opts := config.Options{Path: a.flags.config, Env: a.env, Flags: a.flags.values()}
	if a.flags.sandbox != "" {
		opts.Env = nil
		if opts.Path == "" {
			opts.Path = filepath.Join(a.flags.sandbox, sandbox.DemoConfig)
		}
	}
	return opts
}

func (a *app) openSandbox() (*sandbox.World, error) {
	_, err := os.Stat(a.flags.sandbox)
	world, openErr := sandbox.Open(a.flags.sandbox)
	if openErr != nil {
		return nil, &config.Error{Place: "--sandbox " + a.flags.sandbox, Err: openErr}
	}
	if os.IsNotExist(err) {
		a.say("made a demo tenant and a demo org in %s", a.flags.sandbox)
	}
	a.say("sandbox %s: nothing here is real, and nothing leaves this machine", a.flags.sandbox)
	if names := config.SetVariables(a.env); len(names) > 0 {
		a.say("a sandbox is configured by its files alone, so that these variables are not used: %s", strings.Join(names, ", "))
	}
	return world, nil
}

// close lets go of the sandbox.
func (s *session) close() {
	if s.world != nil {
		_ = s.world.Close() // every write was flushed before its answer left
	}
}

// limited bounds the whole run in time.
func (s *session) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := s.config.Timeout
	return context.WithTimeoutCause(ctx, limit, &timeoutError{limit})
}
