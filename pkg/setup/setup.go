// Package setup makes of a configuration what package pipeline works with: [Settings], a client for each service ([Entra] and
// [Genesys]), and the state folder of a run ([StateDir]). It sends nothing. Errors name the place in the configuration.
package setup

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path/filepath"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/rest"
)

// Options are what a configuration does not say of a client. HTTP is required, see [HTTPClient].
type Options struct {
	HTTP      *http.Client
	Trace     rest.Trace
	UserAgent string
	Redact    *rest.Redactor // shared by both clients, so that neither shows the other's secret; nil: each has its own
}

// HTTPClient returns a client for both services that trusts the certificate of ca_file as well. o.Roots is not used.
func HTTPClient(ctx context.Context, c *config.Config, o rest.HTTPOptions) (*http.Client, error) {
	var rootsErr error
	o.Roots, rootsErr = rest.ReadRoots(ctx, c.CAFile)
	client, err := rest.NewHTTPClient(o)
	var variable *rest.VariableError
	if errors.As(err, &variable) {
		err = &config.Error{Place: variable.Name, Err: variable.Err}
	}
	if err = config.Join(c.At("ca_file", rootsErr), err); err != nil {
		return nil, err
	}
	return client, nil
}

// Entra returns a client for Microsoft Graph.
func Entra(c *config.Config, o Options) (*graph.Client, error) {
	if err := c.NeedEntra(); err != nil {
		return nil, err
	}
	cloud, err := graph.ParseCloud(c.Entra.Cloud)
	if err != nil {
		return nil, c.At("entra.cloud", err)
	}
	client, err := graph.New(graph.Options{
		TenantID: c.Entra.TenantID, ClientID: c.Entra.ClientID, Secret: c.EntraSecret, Cloud: cloud,
		LoginURL: c.Entra.LoginURL, GraphURL: c.Entra.GraphURL,
		HTTP: o.HTTP, Retry: retry(c), Trace: o.Trace, UserAgent: o.UserAgent, Redact: o.Redact,
	})
	return client, c.At("entra", err)
}

// Genesys returns a connection to Genesys, from which a reader and, by those who may write, a writer is made.
func Genesys(c *config.Config, o Options) (*genesys.Conn, error) {
	if err := c.NeedGenesys(); err != nil {
		return nil, err
	}
	region, err := region(c)
	if err != nil {
		return nil, err
	}
	conn, err := genesys.Connect(genesys.Options{
		Region: region, ClientID: c.Genesys.ClientID, Secret: c.GenesysSecret, Scope: c.Genesys.Scope,
		HTTP: o.HTTP, Retry: retry(c), RequestsPerMinute: c.Genesys.RequestsPerMinute, AtOnce: c.Concurrency.Genesys,
		Trace: o.Trace, UserAgent: o.UserAgent, Redact: o.Redact,
	})
	return conn, c.At("genesys", err)
}

// StateDir returns the state folder, as pipeline.RunOptions take it: an absolute path, or journal.None. env is the environment,
// in which the folder is looked for that the configuration does not name.
func StateDir(c *config.Config, env map[string]string) (string, error) {
	configured := c.StateDir
	if configured != "" && configured != journal.None {
		absolute, err := filepath.Abs(configured)
		if err != nil {
			return "", c.At("state_dir", err)
		}
		configured = absolute
	}
	dir, err := journal.Dir(configured, env)
	if err != nil {
		return "", c.At("state_dir", err)
	}
	return cmp.Or(dir, journal.None), nil
}

// Addresses checks the values that say where the services are, whether a run asks them or not.
func Addresses(c *config.Config) error {
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

// EntraHosts are the hosts of Entra that a configuration leads to; none of an address that is wrong.
func EntraHosts(c *config.Config) []string {
	cloud, err := graph.ParseCloud(c.Entra.Cloud)
	if err != nil {
		return nil
	}
	var hosts []string
	for _, address := range []string{cmp.Or(c.Entra.LoginURL, cloud.LoginURL), cmp.Or(c.Entra.GraphURL, cloud.GraphURL)} {
		if base, err := rest.ParseBase(address); err == nil {
			hosts = append(hosts, base.Host)
		}
	}
	return hosts
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
