package config

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/callroll/callroll/pkg/internal/guid"
	"github.com/callroll/callroll/pkg/secret"
	"github.com/callroll/callroll/pkg/textfile"
)

// secrets reads the secrets that are in variables and files. For each it uses the first of: the variable of callroll, the file,
// the aliases.
func (c *Config) secrets(ctx context.Context, opts Options) error {
	var wrong []error
	for _, one := range []struct {
		key      string
		into     *secret.String
		file     string
		variable string
		aliases  []string
	}{
		{"entra.client_secret_file", &c.EntraSecret, c.Entra.ClientSecretFile, entraSecretVariable, entraSecretAliases()},
		{"genesys.client_secret_file", &c.GenesysSecret, c.Genesys.ClientSecretFile, genesysSecretVariable, genesysSecretAliases()},
		{"entra.certificate_password_file", &c.Password, c.Entra.CertificatePasswordFile, passwordVariable, passwordAliases()},
	} {
		if s, ok := opts.Secrets[one.key]; ok {
			*one.into = s
			continue
		}
		var err error
		*one.into, err = c.readSecret(ctx, opts.Env, one.key, one.file, append([]string{one.variable}, one.aliases...))
		if err != nil && ctx.Err() != nil { // do not wait for another pipe
			return c.At(one.key, err)
		}
		if err != nil {
			c.places.wrong[one.key] = true
			wrong = append(wrong, c.At(one.key, err))
		}
	}
	if file := c.Entra.CertificateFile; file != "" && !c.isUnused("entra.certificate_file") && secret.EverybodyReads(file) {
		c.Readable = append(c.Readable, file)
	}
	return Join(wrong...)
}

// readSecret reads a secret from the first variable if that is set, from the file, or from one of the other variables. A command
// comes before those, too.
func (c *Config) readSecret(
	ctx context.Context, env map[string]string, key, file string, variables []string,
) (secret.String, error) {
	fromVariable := func(name string) secret.String {
		value := textfile.Trim(env[name])
		if value != "" {
			c.places.env[key] = name
		}
		return secret.New(value)
	}
	if s := fromVariable(variables[0]); !s.IsZero() {
		return s, nil
	}
	if file != "" && c.isUnused(key) {
		return secret.String{}, nil
	}
	if file != "" {
		s, err := secret.ReadFile(ctx, file)
		if err == nil && secret.EverybodyReads(file) {
			c.Readable = append(c.Readable, file)
		}
		return s, err
	}
	if c.Given(commandKey(key)) {
		return secret.String{}, nil
	}
	for _, alias := range variables[1:] {
		if s := fromVariable(alias); !s.IsZero() {
			return s, nil
		}
	}
	return secret.String{}, nil
}

// mostAtOnce is the maximum number of concurrent requests to a service.
const mostAtOnce = 64

// check returns the mistakes that do not depend on the command.
func (c *Config) check() error {
	var wrong []error
	at := func(key string, isWrong bool, format string, args ...any) {
		if isWrong {
			wrong = append(wrong, c.At(key, fmt.Errorf(format, args...)))
		}
	}
	at("disabled_users", c.DisabledUsers != "keep" && c.DisabledUsers != "drop", "%q is neither keep nor drop", c.DisabledUsers)
	at("timeout", c.Timeout == 0, "must be a duration like 10m: no run may go on for ever")
	at("genesys.requests_per_minute", c.Genesys.RequestsPerMinute < 1, "must be at least 1; Genesys allows 300")
	for key, n := range map[string]int{"concurrency.entra": c.Concurrency.Entra, "concurrency.genesys": c.Concurrency.Genesys} {
		at(key, n < 1 || n > mostAtOnce, "must be a number from 1 to %d", mostAtOnce)
	}
	at("retry.attempts", c.Retry.Attempts < 1, "must be at least 1: a request is sent once")
	c.checkIDs(at)
	names, targets := map[string]int{}, map[string]int{}
	for i := range c.Groups {
		wrong = append(wrong, c.checkGroup(i, names, targets)...)
	}
	return Join(wrong...)
}

// checkIDs checks the form of ids, because both services answer a wrong one with an error that names something else.
func (c *Config) checkIDs(at func(key string, isWrong bool, format string, args ...any)) {
	id := c.Entra.TenantID
	at("entra.tenant_id", id != "" && !guid.Is(id) && !regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`).MatchString(id),
		"%q is neither the id nor a domain of a tenant", id)
	for key, id := range map[string]string{"entra.client_id": c.Entra.ClientID, "genesys.client_id": c.Genesys.ClientID} {
		at(key, id != "" && !guid.Is(id), "%q is not the id of a client, which has the form of a UUID", id)
	}
	at("entra.client_secret_file", guid.Is(c.EntraSecret.Reveal()) && !c.isUnused("entra.client_secret_file"),
		"it holds the id of a client secret and not its value; Entra shows the value only once, so make a new secret "+
			"and copy its value")
}

// checkGroup returns the mistakes in one entry of groups. A key that already has a mistake is not reported as missing.
func (c *Config) checkGroup(i int, names, targets map[string]int) (wrong []error) {
	g := &c.Groups[i]
	name := fmt.Sprintf("groups[%d]", i)
	at := func(key, format string, args ...any) {
		wrong = append(wrong, c.At(name+key, fmt.Errorf(format, args...)))
	}
	if c.places.said(name) {
		return nil
	}
	hasTarget := strings.TrimSpace(g.Genesys) != ""
	if !hasTarget && !c.places.said(name+".genesys") {
		at("", "has no genesys: the id or the exact name of the Genesys group; callroll groups genesys lists them")
	}
	if len(g.Entra) == 0 && !c.places.said(name+".entra") {
		at("", "has no entra: the object id of the Entra group; callroll groups entra lists them")
	}
	for j, id := range g.Entra {
		if !guid.Is(id) {
			at(".entra", "%q is not an object id, and names are not unique; callroll groups entra finds the id", id)
		}
		g.Entra[j] = strings.ToLower(id)
	}
	for j, ref := range g.Exclude {
		if !guid.Is(ref) && !strings.Contains(ref, "@") {
			at(".exclude", "%q is neither an object id nor a userPrincipalName", ref)
		}
		if guid.Is(ref) {
			g.Exclude[j] = strings.ToLower(ref) // not a name: only A to Z are compared without case
		}
	}
	for _, id := range repeated(g.Entra) { // duplicates in exclude and protect have no effect
		at(".entra", "%q is in the list twice; was another one meant?", id)
	}
	for key, value := range map[string]string{".unmatched": g.Unmatched, ".rules": g.Rules} {
		if value != "" && value != "refuse" && value != "accept" {
			at(key, "%q is neither refuse nor accept", value)
		}
	}
	if g.Name == "" {
		g.Name = g.Genesys
	}
	if guid.Is(g.Genesys) {
		g.Genesys = strings.ToLower(g.Genesys)
	}
	if first, twice := names[g.Name]; !twice {
		names[g.Name] = i
	} else if g.Name != "" {
		at("", "is called %q like groups[%d]; give one of them another name", g.Name, first)
	}
	if first, twice := targets[g.Genesys]; !twice {
		targets[g.Genesys] = i
	} else if hasTarget {
		at(".genesys", "%q is the target of groups[%d] already; list several ids under entra to unite them", g.Genesys, first)
	}
	return wrong
}

// repeated returns the values that are in a list more than once.
func repeated(values []string) (out []string) {
	seen := map[string]int{}
	for _, value := range values {
		if seen[value]++; seen[value] == 2 {
			out = append(out, value)
		}
	}
	return out
}
