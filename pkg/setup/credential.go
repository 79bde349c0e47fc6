package setup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/certificate"
	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/idtoken"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// credential returns how the application signs in to Entra. It reads what can be read before the first request, so that a
// mistake is found then.
func credential(ctx context.Context, c *config.Config, cloud graph.Cloud, o Options) (graph.Credential, error) {
	switch c.Entra.Auth {
	case config.AuthCertificate:
		read, err := readCertificate(ctx, c, o)
		return graph.Credential{Certificate: read, SendX5C: c.Entra.SendX5C}, err
	case config.AuthFederated:
		source, err := assertion(ctx, c, cloud, o)
		return graph.Credential{Assertion: source}, err
	case config.AuthManagedIdentity:
		for _, name := range []string{"IDENTITY_HEADER", "MSI_SECRET"} { // the secrets of the end points, which MSAL sends
			o.Redact.Add(secret.New(o.Env[name]))
		}
		return graph.Credential{ManagedIdentity: c.Entra.ManagedIdentity}, nil
	}
	s, err := fromCommand(ctx, c, "entra.client_secret_command", c.EntraSecret, c.Entra.ClientSecretCommand, o)
	if err == nil && membership.IsID(s.Reveal()) {
		err = c.At("entra.client_secret_command", errors.New("the command returns the id of a client secret and not its value"))
	}
	return graph.Credential{Secret: s}, err
}

// credentialEnd returns when a credential expires, or the zero time if that is not known.
func credentialEnd(c *config.Config, credential graph.Credential) time.Time {
	switch {
	case credential.Certificate != nil:
		return credential.Certificate.Leaf().NotAfter
	case !credential.Secret.IsZero():
		end, _ := c.SecretEnd() // was checked when the configuration was read
		return end
	}
	return time.Time{}
}

// fromCommand returns have, or the output of the command if have is empty and there is a command. A command that was started and
// failed makes the run end as a service that does not answer: the next run may succeed.
func fromCommand(
	ctx context.Context, c *config.Config, key string, have secret.String, command []string, o Options,
) (secret.String, error) {
	if !have.IsZero() || len(command) == 0 {
		o.Redact.Add(have)
		return have, nil
	}
	s, err := secret.ReadCommand(ctx, command, commandEnv(o.Env))
	if failed, ok := errors.AsType[*secret.CommandError](err); ok {
		return s, membership.Fail(membership.Unavailable, fmt.Errorf("%s: %w", c.Source(key), failed))
	}
	if err != nil && ctx.Err() != nil {
		return s, err
	}
	o.Redact.Add(s)
	return s, c.At(key, err)
}

// commandEnv returns the environment for a command, sorted. It leaves out the secrets that are meant for callroll alone.
func commandEnv(env map[string]string) []string {
	pairs := []string{} // not nil, which would be the environment of the process
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !slices.Contains(config.SecretVariables(), name) {
			pairs = append(pairs, name+"="+env[name])
		}
	}
	return pairs
}

// readCertificate reads the certificate and its key.
func readCertificate(ctx context.Context, c *config.Config, o Options) (*certificate.Certificate, error) {
	password, err := fromCommand(ctx, c, "entra.certificate_password_command", c.Password, c.Entra.CertificatePasswordCommand, o)
	if err != nil {
		return nil, err
	}
	data, err := secret.ReadData(ctx, c.Entra.CertificateFile)
	if err != nil {
		return nil, c.At("entra.certificate_file", err)
	}
	read, err := certificate.Parse(data, password, time.Now())
	if err != nil {
		return nil, c.At("entra.certificate_file", err)
	}
	return &read, nil
}

// assertion returns the source of federated tokens. A token file is read once here, and again at each sign-in.
func assertion(ctx context.Context, c *config.Config, cloud graph.Cloud, o Options) (idtoken.Source, error) {
	options := rest.Options{
		HTTP: o.HTTP, Retry: rest.Retry(c.Retry), Trace: o.Trace, UserAgent: o.UserAgent, Redact: o.Redact,
	}
	switch c.Entra.Federated {
	case config.GitHub:
		source, err := idtoken.GitHub(o.Env, cloud.TokenAudience, options)
		return source, c.At("entra.federated", err)
	case config.AzureDevOps:
		source, err := idtoken.AzureDevOps(o.Env, c.Entra.ServiceConnection, options)
		return source, c.At("entra.federated", err)
	}
	file, key := c.Entra.FederatedTokenFile, "entra.federated_token_file"
	if file == "" {
		var err error
		key = "entra.federated"
		if file, err = idtoken.Kubernetes(o.Env); err != nil {
			return nil, c.At(key, err)
		}
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, c.At(key, errors.New("it must be a regular file, because it is read again at each sign-in"))
	}
	if _, err := secret.ReadFile(ctx, file); err != nil {
		return nil, c.At(key, err)
	}
	return idtoken.File(file), nil
}

// cloud returns the cloud of the configuration. If it has none, the cloud is that of AZURE_AUTHORITY_HOST, which Azure's own
// tools use.
func cloud(c *config.Config) (graph.Cloud, error) {
	host := c.Entra.AuthorityHost
	if host == "" || c.Given("entra.cloud") || c.Given("entra.login_url") {
		cloud, err := graph.ParseCloud(c.Entra.Cloud)
		return cloud, c.At("entra.cloud", err)
	}
	if !strings.Contains(host, "://") {
		host = "https://" + host
	}
	if u, err := url.Parse(host); err == nil {
		if cloud, known := graph.CloudOfLogin(u.Host); known {
			return cloud, nil
		}
	}
	return graph.Cloud{}, &config.Error{Place: "AZURE_AUTHORITY_HOST", Err: errors.New(
		"this is the sign-in of no cloud that callroll knows; set entra.login_url and entra.graph_url")}
}
