package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
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

// session is a valid configuration with the settings and clients that follow from it. Opening it sends nothing to any service.
type session struct {
	app      *app
	config   *config.Config
	settings pipeline.Settings
	http     *http.Client
	world    *sandbox.World // nil without --sandbox
	graph    *graph.Client  // nil until it is created
	org      *genesys.Conn  // nil until it is created
}

// inSession opens a session and does work in it, within the configured timeout. failed is called with the error if the session
// cannot be opened or the work fails; it may be nil.
func (a *app) inSession(
	ctx context.Context, need needs, work func(context.Context, *session) error, failed func(context.Context, error) error,
) error {
	return a.inSessionOf(ctx, a.configOptions(), need, work, failed)
}

// inSessionOf is like inSession, with a configuration from elsewhere.
func (a *app) inSessionOf(
	ctx context.Context, from config.Options, need needs, work func(context.Context, *session) error,
	failed func(context.Context, error) error,
) error {
	if failed == nil {
		failed = func(_ context.Context, err error) error { return err }
	}
	s, err := a.open(ctx, need, from)
	if err != nil {
		return failed(ctx, err)
	}
	defer s.close()
	defer a.progress.stop()
	limit := s.config.Timeout
	ctx, cancel := context.WithTimeoutCause(ctx, limit, &timeoutError{limit})
	defer cancel()
	err = work(ctx, s)
	if err == nil || errors.As(err, new(*ended)) { // already printed in the report
		return err
	}
	return failed(ctx, err)
}

// open reads the configuration, and opens the sandbox if --sandbox is given.
func (a *app) open(ctx context.Context, need needs, from config.Options) (*session, error) {
	a.hearLibraries()
	s := &session{app: a}
	var err error
	if a.flags.sandbox != "" {
		if s.world, err = a.openSandbox(a.flags.sandbox); err != nil {
			return nil, err
		}
	}
	if err := s.configure(ctx, need, from); err != nil {
		s.close()
		return nil, err
	}
	if shown := a.beginProgress(); shown != nil {
		s.settings.Progress = shown.step
	}
	return s, nil
}

// readingTime is the maximum time for reading the configuration, whose files may be pipes.
const readingTime = 30 * time.Second

// configure reads the configuration and returns one error with all its mistakes.
func (s *session) configure(ctx context.Context, need needs, from config.Options) error {
	ctx, cancel := s.app.patient(ctx)
	defer cancel()
	var wrong error
	if s.config, wrong = config.Load(ctx, from); s.config == nil {
		return wrong
	}
	for _, warning := range s.config.Warnings {
		s.app.sayOnce(warning)
	}
	if s.app.flags.verbose > 0 {
		for _, note := range s.config.Notes {
			s.app.sayOnce(note)
		}
	}
	for _, file := range s.config.Readable {
		if isTerminal(s.app.stderr) { // useful there, but not in the mail of a scheduler
			s.app.sayOnce("everybody on this machine may read the secret file "+file, "hint: "+secret.ChmodHint)
		}
	}
	s.app.sandboxState(s.config)
	var settingsErr error
	s.settings, settingsErr = setup.Settings(s.config)
	err := s.connect(ctx)
	if ctx.Err() != nil && err != nil {
		return err
	}
	return config.Join(wrong, settingsErr, setup.Addresses(s.config), err, need.check(s.config))
}

// sandboxState gives a sandbox its own state folder.
func (a *app) sandboxState(c *config.Config) {
	if a.flags.sandbox != "" && c.StateDir == "" {
		c.StateDir = filepath.Join(a.flags.sandbox, "state")
	}
}

// patient returns a context for reading the configuration. It is bounded by readingTime, and by --timeout if that is shorter.
func (a *app) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if flag := a.flags.timeout.Duration; flag > 0 && flag < readingTime {
		return context.WithTimeoutCause(ctx, flag, &timeoutError{flag})
	}
	return context.WithTimeoutCause(ctx, readingTime, fmt.Errorf("it could not be read completely within %s", readingTime))
}

// connect creates the HTTP client.
func (s *session) connect(ctx context.Context) error {
	opts := rest.HTTPOptions{Env: s.app.env}
	if s.world != nil {
		opts.Transport = s.world
		if s.app.wire != nil {
			opts.Transport = s.app.wire(s.world)
		}
	}
	redact := s.app.redact
	redact.Add(s.config.EntraSecret)
	redact.Add(s.config.GenesysSecret)
	var err error
	s.http, err = setup.HTTPClient(ctx, s.config, opts)
	return err
}

// configOptions returns where the configuration comes from. A sandbox has its own file and ignores the environment, so that no
// real secret is used.
func (a *app) configOptions() config.Options {
	opts := config.Options{Path: a.flags.config, Env: a.env, Timeout: a.flags.timeout.Duration}
	if a.flags.sandbox != "" {
		opts.Env = nil
		if opts.Path == "" {
			opts.Path = filepath.Join(a.flags.sandbox, sandbox.DemoConfig)
		}
	}
	return opts
}

func (a *app) openSandbox(dir string) (*sandbox.World, error) {
	_, err := os.Stat(dir)
	world, openErr := sandbox.Open(dir)
	if openErr != nil {
		return nil, &config.Error{Place: "--sandbox " + dir, Err: openErr}
	}
	if os.IsNotExist(err) {
		a.say("made a demo tenant and a demo org in %s", dir)
	}
	a.sayOnce(fmt.Sprintf("sandbox %s: nothing here is real, and nothing leaves this machine", dir))
	names := config.SetVariables(a.env)
	// The token file of a pod is used if the files of the sandbox say federated: kubernetes.
	names = slices.DeleteFunc(names, func(name string) bool { return name == config.TokenFileVariable })
	if len(names) > 0 {
		a.sayOnce("a sandbox is configured by its files alone, so that these variables are not used: " + strings.Join(names, ", "))
	}
	return world, nil
}

// close closes the sandbox, if there is one.
func (s *session) close() {
	if s.world != nil {
		_ = s.world.Close() // every write was flushed before its response was sent
	}
}
