package config

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/textfile"
)

// Load reads the configuration. A flag overrides CALLROLL_… in the environment, which overrides the file, which overrides the
// aliases in the environment, which override the default. Errors are of type [*Error] or [Errors], except if ctx has ended. If
// there are mistakes, Load also returns what it could read, so that other packages can check their values and report their
// mistakes too; it returns nil if it could read nothing. If a file is a pipe, Load waits for it until ctx ends.
func Load(ctx context.Context, opts Options) (*Config, error) {
	path, looked, err := choose(opts)
	if err != nil {
		return nil, err
	}
	c := newConfig(path)
	c.places.looked = looked
	c.fromAliases(opts.Env)
	f := newFile(c)
	switch {
	case opts.Draft != nil:
		c.places.file, c.places.draft = "", true
		err = f.parse(opts.Path, opts.Draft)
	case path != "":
		err = f.read(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	wrong := slices.Concat(f.wrong, c.fromEnv(opts.Env), c.unknownEnv(opts.Env))
	if opts.Timeout > 0 {
		c.Timeout, c.places.env["timeout"] = opts.Timeout, "--timeout"
	}
	if name := subdomainVariable; c.Genesys.Region == "" && opts.Env[name] != "" {
		c.Genesys.Subdomain, c.places.env["genesys.region"] = opts.Env[name], name
	}
	c.Entra.AuthorityHost = opts.Env[authorityVariable]
	for _, id := range []*string{&c.Entra.TenantID, &c.Entra.ClientID, &c.Genesys.ClientID, &c.Entra.ManagedIdentity} {
		*id = textfile.Trim(*id) // both services refuse a value with a line break
	}
	pathsErr := Join(c.resolvePaths(opts.Env, path), c.resolveCommands(opts.Env))
	stateErr := c.checkStateDir()
	var secretsErr error
	if !opts.WithoutSecrets {
		secretsErr = c.secrets(ctx, opts)
	}
	if secretsErr != nil && ctx.Err() != nil {
		return nil, secretsErr
	}
	authErr := c.chooseAuth()
	c.noteUnused(opts.Env)
	return c, Join(append(wrong, pathsErr, stateErr, secretsErr, authErr, c.check())...)
}

// checkStateDir refuses a relative path in a variable.
func (c *Config) checkStateDir() error {
	if c.places.env["state_dir"] == "" || c.StateDir == "none" || c.StateDir == "" || filepath.IsAbs(c.StateDir) {
		return nil
	}
	return c.At("state_dir", fmt.Errorf("%q is relative, and would be another folder wherever callroll is started; "+
		"give an absolute path, or none", c.StateDir))
}

// newConfig returns the configuration for a file that was not read yet.
func newConfig(path string) *Config {
	c := defaults()
	c.Path = Absolute(path)
	c.places = places{file: path, spots: map[string]spot{}, env: map[string]string{}, wrong: map[string]bool{}}
	return c
}

// fromAliases reads the variables that other tools use. If a key has several aliases, the first one that is set is used.
func (c *Config) fromAliases(env map[string]string) {
	for _, s := range c.settings() {
		for _, alias := range slices.Backward(s.aliases) {
			if value := env[alias]; value != "" {
				s.store(value)
				c.places.env[s.name] = alias
				c.places.mayBeSecret(value)
			}
		}
	}
}

func (c *Config) fromEnv(env map[string]string) (wrong []error) {
	for _, s := range c.settings() {
		text := env[s.variable()]
		if text == "" {
			continue
		}
		c.places.env[s.name] = s.variable()
		c.places.mayBeSecret(text)
		if value, err := s.parse(text); err != nil {
			wrong = append(wrong, c.At(s.name, err))
		} else {
			s.store(value)
		}
	}
	return wrong
}

// unknownEnv reports variables that begin with CALLROLL_ and are not settings. A variable whose name is close to that of a
// setting is a mistake. Others cause only a warning, because they may come from elsewhere: Kubernetes sets such variables for
// a service named callroll.
func (c *Config) unknownEnv(env map[string]string) []error {
	known := map[string]string{
		configVariable: "", entraSecretVariable: "entra.client_secret_file", genesysSecretVariable: "genesys.client_secret_file",
		passwordVariable: "entra.certificate_password_file",
	}
	for _, s := range c.settings() {
		known[s.variable()] = s.name
	}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if _, ours := known[name]; ours || env[name] == "" || !strings.HasPrefix(name, "CALLROLL_") {
			continue
		}
		meant, distance := nearest("", name, slices.Sorted(maps.Keys(known)))
		if distance > slip {
			c.Warnings = append(c.Warnings, fmt.Sprintf("the variable %s is not a setting of callroll and is ignored", name))
			continue
		}
		wrong = append(wrong, &Error{Place: name, Err: fmt.Errorf("no setting has this name; did you mean %s?", meant)})
		c.places.wrong[known[meant]] = true
	}
	return wrong
}

// besideFile resolves a relative path in the file relative to the folder of the file, so that it does not depend on the
// working directory. A path from the environment is not changed: it is relative to the working directory.
func (c *Config) besideFile(key, config, path string) string {
	if _, inFile := c.places.spots[key]; !inFile || path == "" || filepath.IsAbs(path) || c.places.env[key] != "" {
		return path
	}
	return filepath.Join(filepath.Dir(config), path)
}
