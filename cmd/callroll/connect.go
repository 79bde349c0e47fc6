package main

import (
	"context"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/setup"
)

// client returns the options with which package setup creates the client of one side.
func (s *session) client(side string) setup.Options {
	agent := "callroll/" + version() + " (+https://github.com/callroll/callroll)"
	return setup.Options{
		HTTP: s.http, Trace: s.app.tally.count(side, s.app.trace()), UserAgent: agent,
		Env: s.app.env, Redact: s.app.redact,
	}
}

// entra returns the client for Microsoft Graph. It creates the client at the first call and then returns the same one.
func (s *session) entra(ctx context.Context) (*graph.Client, error) {
	if s.graph != nil {
		return s.graph, nil
	}
	if s.app.flags.verbose > 0 && s.config.NeedEntra() == nil {
		s.app.say("signing in to Entra with %s", s.config.EntraAuth())
	}
	ctx, cancel := s.app.patient(ctx)
	defer cancel()
	var err error
	s.graph, err = setup.Entra(ctx, s.config, s.client(entraSide))
	return s.graph, err
}

// entraFor returns the client for a run that works on a membership file, or reads the memberships from Entra if file is nil.
func (s *session) entraFor(ctx context.Context, file *membership.File) (*graph.Client, error) {
	if file == nil {
		return s.entra(ctx)
	}
	return s.entraIfAny(ctx)
}

// entraIfAny returns a client to ask about people in doubt, or nil if no Entra credentials are configured: a stage that works
// on a file does not need them.
func (s *session) entraIfAny(ctx context.Context) (*graph.Client, error) {
	if s.config.NeedEntra() != nil {
		return nil, nil
	}
	return s.entra(ctx)
}

// genesys returns the connection to Genesys, from which readers and writers are created. It opens the connection at the first
// call and then returns the same one, so that a group lookup for a flag, before the work begins, shares the token, the pace
// and the page sizes that earlier runs have learned. An error of the state folder is ignored here; it is reported when the run
// begins.
func (s *session) genesys(ctx context.Context) (*genesys.Conn, error) {
	if s.org != nil {
		return s.org, nil
	}
	ctx, cancel := s.app.patient(ctx)
	defer cancel()
	conn, err := setup.Genesys(ctx, s.config, s.client(genesysSide))
	if err != nil {
		return nil, err
	}
	if dir, err := s.stateDir(); err == nil && dir != journal.None {
		pipeline.RecallPageSizes(conn, dir)
	}
	s.org = conn
	return conn, nil
}

// stateDir returns the path of the state folder, or journal.None.
func (s *session) stateDir() (string, error) { return setup.StateDir(s.config, s.app.env) }

// needs says which parts of the configuration a verb requires.
type needs struct{ entra, genesys, groups bool }

// check returns an error that lists everything that is missing. If there is no configuration file and the verb needs groups,
// it reports only the file, because groups can only be configured in a file.
func (n needs) check(c *config.Config) error {
	var missing []error
	if n.groups {
		if err := c.NeedFile(); err != nil {
			return err
		}
		missing = append(missing, c.NeedGroups())
	}
	if n.entra {
		missing = append(missing, c.NeedEntra())
	}
	if n.genesys {
		missing = append(missing, c.NeedGenesys())
	}
	if config.Join(missing...) == nil {
		return nil
	}
	return config.Join(append(missing, c.NeedFile())...)
}
