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

	"github.com/google/uuid"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/secret"
)

// session is a configuration that was found good, and what it leads to. Nothing has been sent to any service yet.
type session struct {
	app      *app
	config   *config.Config
	settings pipeline.Settings
	http     *http.Client
	world    *sandbox.World // nil but for --sandbox
	graph    *graph.Client  // once it is made
	redact   *rest.Redactor // the app's
	live     bool           // the memberships are read from Entra in this run
	taken    time.Time      // when those of a file were read; zero without a file
	whole    bool           // the work is all groups of the configuration, and not those of a plan or an earlier run
	begun    bool           // the journal was asked for
}

// open reads the configuration, and the sandbox if there is to be one.
func (a *app) open() (*session, error) {
	a.hearLibraries()
	s := &session{app: a}
	var err error
	if a.flags.sandbox != "" {
		if s.world, err = a.openSandbox(); err != nil {
			return nil, err
		}
	}
	if err := s.configure(); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *session) configure() error {
	var err error
	if s.config, err = config.Load(s.app.configOptions()); err != nil {
		return err
	}
	for _, warning := range s.config.Warnings {
		s.app.say("%s", warning)
	}
	for _, hint := range s.config.Hints {
		if isTerminal(s.app.stderr) {
			s.app.say("%s", hint)
		}
	}
	if s.settings, err = settings(s.config); err != nil {
		return err
	}
	opts := rest.HTTPOptions{CAFile: s.config.CAFile, Env: s.app.env}
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
	s.http, err = rest.NewHTTPClient(opts)
	var variable *rest.VariableError
	if errors.As(err, &variable) {
		return &config.Error{Place: variable.Name, Err: variable.Err}
	}
	return s.config.At("ca_file", err)
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
	return world, nil
}

// close lets go of the sandbox.
func (s *session) close() {
	if s.world != nil {
		_ = s.world.Close() // every write was flushed before its answer left
	}
}

// settings hands each value of the configuration to the package that knows what it means.
func settings(c *config.Config) (pipeline.Settings, error) {
	s := pipeline.Settings{
		DropDisabled: c.DisabledUsers == "drop",
		Tenant:       tenantID(c.Entra.TenantID),
		Retry:        retry(c),
		ReadBack:     c.ReadBack,
		Concurrency:  pipeline.Concurrency{Entra: c.Concurrency.Entra, Genesys: c.Concurrency.Genesys},
	}
	var err error
	if s.Match, err = membership.ParseKeys(c.Match); err != nil {
		return s, c.At("match", err)
	}
	if s.Policy.Limits, err = limits(c); err != nil {
		return s, err
	}
	for i, g := range c.Groups {
		at := func(key string, err error) error { return c.At(fmt.Sprintf("groups[%d].%s", i, key), err) }
		m := pipeline.Mapping{
			Rule:    plan.Rule{Name: g.Name, Entra: g.Entra, Genesys: g.Genesys, AllowEmpty: g.AllowEmpty, Unmatched: g.Unmatched == "accept"},
			Exclude: g.Exclude, Nested: g.Nested,
		}
		if m.Mode, err = plan.ParseMode(g.Mode); err != nil {
			return s, at("mode", err)
		}
		for _, text := range g.Protect {
			pattern, err := plan.ParsePattern(text)
			if err != nil {
				return s, at("protect", err)
			}
			m.Protect = append(m.Protect, pattern)
		}
		s.Mappings = append(s.Mappings, m)
	}
	return s, nil
}

// tenantID returns the tenant if it is configured by its id, as tokens name it.
func tenantID(tenant string) string {
	if len(tenant) == 36 && uuid.Validate(tenant) == nil {
		return strings.ToLower(tenant)
	}
	return ""
}

func limits(c *config.Config) (plan.Limits, error) {
	l := plan.Limits{
		RemoveFloor: c.Limits.RemoveFloor, RemoveTotalFloor: c.Limits.RemoveTotalFloor,
		AddFloor: c.Limits.AddFloor, AddEmpty: c.Limits.AddEmpty,
	}
	for _, one := range []struct {
		key, text string
		into      *plan.Limit
	}{
		{"limits.remove", c.Limits.Remove, &l.Remove},
		{"limits.remove_total", c.Limits.RemoveTotal, &l.RemoveTotal},
		{"limits.add", c.Limits.Add, &l.Add},
	} {
		limit, err := plan.ParseLimit(one.text)
		if err != nil {
			return l, c.At(one.key, err)
		}
		*one.into = limit
	}
	return l, nil
}

func retry(c *config.Config) rest.Retry {
	return rest.Retry{Attempts: c.Retry.Attempts, Base: c.Retry.Base, Max: c.Retry.Max, RetryAfterMax: c.Retry.RetryAfterMax}
}

// limited bounds the whole run in time.
func (s *session) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := s.config.Timeout
	return context.WithTimeoutCause(ctx, limit, &timeoutError{limit})
}
