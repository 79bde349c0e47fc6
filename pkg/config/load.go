package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// Load reads the configuration: a flag goes before CALLROLL_… in the environment, that before the file, that before the
// aliases, and those before the default. Every error is an *Error.
func Load(opts Options) (*Config, error) {
	path, err := choose(opts)
	if err != nil {
		return nil, err
	}
	f := &file{values: map[string]any{}, places: places{lines: map[string]int{}, env: map[string]string{}}}
	if path != "" {
		if f, err = readFile(path); err != nil {
			return nil, err
		}
	}
	v := viper.New()
	c := &Config{places: f.places, Path: absolute(path)}
	if err := merge(v, f, opts, c); err != nil {
		return nil, err
	}
	exact := func(dc *mapstructure.DecoderConfig) { dc.WeaklyTypedInput = false }
	if err := v.UnmarshalExact(c, exact); err != nil {
		return nil, &Error{Place: path, Err: err}
	}
	c.subdomain(opts.Env)
	c.CAFile = c.beside("ca_file", path, c.CAFile)
	if c.StateDir != "none" {
		if c.StateDir = c.beside("state_dir", path, c.StateDir); c.wandering("state_dir", c.StateDir) {
			return nil, c.At("state_dir", fmt.Errorf("%q is relative, and would be another folder wherever callroll is started; "+
				"give an absolute path, or none", c.StateDir))
		}
	}
	if err := c.secrets(opts.Env, path); err != nil {
		return nil, err
	}
	return c, c.check()
}

// choose finds the file. That there is none is no error yet: the environment may hold all that a command needs.
func choose(opts Options) (string, error) {
	if opts.Path != "" {
		return opts.Path, nil
	}
	if path := opts.Env[configVariable]; path != "" {
		return path, nil
	}
	for _, path := range SearchPath() {
		_, err := os.Stat(path)
		if err == nil {
			return path, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return "", &Error{Place: path, Err: reason(err)}
		}
	}
	return "", nil
}

// merge hands viper the layers from the lowest to the highest.
func merge(v *viper.Viper, f *file, opts Options, c *Config) error {
	environment := map[string]any{}
	for _, k := range keys() {
		v.SetDefault(k.name, k.value)
		for _, alias := range slices.Backward(k.aliases) {
			if value := opts.Env[alias]; value != "" {
				v.SetDefault(k.name, value)
				if _, inFile := c.places.lines[k.name]; !inFile {
					c.places.env[k.name] = alias
				}
			}
		}
		if value := opts.Env[k.variable()]; value != "" {
			parsed, err := k.kind.parse(value)
			if err != nil {
				return &Error{Place: k.variable(), Err: err}
			}
			insert(environment, k.name, parsed)
			c.places.env[k.name] = k.variable()
		}
	}
	if err := c.strangers(opts.Env); err != nil {
		return err
	}
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
func (c *Config) strangers(env map[string]string) error {
	known := []string{configVariable, entraSecretVariable, genesysSecretVariable}
	for _, k := range keys() {
		known = append(known, k.variable())
	}
	var found []string
	for name, value := range env {
		if value != "" && strings.HasPrefix(name, "CALLROLL_") && !slices.Contains(known, name) {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	for _, name := range found {
		for _, k := range known {
			if levenshtein.ComputeDistance(name, k) <= 2 {
				return &Error{Place: name, Err: fmt.Errorf("no setting has this name; did you mean %s?", k)}
			}
		}
		c.Warnings = append(c.Warnings, fmt.Sprintf("the variable %s is no setting of callroll and counts for nothing", name))
	}
	return nil
}

// subdomain takes over GENESYS_SUBDOMAIN, where nothing else names a region.
func (c *Config) subdomain(env map[string]string) {
	if c.Genesys.Region == "" && env["GENESYS_SUBDOMAIN"] != "" {
		c.Genesys.Subdomain = env["GENESYS_SUBDOMAIN"]
		c.places.env["genesys.region"] = "GENESYS_SUBDOMAIN"
	}
}

// wandering says whether a path from the environment depends on the working directory.
func (c *Config) wandering(key, path string) bool {
	return c.places.env[key] != "" && path != "" && !filepath.IsAbs(path)
}

// beside makes a path that stands in the file relative to the file, so that it means the same from everywhere. One from
// the environment is relative to the working directory, as paths there are.
func (c *Config) beside(key, config, path string) string {
	if _, inFile := c.places.lines[key]; !inFile || path == "" || filepath.IsAbs(path) || c.places.env[key] != "" {
		return path
	}
	return filepath.Join(filepath.Dir(config), path)
}
