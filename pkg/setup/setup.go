// Package setup creates from a configuration what package pipeline needs: [Settings], a client for each service ([Entra] and
// [Genesys]), and the state folder of a run ([StateDir]). It sends no requests. Errors name the place in the configuration.
package setup

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/rest"
)

// Options are the options of a client that are not in the configuration. HTTP is required, see [HTTPClient].
type Options struct {
	HTTP      *http.Client
	Trace     rest.Trace
	UserAgent string
	Env       map[string]string // the environment, for commands that return secrets and for the tokens of pipelines
	Redact    *rest.Redactor    // shared by both clients, so that neither shows the other's secret; nil: each client has its own
}

// HTTPClient returns an HTTP client for both services. It trusts the certificates of the system and those in ca_file. o.Roots
// is not used.
func HTTPClient(ctx context.Context, c *config.Config, o rest.HTTPOptions) (*http.Client, error) {
	var rootsErr error
	o.Roots, rootsErr = rest.ReadRoots(ctx, c.CAFile)
	client, err := rest.NewHTTPClient(o)
	if variable, ok := errors.AsType[*rest.VariableError](err); ok {
		err = &config.Error{Place: variable.Name, Err: variable.Err}
	}
	if err = config.Join(c.At("ca_file", rootsErr), err); err != nil {
		return nil, err
	}
	return client, nil
}

// Entra returns a client for Microsoft Graph. It returns an error if the configuration does not have all that is needed to
// sign in. It runs the command that returns the secret, and reads a certificate. ctx bounds only that.
func Entra(ctx context.Context, c *config.Config, o Options) (*graph.Client, error) {
	if err := c.NeedEntra(); err != nil {
		return nil, err
	}
	cloud, err := cloud(c)
	if err != nil {
		return nil, err
	}
	o.Redact = cmp.Or(o.Redact, rest.NewRedactor())
	credential, err := credential(ctx, c, cloud, o)
	if err != nil {
		return nil, err
	}
	client, err := graph.New(graph.Options{
		TenantID: c.Entra.TenantID, ClientID: c.Entra.ClientID, Credential: credential, Cloud: cloud,
		LoginURL: c.Entra.LoginURL, GraphURL: c.Entra.GraphURL,
		Ends: credentialEnd(c, credential),
		HTTP: o.HTTP, Retry: rest.Retry(c.Retry), Trace: o.Trace, UserAgent: o.UserAgent, Redact: o.Redact,
	})
	return client, c.At("entra", err)
}

// Genesys returns a connection to Genesys, from which readers and writers are created. It returns an error if the
// configuration does not have all that is needed to sign in.
func Genesys(ctx context.Context, c *config.Config, o Options) (*genesys.Conn, error) {
	if err := c.NeedGenesys(); err != nil {
		return nil, err
	}
	region, err := region(c)
	if err != nil {
		return nil, err
	}
	o.Redact = cmp.Or(o.Redact, rest.NewRedactor())
	password, err := fromCommand(ctx, c, "genesys.client_secret_command", c.GenesysSecret, c.Genesys.ClientSecretCommand, o)
	if err != nil {
		return nil, err
	}
	conn, err := genesys.Connect(genesys.Options{
		Region: region, ClientID: c.Genesys.ClientID, Secret: password, Scope: c.Genesys.Scope,
		HTTP: o.HTTP, Retry: rest.Retry(c.Retry), RequestsPerMinute: c.Genesys.RequestsPerMinute, AtOnce: c.Concurrency.Genesys,
		Trace: o.Trace, UserAgent: o.UserAgent, Redact: o.Redact,
	})
	return conn, c.At("genesys", err)
}

// StateDir returns the state folder for pipeline.RunOptions: an absolute path, or journal.None. If the configuration does not
// name the folder, StateDir looks for it in env, the environment.
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

// Addresses checks the values that say where the services are, even those that a run does not use.
func Addresses(c *config.Config) error {
	_, cloudErr := cloud(c)
	wrong := []error{cloudErr}
	for _, one := range []struct {
		key, address string
		parse        func(string) (*url.URL, error)
	}{
		{"entra.login_url", c.Entra.LoginURL, graph.ParseLoginURL},
		{"entra.graph_url", c.Entra.GraphURL, graph.ParseGraphURL},
	} {
		if one.address != "" {
			_, err := one.parse(one.address)
			wrong = append(wrong, c.At(one.key, err))
		}
	}
	_, err := region(c)
	return config.Join(append(wrong, err)...)
}

// EntraHosts returns the hosts of Entra that the configuration names. It leaves out wrong addresses.
func EntraHosts(c *config.Config) []string {
	cloud, err := cloud(c)
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

// region returns the hosts of Genesys. If both URLs are configured, the region is not needed.
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
