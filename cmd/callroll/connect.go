package main

import (
	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/setup"
)

// client is what setup makes the client of one side with.
func (s *session) client(side string) setup.Options {
	return setup.Options{HTTP: s.http, Trace: s.app.tally.count(side, s.app.trace()), UserAgent: userAgent(), Redact: s.redact}
}

// entra returns the client for Microsoft Graph, the same one each time.
func (s *session) entra() (*graph.Client, error) {
	if s.graph != nil {
		return s.graph, nil
	}
	var err error
	s.graph, err = setup.Entra(s.config, s.client(entraSide))
	return s.graph, err
}

// entraIfAny returns a client to ask about people in doubt, or nil where no credentials are configured: a stage that works
// on a file does without.
func (s *session) entraIfAny() (*graph.Client, error) {
	if s.config.NeedEntra() != nil {
		return nil, nil
	}
	return s.entra()
}

// genesys returns the connection to Genesys, the same one each time, from which a reader and, by those who may write, a writer
// is made. What asks before the work begins, to find a group for a flag, shares its token, its pace, and what earlier runs have
// learned about the sizes of pages. A state folder that cannot be used says so when the run begins.
func (s *session) genesys() (*genesys.Conn, error) {
	if s.org != nil {
		return s.org, nil
	}
	conn, err := setup.Genesys(s.config, s.client(genesysSide))
	if err != nil {
		return nil, err
	}
	if dir, err := s.stateDir(); err == nil && dir != journal.None {
		pipeline.RecallPageSizes(conn, dir)
	}
	s.org = conn
	return conn, nil
}

// stateDir returns the state folder, or journal.None.
func (s *session) stateDir() (string, error) { return setup.StateDir(s.config, s.app.env) }

// needs is what a verb cannot do without.
type needs struct{ entra, genesys, groups bool }

// check says all that is missing. Without any file that is the file, where a verb needs groups, which only a file has.
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

func userAgent() string { return "callroll/" + version() + " (+https://github.com/callroll/callroll)" }
