package main

import (
	"cmp"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/rest"
)

// entra returns the client for Microsoft Graph, the same one each time.
func (s *session) entra() (*graph.Client, error) {
	if s.graph != nil {
		return s.graph, nil
	}
	c := s.config
	if err := c.NeedEntra(); err != nil {
		return nil, err
	}
	cloud, err := graph.ParseCloud(c.Entra.Cloud)
	if err != nil {
		return nil, c.At("entra.cloud", err)
	}
	s.graph, err = graph.New(graph.Options{
		TenantID: c.Entra.TenantID, ClientID: c.Entra.ClientID, Secret: c.EntraSecret, Cloud: cloud,
		LoginURL: c.Entra.LoginURL, GraphURL: c.Entra.GraphURL,
		HTTP: s.http, Retry: retry(c), Trace: s.app.tally.count(entraSide, s.app.trace()), UserAgent: userAgent(), Redact: s.redact,
	})
	return s.graph, c.At("entra", err)
}

// entraHosts are the hosts of Entra that this configuration leads to.
func (s *session) entraHosts() []string {
	cloud, _ := graph.ParseCloud(s.config.Entra.Cloud) // was found good when the session was opened
	var hosts []string
	for _, address := range []string{cmp.Or(s.config.Entra.LoginURL, cloud.LoginURL), cmp.Or(s.config.Entra.GraphURL, cloud.GraphURL)} {
		if base, err := rest.ParseBase(address); err == nil {
			hosts = append(hosts, base.Host)
		}
	}
	return hosts
}

// entraIfAny returns a client to ask about people in doubt, or nil where no credentials are configured: a stage that works
// on a file does without.
func (s *session) entraIfAny() (*graph.Client, error) {
	if s.config.NeedEntra() != nil {
		return nil, nil
	}
	return s.entra()
}

// genesys returns the connection to Genesys, the same one each time, from which a reader and, by those who may write, a writer is
// made. What asks before the work begins, to find a group for a flag, shares its token and its pace.
func (s *session) genesys() (*genesys.Conn, error) {
	if s.org != nil {
		return s.org, nil
	}
	c := s.config
	if err := c.NeedGenesys(); err != nil {
		return nil, err
	}
	region, err := region(c)
	if err != nil {
		return nil, err
	}
	conn, err := genesys.Connect(genesys.Options{
		Region: region, ClientID: c.Genesys.ClientID, Secret: c.GenesysSecret, Scope: c.Genesys.Scope,
		HTTP: s.http, Retry: retry(c), RequestsPerMinute: c.Genesys.RequestsPerMinute, AtOnce: c.Concurrency.Genesys,
		Trace: s.app.tally.count(genesysSide, s.app.trace()), UserAgent: userAgent(), Redact: s.redact,
	})
	if err != nil {
		return nil, c.At("genesys", err)
	}
	conn.BeginWith(s.pageSizes(conn.Host()))
	s.org = conn
	return conn, nil
}

// writer returns the one thing that writes, or nothing in a dry run: what is not handed out cannot be used.
func writer(conn *genesys.Conn, dryRun bool) push.Writer {
	if dryRun {
		return nil
	}
	return genesys.NewWriter(conn)
}

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

// addresses checks the values that say where the services are, whether this run asks them or not.
func addresses(c *config.Config) error {
	_, cloudErr := graph.ParseCloud(c.Entra.Cloud)
	wrong := []error{c.At("entra.cloud", cloudErr)}
	for key, address := range map[string]string{"entra.login_url": c.Entra.LoginURL, "entra.graph_url": c.Entra.GraphURL} {
		if address != "" {
			_, err := rest.ParseBase(address)
			wrong = append(wrong, c.At(key, err))
		}
	}
	_, err := region(c)
	return config.Join(append(wrong, err)...)
}

// region finds the hosts of Genesys. With both addresses given, no region says anything more.
func region(c *config.Config) (genesys.Region, error) {
	var region genesys.Region
	var regionErr, loginErr, apiErr error
	switch {
	case c.Genesys.LoginURL != "" && c.Genesys.APIURL != "":
	case c.Genesys.Subdomain != "":
		region, regionErr = genesys.Subdomain(c.Genesys.Subdomain)
	case c.Genesys.Region != "":
		region, regionErr = genesys.ParseRegion(c.Genesys.Region)
	}
	region, loginErr = region.With(c.Genesys.LoginURL, "")
	region, apiErr = region.With("", c.Genesys.APIURL)
	return region, config.Join(
		c.At("genesys.region", regionErr), c.At("genesys.login_url", loginErr), c.At("genesys.api_url", apiErr))
}

func userAgent() string { return "callroll/" + version() + " (+https://github.com/callroll/callroll)" }
