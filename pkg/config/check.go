package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/callroll/callroll/pkg/secret"
)

// secrets reads both client secrets from where they are: the variable of callroll, the file, then the aliases.
func (c *Config) secrets(env map[string]string, path string) error {
	var err error
	c.Entra.ClientSecretFile = c.beside("entra.client_secret_file", path, c.Entra.ClientSecretFile)
	c.EntraSecret, err = c.readSecret(env, entraSecretVariable, c.Entra.ClientSecretFile, entraSecretAliases())
	if err != nil {
		return c.At("entra.client_secret_file", err)
	}
	c.Genesys.ClientSecretFile = c.beside("genesys.client_secret_file", path, c.Genesys.ClientSecretFile)
	c.GenesysSecret, err = c.readSecret(env, genesysSecretVariable, c.Genesys.ClientSecretFile, genesysSecretAliases())
	return c.At("genesys.client_secret_file", err)
}

func (c *Config) readSecret(env map[string]string, variable, file string, aliases []string) (secret.String, error) {
	if value := secretOf(env, variable); value != "" {
		return secret.New(value), nil
	}
	if file != "" {
		s, err := secret.ReadFile(file)
		if err == nil && secret.EverybodyReads(file) {
			c.Hints = append(c.Hints, fmt.Sprintf("everybody on this machine may read the secret file %s; chmod 600 takes that away", file))
		}
		return s, err
	}
	for _, alias := range aliases {
		if value := secretOf(env, alias); value != "" {
			return secret.New(value), nil
		}
	}
	return secret.String{}, nil
}

// secretOf reads a secret from a variable as one is read from a file: without the new line that a shell may have left.
func secretOf(env map[string]string, variable string) string {
	value := strings.TrimRight(env[variable], "\r\n")
	if strings.TrimSpace(value) == "" {
		return ""
	}
	return value
}

// mostAtOnce bounds what one run asks of a service at the same time.
const mostAtOnce = 64

// check finds what is wrong in form whatever the command.
func (c *Config) check() error {
	if c.DisabledUsers != "keep" && c.DisabledUsers != "drop" {
		return c.At("disabled_users", fmt.Errorf("%q is neither keep nor drop", c.DisabledUsers))
	}
	if c.Timeout == 0 {
		return c.At("timeout", errors.New("wants a duration like 10m: no run goes on for ever"))
	}
	if c.Genesys.RequestsPerMinute < 1 {
		return c.At("genesys.requests_per_minute", errors.New("wants at least 1; Genesys allows 300"))
	}
	for key, n := range map[string]int{"concurrency.entra": c.Concurrency.Entra, "concurrency.genesys": c.Concurrency.Genesys} {
		if n < 1 || n > mostAtOnce {
			return c.At(key, fmt.Errorf("wants a number from 1 to %d", mostAtOnce))
		}
	}
	if c.Retry.Attempts < 1 {
		return c.At("retry.attempts", errors.New("wants at least 1: a request is sent once"))
	}
	if id := c.Entra.TenantID; id != "" && !regexp.MustCompile(`^[A-Za-z0-9.-]+$`).MatchString(id) {
		return c.At("entra.tenant_id", fmt.Errorf("%q is neither the id nor a domain of a tenant", id))
	}
	names, targets := map[string]int{}, map[string]int{}
	for i := range c.Groups {
		if err := c.checkGroup(i, names, targets); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkGroup(i int, names, targets map[string]int) error {
	g := &c.Groups[i]
	at := func(key string, err error) error { return c.At(fmt.Sprintf("groups[%d]%s", i, key), err) }
	switch {
	case strings.TrimSpace(g.Genesys) == "":
		return at("", errors.New("has no genesys: the id or the exact name of the Genesys group; callroll groups genesys lists them"))
	case len(g.Entra) == 0:
		return at("", errors.New("has no entra: the object id of the Entra group; callroll groups entra lists them"))
	}
	if g.Unmatched != "" && g.Unmatched != "refuse" && g.Unmatched != "accept" {
		return at(".unmatched", fmt.Errorf("%q is neither refuse nor accept", g.Unmatched))
	}
	if g.Name == "" {
		g.Name = g.Genesys
	}
	if isID(g.Genesys) {
		g.Genesys = strings.ToLower(g.Genesys)
	}
	for j, id := range g.Entra {
		if !isID(id) {
			return at(".entra", fmt.Errorf("%q is no object id, and names are not unique; callroll groups entra finds the id", id))
		}
		g.Entra[j] = strings.ToLower(id)
	}
	for j, ref := range g.Exclude {
		if !isID(ref) && !strings.Contains(ref, "@") {
			return at(".exclude", fmt.Errorf("%q is neither an object id nor a userPrincipalName", ref))
		}
		if isID(ref) {
			g.Exclude[j] = strings.ToLower(ref) // a name stays as it is: letters other than A to Z have no case here
		}
	}
	if first, twice := names[g.Name]; twice {
		return at("", fmt.Errorf("is called %q like groups[%d]; give one of them another name", g.Name, first))
	}
	if first, twice := targets[g.Genesys]; twice {
		return at(".genesys", fmt.Errorf("%q is the target of groups[%d] already; list several ids under entra to unite them", g.Genesys, first))
	}
	names[g.Name], targets[g.Genesys] = i, i
	return nil
}

// isID says whether s is an id as both services write it; the braces and prefixes that uuid knows besides are none.
func isID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }

// NeedEntra says what is missing to sign in to Entra.
func (c *Config) NeedEntra() error {
	switch {
	case c.Entra.TenantID == "":
		return c.missing("entra.tenant_id")
	case c.Entra.ClientID == "":
		return c.missing("entra.client_id")
	case c.EntraSecret.IsZero():
		return c.missingSecret("entra", entraSecretAliases())
	}
	return nil
}

// NeedGenesys says what is missing to sign in to Genesys.
func (c *Config) NeedGenesys() error {
	switch {
	case c.Genesys.Region == "" && c.Genesys.Subdomain == "" && (c.Genesys.LoginURL == "" || c.Genesys.APIURL == ""):
		return c.missing("genesys.region")
	case c.Genesys.ClientID == "":
		return c.missing("genesys.client_id")
	case c.GenesysSecret.IsZero():
		return c.missingSecret("genesys", genesysSecretAliases())
	}
	return nil
}

// NeedGroups says that there is nothing to work on.
func (c *Config) NeedGroups() error {
	if len(c.Groups) > 0 {
		return nil
	}
	return c.At("groups", errors.New("there is no group to keep: each entry has entra and genesys"))
}

func (c *Config) missing(name string) error {
	k, _ := find(keys(), name)
	hint := k.variable()
	if len(k.aliases) > 0 {
		hint += " or " + strings.Join(k.aliases, " or ")
	}
	return c.At(name, fmt.Errorf("is not set; the environment may have it as %s", hint))
}

func (c *Config) missingSecret(section string, aliases []string) error {
	return c.At(section+".client_secret_file", fmt.Errorf("there is no client secret: name a file that holds it, or set %s", strings.Join(aliases, " or ")))
}
