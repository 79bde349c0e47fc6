package config

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/callroll/callroll/pkg/textfile"
)

// Load reads the configuration: a flag goes before CALLROLL_… in the environment, that before the file, that before the
// aliases, and those before the default. Errors are of type *Error or Errors, but for what its context has ended. With an
// error comes what could be understood, so that the owners of its values can add what they find; nil if that is nothing.
// Pipes are waited for as long as the context says.
func Load(ctx context.Context, opts Options) (*Config, error) {
	path, looked, err := choose(opts)
	if err != nil {
		return nil, err
	}
	f := newFile("")
	if path != "" {
		if f, err = readFile(ctx, path); err != nil {
			return nil, err
		}
	}
	v := viper.New()
	c := &Config{places: f.places, Path: absolute(path)}
	c.places.looked = looked
	if err := merge(v, f, opts, c); err != nil {
		return nil, err
	}
	exact := func(dc *mapstructure.DecoderConfig) { dc.WeaklyTypedInput = false }
	if err := v.UnmarshalExact(c, exact); err != nil {
		return nil, &Error{Place: path, Err: err}
	}
	c.subdomain(opts.Env)
	for _, id := range []*string{&c.Entra.TenantID, &c.Entra.ClientID, &c.Genesys.ClientID} {
		*id = textfile.Trim(*id) // what was copied with a new line is refused by both services
	}
	c.CAFile = c.beside("ca_file", path, c.CAFile)
	f.wrong = append(f.wrong, c.stateDir(path))
	secretsErr := c.secrets(ctx, opts.Env, path)
	if secretsErr != nil && ctx.Err() != nil {
		return nil, secretsErr
	}
	return c, Join(append(f.wrong, secretsErr, c.check())...)
}

func (c *Config) stateDir(path string) error {
	if c.StateDir == "none" {
		return nil
	}
	if c.StateDir = c.beside("state_dir", path, c.StateDir); c.wandering("state_dir", c.StateDir) {
		return c.At("state_dir", fmt.Errorf("%q is relative, and would be another folder wherever callroll is started; "+
			"give an absolute path, or none", c.StateDir))
	}
	return nil
}

// merge hands viper the layers from the lowest to the highest.
func merge(v *viper.Viper, f *file, opts Options, c *Config) error {
	environment := map[string]any{}
	for _, k := range keys() {
		v.SetDefault(k.name, k.value)
		for _, alias := range slices.Backward(k.aliases) {
			if value := opts.Env[alias]; value != "" {
				v.SetDefault(k.name, value)
				c.places.mayBeSecret(value)
				if _, inFile := c.places.spots[k.name]; !inFile {
					c.places.env[k.name] = alias
				}
			}
		}
		if value := opts.Env[k.variable()]; value != "" {
			c.places.env[k.name] = k.variable()
			c.places.mayBeSecret(value)
			parsed, err := k.kind.parse(value)
			if err != nil {
				f.wrong = append(f.wrong, c.At(k.name, err))
				c.places.wrong[k.name] = true
				continue
			}
			insert(environment, k.name, parsed)
		}
	}
	f.wrong = append(f.wrong, c.strangers(opts.Env)...)
	if err := v.MergeConfigMap(f.values); err != nil {
		return &Error{Place: f.places.file, Err: err}
	}
	if err := v.MergeConfigMap(environment); err != nil {
		return &Error{Err: err}
	}
	for name, value := range opts.Flags {
		v.Set(name, value)
		c.places.env[name] = "--" + strings.ReplaceAll(name, "_", "-")
	}
	return nil
}

// strangers looks for variables that begin like ours and are none. One that nearly has the name of a setting is a
// mistake; any other may come from elsewhere (Kubernetes makes some for a service of that name) and is only mentioned.
func (c *Config) strangers(env map[string]string) []error {
	known := map[string]string{
		configVariable: "", entraSecretVariable: "entra.client_secret_file", genesysSecretVariable: "genesys.client_secret_file",
	}
	for _, k := range keys() {
		known[k.variable()] = k.name
	}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if _, ours := known[name]; ours || env[name] == "" || !strings.HasPrefix(name, "CALLROLL_") {
			continue
		}
		meant, distance := "", slip+1
		for _, k := range slices.Sorted(maps.Keys(known)) {
			if d := levenshtein.ComputeDistance(name, k); d < distance {
				meant, distance = k, d
			}
		}
		if meant == "" {
			c.Warnings = append(c.Warnings, fmt.Sprintf("the variable %s is not a setting of callroll and is ignored", name))
			continue
		}
		wrong = append(wrong, &Error{Place: name, Err: fmt.Errorf("no setting has this name; did you mean %s?", meant)})
		c.places.wrong[known[meant]] = true
	}
	return wrong
}

// subdomain takes over GENESYS_SUBDOMAIN, where nothing else names a region.
func (c *Config) subdomain(env map[string]string) {
	if c.Genesys.Region == "" && env[subdomainVariable] != "" {
		c.Genesys.Subdomain = env[subdomainVariable]
		c.places.env["genesys.region"] = subdomainVariable
	}
}

// wandering says whether a path from the environment depends on the working directory.
func (c *Config) wandering(key, path string) bool {
	return c.places.env[key] != "" && path != "" && !filepath.IsAbs(path)
}

// beside makes a path that stands in the file relative to the file, so that it means the same from everywhere. One from
// the environment is relative to the working directory, as paths there are.
func (c *Config) beside(key, config, path string) string {
	if _, inFile := c.places.spots[key]; !inFile || path == "" || filepath.IsAbs(path) || c.places.env[key] != "" {
		return path
	}
	return filepath.Join(filepath.Dir(config), path)
}
