package config

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// NeedEntra returns an error that lists what is missing to sign in to Entra.
func (c *Config) NeedEntra() error {
	switch c.Entra.Auth {
	case AuthManagedIdentity: // Azure knows the tenant and the client
		return nil
	case AuthCertificate:
		return Join(c.missingEntraIDs(), c.missing("entra.certificate_file", c.Entra.CertificateFile != ""))
	case AuthFederated:
		is := c.Entra.Federated != "" || c.Entra.FederatedTokenFile != ""
		return Join(c.missingEntraIDs(), c.missing("entra.federated_token_file", is))
	}
	is := !c.EntraSecret.IsZero() || len(c.Entra.ClientSecretCommand) > 0
	return Join(c.missingEntraIDs(), c.missingSecret("entra.client_secret_file", is, entraSecretAliases()))
}

func (c *Config) missingEntraIDs() error {
	return Join(c.missing("entra.tenant_id", c.Entra.TenantID != ""), c.missing("entra.client_id", c.Entra.ClientID != ""))
}

// NeedGenesys returns an error that lists what is missing to sign in to Genesys.
func (c *Config) NeedGenesys() error {
	addressed := c.Genesys.Region != "" || c.Genesys.Subdomain != "" || c.Genesys.LoginURL != "" && c.Genesys.APIURL != ""
	return Join(
		c.missing("genesys.region", addressed),
		c.missing("genesys.client_id", c.Genesys.ClientID != ""),
		c.missingSecret("genesys.client_secret_file",
			!c.GenesysSecret.IsZero() || len(c.Genesys.ClientSecretCommand) > 0, genesysSecretAliases()),
	)
}

// NeedGroups returns an error if no groups are configured.
func (c *Config) NeedGroups() error {
	if len(c.Groups) > 0 || c.places.said("groups") {
		return nil
	}
	if err := c.NeedFile(); err != nil {
		return err // only a file can have groups
	}
	place, at := c.place("groups")
	return &Error{
		Place: place, Err: errors.New("there is no group to keep: each entry has entra and genesys"),
		hint: "callroll map --same-name prints entries", hide: c.places.hide, spot: at,
	}
}

// NeedFile returns an error if there is no configuration file. The error says where callroll has looked for it.
func (c *Config) NeedFile() error {
	if c.places.file != "" || c.places.draft {
		return nil
	}
	where := "the working directory"
	if dir, err := os.Getwd(); err == nil {
		where = dir
	}
	return &Error{
		Err:  fmt.Errorf("no callroll.yaml in %s; callroll looked at %s", where, strings.Join(c.places.looked, " and ")),
		hint: "callroll init writes one; name another file with --config or the variable " + configVariable,
	}
}

// missing returns an error that says how to set a key that is not set. It returns nil if the key already has a mistake.
func (c *Config) missing(name string, is bool) error {
	if is || c.places.said(name) {
		return nil
	}
	s, _ := find(c.settings(), name)
	variables := strings.Join(append([]string{s.variable()}, s.aliases...), " or ")
	return c.At(name, fmt.Errorf("is not set; the environment may have it as %s", variables))
}

func (c *Config) missingSecret(name string, is bool, aliases []string) error {
	if is || c.places.said(name) || c.places.said(commandKey(name)) {
		return nil
	}
	return c.At(name, fmt.Errorf("there is no client secret: name a file that holds it, or set %s",
		strings.Join(aliases, " or ")))
}
